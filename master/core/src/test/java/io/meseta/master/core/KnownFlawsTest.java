// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.OperationID;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.UUID;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is known to end or mislead the original's master, by the number of its issue.
class KnownFlawsTest {
  private final Stage stage = new Stage();

  private static final UUID SOME =
      UUID.newBuilder().setValue(ByteString.copyFromUtf8("0123456789abcdef")).build();

  private String running(io.meseta.wire.v1.FrameworkInfo info) {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(info);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("t1", offer, "cpus:1;mem:100"));
    say(stage.frameworkId(stream), TaskState.TASK_RUNNING);
    return stream;
  }

  private void say(FrameworkID framework, TaskState state) {
    var agent = AgentID.newBuilder().setValue("m1-S0").build();
    stage.say(1, stage.update(1, framework, agent, "t1", state));
  }

  /// MESOS-10194, MESOS-7566: roles that a framework left while its tasks still hold resources in
  /// them end the original's sorters.
  @Test
  @Covers("S19")
  void mesos10194RolesAreLeftWhileTasksHoldResourcesInThem() {
    var info =
        Stage.with(Stage.AWARE, Capability.Type.MULTI_ROLE).toBuilder()
            .addRoles("a/b")
            .addRoles("c")
            .build();
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(info);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("t1", offer, "cpus:1;mem:100"));
    var id = stage.frameworkId(stream);
    say(id, TaskState.TASK_RUNNING);
    var left = info.toBuilder().clearRoles().addRoles("d").setId(id).build();
    var again = stage.subscribe(left);
    assertThat(stage.snapshot().frameworks().getFirst().roles()).containsExactly("d");
    assertThat(stage.knownTask("t1")).isPresent();
    say(id, TaskState.TASK_FINISHED);
    stage.acknowledge(again, stage.lastUpdate(again));
    stage.pass(Duration.ofSeconds(75)); // the agent is unreachable
    assertThat(stage.snapshot().agents()).isEmpty();
    stage.call(again, Call.newBuilder().setType(Call.Type.TEARDOWN));
    assertThat(stage.snapshot().frameworks()).isEmpty();
    stage.register(2, "cpus:4;mem:1000");
    assertThat(stage.offers(stage.subscribe(info))).isNotEmpty();
  }

  /// MESOS-10146: a task that is removed while its framework is disconnected ends the original.
  @Test
  @Covers("S17")
  void mesos10146ATaskEndsWhileItsFrameworkIsAway() {
    var stream = running(Stage.AWARE);
    var id = stage.frameworkId(stream);
    stage.feed(new MasterEvent.StreamClosed(stream));
    say(id, TaskState.TASK_FINISHED);
    stage.pass(Duration.ofSeconds(30));
    stage.pass(Duration.ofSeconds(45)); // the agent is unreachable, the framework was given up
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(stage.snapshot().frameworks()).isEmpty();
    assertThat(stage.snapshot().completedFrameworks()).hasSize(1);
  }

  /// MESOS-10011: feedback about operations that names an agent of the past ends the original.
  @Test
  @Covers("S28")
  void mesos10011OperationFeedbackNamesAnAgentOfThePast() {
    var stream = running(Stage.AWARE);
    var acknowledge = Call.newBuilder().setType(Call.Type.ACKNOWLEDGE_OPERATION_STATUS);
    acknowledge
        .getAcknowledgeOperationStatusBuilder()
        .setAgentId(AgentID.newBuilder().setValue("m0-S7"))
        .setUuid(SOME.getValue())
        .setOperationId(OperationID.newBuilder().setValue("op"));
    assertThat(stage.call(stream, acknowledge).status()).isEqualTo(202);
    var status =
        OperationStatus.newBuilder()
            .setState(OperationState.OPERATION_FINISHED)
            .setAgentId(AgentID.newBuilder().setValue("m0-S7"))
            .setOperationId(OperationID.newBuilder().setValue("op"))
            .build();
    stage.say(
        1,
        UpdateOperationStatusMessage.newBuilder()
            .setFrameworkId(stage.frameworkId(stream))
            .setSlaveId(AgentID.newBuilder().setValue("m0-S7"))
            .setOperationUuid(SOME)
            .setStatus(status)
            .setLatestStatus(status)
            .build());
    assertThat(stage.snapshot().agents()).hasSize(1);
    assertThat(stage.events(stream, Event.Type.UPDATE_OPERATION_STATUS)).isEmpty();
  }

  /// MESOS-7721: in the original the limit on removals also lets frameworks wait that could bear to
  /// hear that their tasks are unreachable. Here it holds where tasks would be declared lost.
  @Test
  @Covers({"M02", "S22"})
  void mesos7721WhoeverIsPartitionAwareHearsAtOnce() {
    var limited =
        new Stage(
            Stage.config(c -> c.removalInterval = java.util.Optional.of(Duration.ofMinutes(10))));
    var aware = new ArrayList<String>();
    for (int port = 1; port <= 3; port++) {
      aware.add(runningOn(limited, port, Stage.AWARE));
    }
    var plain = new ArrayList<String>();
    for (int port = 4; port <= 6; port++) {
      plain.add(runningOn(limited, port, Stage.PLAIN));
    }
    limited.pass(Duration.ofSeconds(80));
    assertThat(limited.snapshot().unreachable()).containsKeys("m1-S0", "m1-S1", "m1-S2").hasSize(4);
    assertThat(aware)
        .allSatisfy(stream ->
            assertThat(limited.lastUpdate(stream).getState())
                .isEqualTo(TaskState.TASK_UNREACHABLE));
    assertThat(plain.stream().filter(stream -> lost(limited, stream))).hasSize(1);
    limited.pass(Duration.ofMinutes(10));
    assertThat(plain.stream().filter(stream -> lost(limited, stream))).hasSize(2);
  }

  private static String runningOn(Stage stage, int port, io.meseta.wire.v1.FrameworkInfo info) {
    var stream = stage.subscribe(info);
    stage.register(port, "cpus:4;mem:1000");
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("t" + port, offer, "cpus:4;mem:1000"));
    stage.call(stream, Call.newBuilder().setType(Call.Type.SUPPRESS));
    return stream;
  }

  private static boolean lost(Stage stage, String stream) {
    return stage.updates(stream).stream()
        .anyMatch(status -> status.getState() == TaskState.TASK_LOST);
  }

  /// Whoever answers again gives up its place in the line of those that the limit lets wait.
  @Test
  @Covers("M02")
  void anAgentThatAnswersDoesNotHoldUpTheSilent() {
    var limited =
        new Stage(
            Stage.config(c -> c.removalInterval = java.util.Optional.of(Duration.ofMinutes(10))));
    for (int port = 1; port <= 3; port++) {
      limited.register(port, "cpus:1");
    }
    limited.pass(Duration.ofSeconds(80));
    assertThat(limited.snapshot().unreachable()).hasSize(1);
    for (int i = 0; i < 9; i++) {
      limited.say(2, io.meseta.wire.internal.PongSlaveMessage.getDefaultInstance());
      limited.pass(Duration.ofSeconds(70));
    }
    assertThat(limited.snapshot().unreachable().keySet()).containsExactly("m1-S0", "m1-S2");
  }

  /// MESOS-7911: in the original a broken connection loses the tasks of frameworks that do not
  /// checkpoint, even though the agent and they live on.
  @Test
  @Covers({"M03", "S10"})
  void mesos7911ABrokenConnectionLosesNoTask() {
    var plain = Stage.AWARE.toBuilder().setCheckpoint(false).build();
    var stream = running(plain);
    var task = stage.knownTask("t1").orElseThrow();
    int updates = stage.updates(stream).size();
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    assertThat(stage.updates(stream)).hasSize(updates);
    stage.say(1, back(stream, task));
    assertThat(stage.updates(stream)).hasSize(updates);
    assertThat(stage.knownTask("t1")).isPresent();
    assertThat(stage.sentTo(1, KillTaskMessage.class)).isEmpty();
    assertThat(stage.core.freeOf("m1-S0").cpus() + agentUse()).isLessThanOrEqualTo(4.0);

    // An agent that was started anew does not have it: it is asked, and its answer counts.
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.say(1, back(stream));
    assertThat(
            stage
                .sentTo(1, SlaveReregisteredMessage.class)
                .getLast()
                .getReconciliations(0)
                .getStatuses(0)
                .getTaskId())
        .isEqualTo(task.getTaskId());
    say(stage.frameworkId(stream), TaskState.TASK_DROPPED);
    assertThat(stage.lastUpdate(stream).getState()).isEqualTo(TaskState.TASK_DROPPED);
    assertThat(agentUse()).isZero();
  }

  /// As above, when the agent does not come back.
  @Test
  @Covers("M03")
  void mesos7911TasksAreUnreachableWithTheirAgent() {
    var stream = running(Stage.AWARE.toBuilder().setCheckpoint(false).build());
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.pass(Duration.ofSeconds(75));
    assertThat(stage.lastUpdate(stream).getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
  }

  private double agentUse() {
    return stage.snapshot().agents().getFirst().usedTotal().scalar("cpus") / 1000.0;
  }

  private ReregisterSlaveMessage back(String stream, Task... tasks) {
    return ReregisterSlaveMessage.newBuilder()
        .setSlave(
            Stage.agentInfo(1, "cpus:4;mem:1000").toBuilder()
                .setId(AgentID.newBuilder().setValue("m1-S0")))
        .setVersion("1.12.0")
        .addAllAgentCapabilities(Stage.capabilities())
        .addFrameworks(stage.snapshot().frameworks().getFirst().info())
        .addAllTasks(List.of(tasks))
        .build();
  }
}
