// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.agent.core.container.ContainerEvent;
import io.meseta.agent.core.container.ExitStatus;
import io.meseta.agent.core.recovery.Compatibility;
import io.meseta.agent.core.recovery.RecoveredState;
import io.meseta.agent.core.recovery.TaskRecord;
import io.meseta.agent.core.recovery.Write;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.AcknowledgeOperationStatusMessage;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.ResourceState;
import io.meseta.wire.internal.ResourceVersionUUID;
import io.meseta.wire.internal.StatusUpdateRecord;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.UUID;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecoveryTest {
  private static final FrameworkInfo FRAMEWORK = Driver.framework(true);

  /// What a new agent reads after `before` was killed.
  private static RecoveredState read(Driver before, boolean rebooted) throws Exception {
    var disk = before.disk();
    var runs = new ArrayList<RecoveredState.Run>();
    FrameworkInfo framework = null;
    for (var entry : disk.entrySet()) {
      if (entry.getKey().endsWith("/framework.info")) {
        framework = FrameworkInfo.parseFrom(entry.getValue().getFirst());
      }
      if (entry.getKey().endsWith("/executor.info")) {
        var executor = ExecutorInfo.parseFrom(entry.getValue().getFirst());
        var tasks = new ArrayList<RecoveredState.TaskState>();
        var folder = entry.getKey().replace("executor.info", "runs/");
        var container = "";
        for (var file : disk.entrySet()) {
          if (file.getKey().startsWith(folder) && file.getKey().endsWith("/task.info")) {
            container = file.getKey().substring(folder.length()).split("/")[0];
            var record = TaskRecord.decode(file.getValue().getFirst().toByteArray());
            var records = new ArrayList<StatusUpdateRecord>();
            for (var bytes :
                disk.getOrDefault(file.getKey().replace("task.info", "task.updates"), List.of())) {
              records.add(StatusUpdateRecord.parseFrom(bytes));
            }
            tasks.add(
                new RecoveredState.TaskState(
                    record.task(), record.info(), record.containerId(), records));
          }
        }
        boolean over = disk.containsKey(folder + container + "/executor.sentinel");
        runs.add(new RecoveredState.Run(executor, container, tasks, over));
      }
    }
    return new RecoveredState(
        Optional.of(
            AgentInfo.parseFrom(disk.get("/var/agent/meta/slaves/M-S0/slave.info").getFirst())),
        rebooted,
        disk.containsKey("/var/agent/meta/resources/resources_and_operations.state")
            ? ResourceState.parseFrom(
                disk.get("/var/agent/meta/resources/resources_and_operations.state").getFirst())
            : ResourceState.getDefaultInstance(),
        Optional.empty(),
        framework == null
            ? List.of()
            : List.of(new RecoveredState.Framework(framework, "@0.0.0.0:0", runs)),
        List.of(),
        0);
  }

  /// Found by the simulation, seed 9015: such a task stayed TASK_STAGING for ever.
  @Test
  @Covers("G02")
  void aTaskThatComesBeforeTheIdIsWrittenIsRunAfterwards() {
    var driver = new Driver();
    driver.on(new AgentEvent.Recovered(RecoveredState.none()));
    driver.on(new AgentEvent.MasterDetected(Optional.of(Driver.master())));
    driver.advance(java.time.Duration.ofSeconds(1));
    driver.holdWrites = true;
    driver.from(
        io.meseta.wire.internal.SlaveRegisteredMessage.newBuilder()
            .setSlaveId(Driver.agentId())
            .build());
    assertThat(driver.run(FRAMEWORK, Driver.task("t"))).isEmpty();
    driver.sent.clear();
    driver.advance(java.time.Duration.ofSeconds(5));
    assertThat(driver.sent).as("it is admitted already").isEmpty();
    driver.holdWrites = false;
    driver.release();
    assertThat(driver.launched).hasSize(1);
  }

  /// Found by the simulation, seed 9017: as seed 6006, with the task over before the
  /// acknowledgement.
  @Test
  @Covers("G02")
  void aNewUpdateWaitsForTheWrittenAcknowledgement() {
    var driver = Driver.running();
    var killing =
        Driver.framework(true, FrameworkInfo.Capability.Type.TASK_KILLING_STATE).toBuilder();
    killing.getIdBuilder().setValue("F2");
    var other = driver.runFully(killing.build(), Driver.task("u"));
    driver.sent.clear();
    driver.from(
        io.meseta.wire.internal.KillTaskMessage.newBuilder()
            .setFrameworkId(killing.getId())
            .setTaskId(Driver.task("u").getTaskId())
            .build());
    driver.holdWrites = true;
    driver.exited(other, 0);
    driver.acknowledge();
    long exit = driver.held.poll();
    driver.on(new AgentEvent.Persisted(exit));
    assertThat(driver.states()).containsExactly(TaskState.TASK_KILLING);
    driver.holdWrites = false;
    driver.release();
    assertThat(driver.states()).containsExactly(TaskState.TASK_KILLING, TaskState.TASK_KILLED);
  }

  /// Found by the simulation, seed 6008: the agent was killed between an acknowledgement and the
  /// sentinel of the executor; the next one then forgot all other tasks of the framework.
  @Test
  @Covers({"G02", "W02"})
  void aDoneExecutorDoesNotHideTheOthers() throws Exception {
    var before = Driver.running();
    var done = before.runFully(FRAMEWORK, Driver.task("a"));
    var running = before.runFully(FRAMEWORK, Driver.task("b"));
    before.exited(done, 0);
    before.acknowledge();
    before.writes.removeIf(
        write -> write instanceof Write.Put put && put.path().endsWith("executor.sentinel"));

    var after = new Driver();
    after.on(new AgentEvent.Recovered(read(before, false)));
    after.started(running);
    after.on(new AgentEvent.MasterDetected(Optional.of(Driver.master())));
    after.advance(java.time.Duration.ofSeconds(3));
    assertThat(after.sent(ReregisterSlaveMessage.class).getFirst().getTasksList())
        .extracting(task -> task.getTaskId().getValue())
        .containsExactly("b");
  }

  /// Found by the simulation, seed 6006: a restarted agent went back to TASK_KILLING after the
  /// scheduler had seen TASK_KILLED.
  @Test
  @Covers("G02")
  void theNextUpdateWaitsForTheWrittenAcknowledgement() {
    var driver = Driver.running();
    driver.started(driver.run(FRAMEWORK, Driver.task("t")));
    assertThat(driver.states()).containsExactly(TaskState.TASK_STARTING);
    driver.holdWrites = true;
    driver.acknowledge();
    driver.reregister();
    assertThat(driver.states()).as("nothing before it is written").isEmpty();
    driver.holdWrites = false;
    driver.release();
    assertThat(driver.states()).contains(TaskState.TASK_RUNNING);
  }

  /// Found by the simulation, seed 101: the kill was forgotten and the task reported as failed.
  @Test
  @Covers("G02")
  void aKillSurvivesTheAgent() throws Exception {
    var before = Driver.running();
    var container = before.runFully(FRAMEWORK, Driver.task("t"));
    before.kill("t");

    var after = new Driver();
    after.on(new AgentEvent.Recovered(read(before, false)));
    after.started(container);
    after.signalled(container, 15);
    after.reregister();
    assertThat(after.states()).containsOnly(TaskState.TASK_KILLED);
  }

  @Test
  @Covers({"G02", "W02"})
  void aRunningTaskIsKept() throws Exception {
    var before = Driver.running();
    var container = before.runFully(FRAMEWORK, Driver.task("t"));

    var after = new Driver();
    after.on(new AgentEvent.Recovered(read(before, false)));
    after.on(new AgentEvent.MasterDetected(Optional.of(Driver.master())));
    after.advance(java.time.Duration.ofSeconds(3));
    assertThat(after.sent).as("before the containers answered").isEmpty();
    after.started(container);
    after.advance(java.time.Duration.ofSeconds(3));
    var message = after.sent(ReregisterSlaveMessage.class).getFirst();
    assertThat(message.getSlave().getId()).isEqualTo(Driver.agentId());
    assertThat(message.getFrameworksList()).containsExactly(FRAMEWORK);
    assertThat(message.getTasksList())
        .singleElement()
        .satisfies(task -> {
          assertThat(task.getState()).isEqualTo(TaskState.TASK_RUNNING);
          assertThat(task.hasExecutorId()).isFalse();
        });
    assertThat(message.getExecutorInfosList()).isEmpty();
    after.reregister();
    assertThat(after.states()).isEmpty();
    after.exited(container, 0);
    assertThat(after.lastStatus().getState()).isEqualTo(TaskState.TASK_FINISHED);
  }

  @Test
  @Covers({"G02", "E05"})
  void whatIsOwedIsOwedAgain() throws Exception {
    var before = Driver.running();
    var container = before.run(FRAMEWORK, Driver.task("t"));
    before.started(container);
    before.acknowledge(); // STARTING; RUNNING is owed

    var after = new Driver();
    after.on(new AgentEvent.Recovered(read(before, false)));
    after.on(
        new AgentEvent.FromContainer(
            new ContainerEvent.Exited(container, new ExitStatus.Exited(5))));
    after.reregister();
    assertThat(after.states()).containsExactly(TaskState.TASK_RUNNING);
    after.acknowledge();
    assertThat(after.states()).endsWith(TaskState.TASK_FAILED);
    after.acknowledge();

    var third = new Driver();
    third.writes.addAll(before.writes);
    third.writes.addAll(after.writes);
    third.on(new AgentEvent.Recovered(read(third, false)));
    assertThat(third.snapshot().frameworks()).isEmpty();
    assertThat(third.snapshot().phase()).isEqualTo(Agent.Phase.DISCONNECTED);
  }

  @Test
  @Covers("E05")
  void aTaskThatWasNeverStartedIsDropped() throws Exception {
    var before = Driver.running();
    var container =
        before.run(
            Driver.framework(true, FrameworkInfo.Capability.Type.PARTITION_AWARE),
            Driver.task("t"));
    var after = new Driver();
    after.on(new AgentEvent.Recovered(read(before, false)));
    after.on(
        new AgentEvent.FromContainer(
            new ContainerEvent.Exited(container, new ExitStatus.Unknown("it was never started"))));
    after.reregister();
    assertThat(after.lastStatus().getState()).isEqualTo(TaskState.TASK_DROPPED);
    assertThat(after.lastStatus().getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_RESTARTED);
  }

  @Test
  @Covers("X02")
  void groupsAreFoundAgain() throws Exception {
    var before = Driver.running();
    var containers = before.runGroup(FRAMEWORK, Driver.task("a"), Driver.task("b"));
    containers.forEach(before::started);
    var after = new Driver();
    after.on(new AgentEvent.Recovered(read(before, false)));
    containers.forEach(after::started);
    after.on(new AgentEvent.MasterDetected(Optional.of(Driver.master())));
    after.advance(java.time.Duration.ofSeconds(1));
    assertThat(after.sent(ReregisterSlaveMessage.class).getFirst().getExecutorInfosList())
        .singleElement()
        .satisfies(executor -> assertThat(executor.getFrameworkId()).isEqualTo(FRAMEWORK.getId()));
  }

  @Test
  @Covers("G02")
  void cleanupKillsWhatItFinds() throws Exception {
    var before = Driver.running();
    var container = before.runFully(FRAMEWORK, Driver.task("t"));
    var after = new Driver(Driver.config(true));
    after.on(new AgentEvent.Recovered(read(before, false)));
    after.started(container);
    assertThat(after.effects(Effect.SignalContainer.class)).isNotEmpty();
    after.signalled(container, 15);
    assertThat(after.effects(Effect.Exit.class)).hasSize(1);
  }

  @Test
  @Covers({"R04", "R05", "W03"})
  void reservationsAndVolumesAreKept() throws Exception {
    var before = Driver.running();
    before.reregister();
    var version = before.sent(UpdateSlaveMessage.class).getLast().getResourceVersionUuid();
    var reserved =
        Driver.scalar("disk", 100).toBuilder()
            .addReservations(
                Resource.ReservationInfo.newBuilder()
                    .setType(Resource.ReservationInfo.Type.DYNAMIC)
                    .setRole("a/b"))
            .build();
    var volume = reserved.toBuilder();
    volume.getDiskBuilder().getPersistenceBuilder().setId("v1");
    volume
        .getDiskBuilder()
        .getVolumeBuilder()
        .setContainerPath("data")
        .setMode(io.meseta.wire.v1.Volume.Mode.RW);
    var reserve = Offer.Operation.newBuilder().setType(Offer.Operation.Type.RESERVE);
    reserve.getReserveBuilder().addResources(reserved);
    var create = Offer.Operation.newBuilder().setType(Offer.Operation.Type.CREATE);
    create.getCreateBuilder().addVolumes(volume);
    for (var operation : List.of(reserve, create)) {
      before.from(
          ApplyOperationMessage.newBuilder()
              .setOperationInfo(operation)
              .setOperationUuid(
                  UUID.newBuilder()
                      .setValue(
                          com.google.protobuf.ByteString.copyFromUtf8(operation.getType().name())))
              .setResourceVersionUuid(ResourceVersionUUID.newBuilder().setUuid(version))
              .build());
      assertThat(before.sent(UpdateOperationStatusMessage.class).getLast().getStatus().getState())
          .isEqualTo(OperationState.OPERATION_FINISHED);
    }
    assertThat(before.snapshot().total().persistentVolumes().disk()).isEqualTo(100);
    assertThat(before.snapshot().total().disk()).isEqualTo(500);
    assertThat(before.writes)
        .contains(
            new io.meseta.agent.core.recovery.Write.Folder("/var/agent/volumes/roles/a b/v1"));

    var container = before.run(FRAMEWORK, Driver.task("t").addResources(volume));
    assertThat(before.launched.get(container).volumes())
        .singleElement()
        .hasToString("Volume[hostPath=/var/agent/volumes/roles/a b/v1, containerPath=data]");

    var after = new Driver();
    after.on(new AgentEvent.Recovered(read(before, true)));
    assertThat(after.snapshot().total()).isEqualTo(before.snapshot().total());

    // The answers were not acknowledged: they are owed by the next life, too.
    assertThat(after.snapshot().operations())
        .extracting(operation -> operation.getUuid().getValue().toStringUtf8())
        .containsExactly("RESERVE", "CREATE");
    before.from(
        AcknowledgeOperationStatusMessage.newBuilder()
            .setOperationUuid(
                UUID.newBuilder().setValue(com.google.protobuf.ByteString.copyFromUtf8("RESERVE")))
            .setStatusUuid(
                before.sent(UpdateOperationStatusMessage.class).getFirst().getStatus().getUuid())
            .build());
    var last = new Driver();
    last.on(new AgentEvent.Recovered(read(before, true)));
    assertThat(last.snapshot().operations()).hasSize(1);

    // The host is a new agent: the master would not know whose answer the other's is.
    var other = new Driver();
    var state = read(before, true);
    other.on(
        new AgentEvent.Recovered(
            new RecoveredState(
                java.util.Optional.empty(),
                true,
                state.resources(),
                java.util.Optional.empty(),
                List.of(),
                List.of(),
                0)));
    other.on(new AgentEvent.MasterDetected(java.util.Optional.of(Driver.master())));
    other.advance(java.time.Duration.ofSeconds(1));
    var id = io.meseta.wire.v1.AgentID.newBuilder().setValue("new").build();
    other.from(io.meseta.wire.internal.SlaveRegisteredMessage.newBuilder().setSlaveId(id).build());
    assertThat(other.sent(UpdateOperationStatusMessage.class))
        .singleElement()
        .satisfies(answer -> {
          assertThat(answer.getSlaveId()).isEqualTo(id);
          assertThat(answer.getStatus().getAgentId()).isEqualTo(id);
        });
  }

  @Test
  @Covers({"V07", "W03"})
  void aDestroyedVolumeIsPutAsideInOrderAndThenRemoved() {
    var agent = Driver.running();
    agent.reregister();
    var version = agent.sent(UpdateSlaveMessage.class).getLast().getResourceVersionUuid();
    var reserved =
        Driver.scalar("disk", 100).toBuilder()
            .addReservations(
                Resource.ReservationInfo.newBuilder()
                    .setType(Resource.ReservationInfo.Type.DYNAMIC)
                    .setRole("a"))
            .build();
    var volume = reserved.toBuilder();
    volume.getDiskBuilder().getPersistenceBuilder().setId("v1");
    volume
        .getDiskBuilder()
        .getVolumeBuilder()
        .setContainerPath("data")
        .setMode(io.meseta.wire.v1.Volume.Mode.RW);
    var reserve = Offer.Operation.newBuilder().setType(Offer.Operation.Type.RESERVE);
    reserve.getReserveBuilder().addResources(reserved);
    var create = Offer.Operation.newBuilder().setType(Offer.Operation.Type.CREATE);
    create.getCreateBuilder().addVolumes(volume);
    var destroy = Offer.Operation.newBuilder().setType(Offer.Operation.Type.DESTROY);
    destroy.getDestroyBuilder().addVolumes(volume);
    for (var operation : List.of(reserve, create, destroy)) {
      agent.from(
          ApplyOperationMessage.newBuilder()
              .setOperationInfo(operation)
              .setOperationUuid(
                  UUID.newBuilder()
                      .setValue(
                          com.google.protobuf.ByteString.copyFromUtf8(operation.getType().name())))
              .setResourceVersionUuid(ResourceVersionUUID.newBuilder().setUuid(version))
              .build());
    }
    var move =
        agent.writes.stream()
            .filter(io.meseta.agent.core.recovery.Write.Move.class::isInstance)
            .map(io.meseta.agent.core.recovery.Write.Move.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(move.path()).isEqualTo("/var/agent/volumes/roles/a/v1");
    assertThat(move.target()).startsWith("/var/agent/volumes/destroyed/");
    assertThat(agent.effects).contains(new Effect.RemovePath(move.target()));

    // A task that was sent before its volume was gone is not run without it.
    agent.from(
        io.meseta.wire.internal.RunTaskMessage.newBuilder()
            .setFramework(FRAMEWORK)
            .setPid("@0.0.0.0:0")
            .setTask(Driver.task("late").addResources(volume))
            .build());
    assertThat(agent.launched).isEmpty();
  }

  @Test
  @Covers("G02")
  void otherFlagsNeedThePolicy() {
    var info = Driver.config(false).info();
    var more = info.toBuilder().addResources(Driver.scalar("gpus", 1)).build();
    var less = info.toBuilder().setResources(0, Driver.scalar("cpus", 2)).build();
    assertThat(Compatibility.problem(info, info, Compatibility.Policy.EQUAL)).isEmpty();
    assertThat(Compatibility.problem(info, more, Compatibility.Policy.EQUAL)).isPresent();
    assertThat(Compatibility.problem(info, more, Compatibility.Policy.ADDITIVE)).isEmpty();
    assertThat(Compatibility.problem(info, less, Compatibility.Policy.ADDITIVE))
        .get()
        .asString()
        .contains("Value of scalar resource 'cpus' decreased");
  }
}
