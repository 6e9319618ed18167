// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.FrameworkErrorMessage;
import io.meseta.wire.internal.FrameworkRegisteredMessage;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.TaskStatus.Source;
import io.meseta.wire.v1.TimeInfo;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's partition_tests, by their names. Agents are silent from the start:
/// they answer no ping.
@Covers({"M01", "M04", "S22"})
class PartitionScenariosTest extends Scenario {
  private static TimeInfo time(Instant when) {
    return TimeInfo.newBuilder()
        .setNanoseconds(when.getEpochSecond() * 1_000_000_000L + when.getNano())
        .build();
  }

  private void assertRemovals(int count) {
    assertThat(counter("slave_unreachable_scheduled")).isEqualTo(count);
    assertThat(counter("slave_unreachable_completed")).isEqualTo(count);
    assertThat(counter("slave_removals")).isEqualTo(count);
    assertThat(counter("slave_removals/reason_unhealthy")).isEqualTo(count);
    assertThat(counter("slave_removals/reason_unregistered")).isZero();
  }

  private void assertRemoved(TaskStatus status, TaskState state) {
    assertThat(status.getState()).isEqualTo(state);
    assertThat(status.getReason()).isEqualTo(Reason.REASON_AGENT_REMOVED);
    assertThat(status.getTaskId()).isEqualTo(taskId("t1"));
    assertThat(status.getAgentId()).isEqualTo(AGENT);
    assertThat(status.getUnreachableTime()).isEqualTo(time(stage.now));
  }

  private static void assertReconciled(
      List<TaskStatus> statuses, TaskState state, Optional<Instant> unreachable) {
    assertThat(statuses).hasSize(1);
    var status = statuses.getFirst();
    assertThat(status.getState()).isEqualTo(state);
    assertThat(status.getReason()).isEqualTo(Reason.REASON_RECONCILIATION);
    assertThat(status.hasUnreachableTime()).isEqualTo(unreachable.isPresent());
    unreachable.ifPresent(when -> assertThat(status.getUnreachableTime()).isEqualTo(time(when)));
  }

  private void assertTasks(
      String stream, List<String> tasks, List<String> unreachable, List<String> completed) {
    var framework = framework(stream);
    assertThat(ids(framework.tasks())).isEqualTo(tasks);
    assertThat(ids(framework.unreachableTasks())).isEqualTo(unreachable);
    assertThat(ids(framework.completedTasks())).isEqualTo(completed);
  }

  // PartitionedSlave
  @Test
  void partitionedSlave() {
    stage.register(1, ALL);
    var stream = stage.subscribe(Stage.PLAIN);
    stage.pass(Duration.ofSeconds(74));
    assertThat(stage.sentTo(1, PingSlaveMessage.class)).hasSize(5);
    assertThat(agentsLost(stream)).isZero();
    stage.pass(Duration.ofSeconds(1));
    assertThat(agentsLost(stream)).isEqualTo(1);
    assertThat(stage.events(stream, Event.Type.RESCIND)).hasSize(1);
    assertRemovals(1);
  }

  // ReregisterPartitionedAgentWithEnrouteTask: the launch never arrived.
  @Test
  void reregisterPartitionedAgentWithEnrouteTask() {
    var stream = launched(Stage.AWARE);
    partition();
    assertRemoved(stage.lastUpdate(stream), TaskState.TASK_UNREACHABLE);
    assertThat(agentsLost(stream)).isEqualTo(1);
    assertThat(counter("tasks_lost")).isZero();
    assertThat(tasks(TaskState.TASK_UNREACHABLE)).isEqualTo(1);
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(stage.snapshot().unreachable()).containsOnlyKeys("m1-S0");
    assertTasks(stream, List.of(), List.of("t1"), List.of());
    assertThat(framework(stream).unreachableTasks().getFirst().getState())
        .isEqualTo(TaskState.TASK_UNREACHABLE);
    stage.say(1, back(1, "m1-S0", List.of(info(stream))));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    assertTasks(stream, List.of(), List.of(), List.of());
    assertThat(tasks(TaskState.TASK_UNREACHABLE)).isZero();
    assertRemovals(1);
  }

  // ReregisterSlavePartitionAware
  @Test
  void reregisterSlavePartitionAware() {
    var stream = running(Stage.AWARE);
    var task = stage.knownTask("t1").orElseThrow();
    partition();
    assertRemoved(stage.lastUpdate(stream), TaskState.TASK_UNREACHABLE);
    assertThat(agentsLost(stream)).isEqualTo(1);
    assertThat(counter("tasks_lost")).isZero();
    assertThat(tasks(TaskState.TASK_UNREACHABLE)).isEqualTo(1);
    assertTasks(stream, List.of(), List.of("t1"), List.of());
    stage.say(1, back(1, "m1-S0", List.of(info(stream)), task));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    assertThat(stage.lastUpdate(stream).getState()).isEqualTo(TaskState.TASK_RUNNING);
    assertThat(stage.lastUpdate(stream).getTaskId()).isEqualTo(taskId("t1"));
    assertTasks(stream, List.of("t1"), List.of(), List.of());
    assertThat(tasks(TaskState.TASK_RUNNING)).isEqualTo(1);
    assertThat(tasks(TaskState.TASK_UNREACHABLE)).isZero();
    assertRemovals(1);
  }

  // ReregisterSlaveNotPartitionAware: TASK_LOST is shown among the unreachable tasks.
  @Test
  void reregisterSlaveNotPartitionAware() {
    var stream = running(Stage.PLAIN);
    var task = stage.knownTask("t1").orElseThrow();
    partition();
    assertRemoved(stage.lastUpdate(stream), TaskState.TASK_LOST);
    assertThat(agentsLost(stream)).isEqualTo(1);
    assertThat(counter("tasks_lost")).isEqualTo(1);
    assertThat(tasks(TaskState.TASK_UNREACHABLE)).isZero();
    assertTasks(stream, List.of(), List.of("t1"), List.of());
    assertThat(framework(stream).unreachableTasks().getFirst().getState())
        .isEqualTo(TaskState.TASK_LOST);
    stage.say(1, back(1, "m1-S0", List.of(info(stream)), task));
    assertThat(stage.lastUpdate(stream).getState()).isEqualTo(TaskState.TASK_RUNNING);
    assertTasks(stream, List.of("t1"), List.of(), List.of());
    assertThat(tasks(TaskState.TASK_RUNNING)).isEqualTo(1);
    assertThat(counter("tasks_lost")).isEqualTo(1);
    assertThat(counter("tasks_killed")).isZero();
    assertRemovals(1);
  }

  // PartitionedSlaveReregistrationMasterFailover
  @Test
  void partitionedSlaveReregistrationMasterFailover() {
    var plain = running(Stage.PLAIN);
    stage.pass(Duration.ofSeconds(6));
    stage.call(plain, Call.newBuilder().setType(Call.Type.SUPPRESS));
    stage.call(
        plain,
        Call.newBuilder()
            .setType(Call.Type.DECLINE)
            .setDecline(Call.Decline.newBuilder().addOfferIds(stage.lastOffer(plain).getId())));
    var aware = stage.subscribe(Stage.AWARE);
    launch(aware, "t2");
    report(1, aware, "t2", TaskState.TASK_RUNNING);
    var infos = List.of(info(plain), info(aware));
    var first = stage.knownTask("t1").orElseThrow();
    var second = stage.knownTask("t2").orElseThrow();
    partition();
    var when = time(stage.snapshot().unreachable().get("m1-S0"));
    assertThat(stage.lastUpdate(plain).getState()).isEqualTo(TaskState.TASK_LOST);
    assertThat(stage.lastUpdate(aware).getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
    for (var stream : List.of(plain, aware)) {
      assertThat(stage.lastUpdate(stream).getReason()).isEqualTo(Reason.REASON_AGENT_REMOVED);
      assertThat(stage.lastUpdate(stream).getUnreachableTime()).isEqualTo(when);
      assertThat(agentsLost(stream)).isEqualTo(1);
    }

    stage.elect("m2");
    var plainBack = stage.subscribe(infos.getFirst());
    var awareBack = stage.subscribe(infos.getLast());
    stage.say(1, back(1, "m1-S0", infos, first, second));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    assertThat(stage.updates(plainBack))
        .singleElement()
        .satisfies(status -> assertThat(status.getState()).isEqualTo(TaskState.TASK_RUNNING));
    assertThat(stage.updates(awareBack))
        .singleElement()
        .satisfies(status -> assertThat(status.getState()).isEqualTo(TaskState.TASK_RUNNING));
    assertThat(tasks(TaskState.TASK_RUNNING)).isEqualTo(2);
    assertThat(counter("tasks_lost")).isZero();
    assertThat(tasks(TaskState.TASK_UNREACHABLE)).isZero();
    assertThat(counter("slave_removals")).isZero();
  }

  // PartitionedSlaveOrphanedTask
  @Test
  void partitionedSlaveOrphanedTask() {
    var stream = running(Stage.AWARE.toBuilder().setFailoverTimeout(0).build());
    var info = info(stream);
    var task = stage.knownTask("t1").orElseThrow();
    partition();
    assertRemoved(stage.lastUpdate(stream), TaskState.TASK_UNREACHABLE);
    assertThat(agentsLost(stream)).isEqualTo(1);
    stage.feed(new MasterEvent.StreamClosed(stream));
    stage.pass(Duration.ZERO);
    assertOrphaned(stream);
    stage.say(1, back(1, "m1-S0", List.of(info), task));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    assertThat(stage.sentTo(1, ShutdownFrameworkMessage.class)).hasSize(1);
    assertOrphaned(stream);
  }

  private void assertOrphaned(String stream) {
    assertThat(stage.snapshot().frameworks()).isEmpty();
    assertThat(stage.snapshot().completedFrameworks()).hasSize(1);
    assertTasks(stream, List.of(), List.of(), List.of("t1"));
    assertThat(framework(stream).completedTasks().getFirst().getState())
        .isEqualTo(TaskState.TASK_KILLED);
    assertThat(counter("tasks_killed")).isEqualTo(1);
  }

  // DisconnectedFramework
  @Test
  void disconnectedFramework() {
    var stream = running(Stage.PLAIN);
    var info = info(stream);
    var task = stage.knownTask("t1").orElseThrow();
    stage.elect("m2");
    stage.say(1, back(1, "m1-S0", List.of(info), task));
    partition();
    var when = stage.now;
    var back = stage.subscribe(info);
    assertReconciled(reconcile(back, "t1", "m1-S0"), TaskState.TASK_LOST, Optional.of(when));
    assertThat(tasks(TaskState.TASK_UNREACHABLE)).isZero();
    assertThat(counter("tasks_lost")).isEqualTo(1);
    assertRemovals(1);
  }

  // SpuriousSlaveReregistration
  @Test
  void spuriousSlaveReregistration() {
    var stream = running(Stage.PLAIN);
    var task = stage.knownTask("t1").orElseThrow();
    stage.say(1, back(1, "m1-S0", List.of(info(stream)), task));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    assertReconciled(reconcile(stream, "t1", "m1-S0"), TaskState.TASK_RUNNING, Optional.empty());
  }

  // PartitionedSlaveStatusUpdates
  @Test
  void partitionedSlaveStatusUpdates() {
    stage.register(1, ALL);
    var stream = stage.subscribe(Stage.PLAIN);
    partition();
    assertThat(agentsLost(stream)).isEqualTo(1);
    assertRemovals(1);
    var framework = stage.frameworkId(stream);
    stage.say(1, stage.update(1, framework, AGENT, "task_id1", TaskState.TASK_RUNNING));
    assertThat(stage.updates(stream)).isEmpty();
    stage.say(1, back(1, "m1-S0", List.of()));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    stage.say(1, stage.update(1, framework, AGENT, "task_id2", TaskState.TASK_RUNNING));
    assertThat(stage.updates(stream))
        .singleElement()
        .satisfies(status -> assertThat(status.getTaskId()).isEqualTo(taskId("task_id2")));
  }

  // PartitionedSlaveExitedExecutor
  @Test
  void partitionedSlaveExitedExecutor() {
    stage.register(1, ALL);
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, withExecutor("t1", offer));
    partition();
    assertRemoved(stage.lastUpdate(stream), TaskState.TASK_LOST);
    assertThat(agentsLost(stream)).isEqualTo(1);
    assertThat(counter("tasks_lost")).isEqualTo(1);
    assertRemovals(1);
    stage.say(
        1,
        ExitedExecutorMessage.newBuilder()
            .setSlaveId(AGENT)
            .setFrameworkId(stage.frameworkId(stream))
            .setExecutorId(ExecutorID.newBuilder().setValue("default"))
            .setStatus(9)
            .build());
    assertThat(stage.events(stream, Event.Type.FAILURE)).hasSize(1);
  }

  // TaskCompletedOnPartitionedAgent
  @Test
  void taskCompletedOnPartitionedAgent() {
    completedOnPartitionedAgent(Stage.PLAIN, TaskState.TASK_LOST, TaskState.TASK_LOST);
  }

  // PartitionAwareTaskCompletedOnPartitionedAgent
  @Test
  void partitionAwareTaskCompletedOnPartitionedAgent() {
    completedOnPartitionedAgent(Stage.AWARE, TaskState.TASK_UNREACHABLE, TaskState.TASK_GONE);
  }

  private void completedOnPartitionedAgent(FrameworkInfo info, TaskState away, TaskState after) {
    var stream = running(info);
    var task = stage.knownTask("t1").orElseThrow();
    partition();
    assertRemoved(stage.lastUpdate(stream), away);
    assertThat(agentsLost(stream)).isEqualTo(1);
    var finished =
        stage
            .update(1, stage.frameworkId(stream), AGENT, "t1", TaskState.TASK_FINISHED)
            .toBuilder();
    finished.getUpdateBuilder().getStatusBuilder().setSource(Source.SOURCE_EXECUTOR);
    stage.say(
        1,
        back(
            1,
            "m1-S0",
            List.of(info(stream)),
            task.toBuilder()
                .setState(TaskState.TASK_FINISHED)
                .setStatusUpdateState(TaskState.TASK_FINISHED)
                .setStatusUpdateUuid(finished.getUpdate().getUuid())
                .build()));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    var fromMaster = stage.lastUpdate(stream);
    assertThat(fromMaster.getState()).isEqualTo(TaskState.TASK_FINISHED);
    assertThat(fromMaster.getSource()).isEqualTo(Source.SOURCE_MASTER);
    assertThat(fromMaster.getReason()).isEqualTo(Reason.REASON_AGENT_REREGISTERED);
    assertThat(fromMaster.getTaskId()).isEqualTo(taskId("t1"));
    stage.say(1, finished.build());
    var fromAgent = stage.lastUpdate(stream);
    assertThat(fromAgent.getState()).isEqualTo(TaskState.TASK_FINISHED);
    assertThat(fromAgent.getSource()).isEqualTo(Source.SOURCE_EXECUTOR);
    assertThat(fromAgent.getAgentId()).isEqualTo(AGENT);
    stage.acknowledge(stream, fromAgent);
    assertReconciled(reconcile(stream, "t1", "m1-S0"), after, Optional.empty());
    assertTasks(stream, List.of(), List.of(), List.of("t1"));
    assertThat(framework(stream).completedTasks().getFirst().getState())
        .isEqualTo(TaskState.TASK_FINISHED);
  }

  // AgentWithTerminalTaskPartitioned: not acknowledged, so the agent still has it to tell.
  @Test
  void agentWithTerminalTaskPartitioned() {
    var stream = running(Stage.PLAIN);
    say(1, stream, "t1", TaskState.TASK_FINISHED);
    partition();
    assertThat(agentsLost(stream)).isEqualTo(1);
    assertTasks(stream, List.of(), List.of("t1"), List.of());
    assertThat(framework(stream).unreachableTasks().getFirst().getState())
        .isEqualTo(TaskState.TASK_FINISHED);
  }

  // RegistryGcByCount
  @Test
  void registryGcByCount() {
    var test = new Small(1, Duration.ofDays(14));
    var stream = test.launched(Stage.AWARE);
    test.partition();
    var first = test.stage.now;
    assertThat(test.stage.lastUpdate(stream).getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
    assertThat(test.agentsLost(stream)).isEqualTo(1);
    test.stage.register(2, ALL);
    test.partition();
    var second = test.stage.now;
    assertThat(test.agentsLost(stream)).isEqualTo(2);
    assertReconciled(
        test.reconcile(stream, "t1", "m1-S0"), TaskState.TASK_UNREACHABLE, Optional.of(first));
    assertThat(test.tasks(TaskState.TASK_UNREACHABLE)).isEqualTo(1);
    test.stage.pass(Duration.ofMinutes(15));
    assertThat(test.tasks(TaskState.TASK_UNREACHABLE)).isZero();
    assertReconciled(
        test.reconcile(stream, "t1", "m1-S0"), TaskState.TASK_UNKNOWN, Optional.empty());
    assertReconciled(
        test.reconcile(stream, "random", "m1-S1"), TaskState.TASK_UNREACHABLE, Optional.of(second));
    assertThat(test.counter("slave_unreachable_scheduled")).isEqualTo(2);
    assertThat(test.counter("slave_unreachable_completed")).isEqualTo(2);
    assertThat(test.counter("slave_removals")).isEqualTo(2);
    assertThat(test.counter("slave_removals/reason_unhealthy")).isEqualTo(2);
  }

  // RegistryGcByCountManySlaves: unreachable one after the other, as a new master finds them in the
  // registry. The original's are all so at the same moment.
  @Test
  void registryGcByCountManySlaves() {
    var test = new Small(1, Duration.ofDays(14));
    for (int port = 1; port <= 50; port++) {
      test.stage.register(port, ALL);
      test.stage.pass(Duration.ofSeconds(1));
    }
    test.stage.pass(Duration.ofSeconds(74));
    var when = test.stage.now;
    assertThat(test.stage.snapshot().unreachable()).hasSize(50);
    test.stage.elect("m2");
    test.stage.pass(Duration.ofMinutes(15));
    var stream = test.stage.subscribe(Stage.AWARE);
    assertThat(test.stage.snapshot().unreachable()).hasSize(1);
    assertReconciled(
        test.reconcile(stream, "random", "m1-S49"), TaskState.TASK_UNREACHABLE, Optional.of(when));
    assertReconciled(
        test.reconcile(stream, "random", "m1-S48"), TaskState.TASK_UNKNOWN, Optional.empty());
  }

  // RegistryGcByAge: agents are unreachable at 75 and at 720 seconds, garbage is collected every
  // 15 minutes and agents are kept for 20.
  @Test
  void registryGcByAge() {
    var test = new Small(1000, Duration.ofMinutes(20));
    test.stage.register(1, ALL);
    var stream = test.stage.subscribe(Stage.AWARE);
    test.partition();
    var first = test.stage.now;
    test.stage.pass(Duration.ofSeconds(570));
    test.stage.register(2, ALL);
    test.partition();
    var second = test.stage.now;
    assertThat(test.agentsLost(stream)).isEqualTo(2);
    test.stage.pass(Duration.ofSeconds(180));
    assertReconciled(
        test.reconcile(stream, "x", "m1-S0"), TaskState.TASK_UNREACHABLE, Optional.of(first));
    assertReconciled(
        test.reconcile(stream, "x", "m1-S1"), TaskState.TASK_UNREACHABLE, Optional.of(second));
    test.stage.pass(Duration.ofMinutes(15));
    assertReconciled(
        test.reconcile(stream, "x", "m1-S0"), TaskState.TASK_UNKNOWN, Optional.empty());
    assertReconciled(
        test.reconcile(stream, "x", "m1-S1"), TaskState.TASK_UNREACHABLE, Optional.of(second));
    test.stage.pass(Duration.ofMinutes(15));
    assertReconciled(
        test.reconcile(stream, "x", "m1-S1"), TaskState.TASK_UNKNOWN, Optional.empty());
  }

  /// What is gone is forgotten by the same flags: by count, also of what a new master finds.
  @Test
  void goneAgentsAreForgottenByCount() {
    var test = new Small(1, Duration.ofDays(14));
    for (int port = 1; port <= 3; port++) {
      test.stage.register(port, ALL);
      test.operate(new OperatorRequest.MarkAgentGone("m1-S" + (port - 1)));
      test.stage.pass(Duration.ofSeconds(1));
    }
    assertThat(test.stage.store).containsKeys("gone/m1-S0", "gone/m1-S1", "gone/m1-S2");
    test.stage.elect("m2");
    test.stage.pass(Duration.ofMinutes(15));
    assertThat(test.stage.store)
        .containsKey("gone/m1-S2")
        .doesNotContainKeys("gone/m1-S0", "gone/m1-S1");
    test.stage.say(3, back(3, "m1-S2", List.of()));
    assertThat(test.stage.snapshot().agents()).isEmpty();
    test.stage.say(1, back(1, "m1-S0", List.of())); // nobody knows why not any more
    assertThat(test.stage.snapshot().agents()).hasSize(1);
  }

  @Test
  void goneAgentsAreForgottenByAge() {
    var test = new Small(1000, Duration.ofMinutes(20));
    test.stage.register(1, ALL);
    test.operate(new OperatorRequest.MarkAgentGone("m1-S0"));
    test.stage.pass(Duration.ofMinutes(16));
    test.stage.register(2, ALL);
    test.operate(new OperatorRequest.MarkAgentGone("m1-S1"));
    assertThat(test.stage.store).containsKeys("gone/m1-S0", "gone/m1-S1");
    test.stage.pass(Duration.ofMinutes(15));
    assertThat(test.stage.store).containsKey("gone/m1-S1").doesNotContainKey("gone/m1-S0");
  }

  // RegistryGcRace: the second of three unreachable agents is being taken back when garbage is
  // collected. Its drain, which the original's test does not have, stays too.
  @Test
  void registryGcRace() {
    var test = new Small(1, Duration.ofDays(14));
    var stream = test.stage.subscribe(Stage.AWARE);
    for (int port = 1; port <= 3; port++) {
      test.stage.register(port, ALL);
      test.partition();
    }
    assertThat(test.agentsLost(stream)).isEqualTo(3);
    assertThat(test.operate(new OperatorRequest.DeactivateAgent("m1-S1")).status()).isEqualTo(200);
    test.stage.holdPersists = true;
    test.stage.say(2, back(2, "m1-S1", List.of()));
    assertThat(test.stage.held).hasSize(1);
    test.stage.pass(Duration.ofMinutes(15));
    test.stage.releasePersists();
    assertThat(test.stage.sentTo(2, SlaveReregisteredMessage.class)).hasSize(1);
    assertReconciled(
        test.reconcile(stream, "x", "m1-S0"), TaskState.TASK_UNKNOWN, Optional.empty());
    assertReconciled(test.reconcile(stream, "x", "m1-S1"), TaskState.TASK_GONE, Optional.empty());
    var third = test.reconcile(stream, "x", "m1-S2");
    assertThat(third.getFirst().getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
    assertThat(third.getFirst().hasUnreachableTime()).isTrue();
    assertThat(test.stage.store.keySet())
        .contains("agents/m1-S1", "deactivated/m1-S1", "unreachable/m1-S2")
        .doesNotContain("unreachable/m1-S0", "unreachable/m1-S1");
    assertThat(test.agent(2).deactivated()).isTrue();
  }

  // FailHealthChecksTwice: the second failure, while the first is being written, changes nothing.
  // The original counts it once more as scheduled and completed; here both are counted once.
  @Test
  void failHealthChecksTwice() {
    stage.register(1, ALL);
    var stream = stage.subscribe(Stage.PLAIN);
    stage.holdPersists = true;
    partition();
    assertThat(stage.held).hasSize(1);
    stage.pass(Duration.ofSeconds(30));
    assertThat(stage.held).hasSize(1);
    assertThat(agentsLost(stream)).isZero();
    stage.releasePersists();
    assertThat(agentsLost(stream)).isEqualTo(1);
    assertRemovals(1);
  }

  // MasterToSlave: pings say that the agent is not connected, so it registers again.
  @Test
  void masterToSlave() {
    stage.register(1, ALL);
    assertThat(stage.sentTo(1, PingSlaveMessage.class).getLast().getConnected()).isTrue();
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.pass(Duration.ofSeconds(15));
    assertThat(stage.sentTo(1, PingSlaveMessage.class).getLast().getConnected()).isFalse();
    stage.say(1, back(1, "m1-S0", List.of()));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    stage.pass(Duration.ofSeconds(15));
    assertThat(stage.sentTo(1, PingSlaveMessage.class).getLast().getConnected()).isTrue();
  }

  // MasterToScheduler: a driver whose connection broke is told so, at once and at its next call.
  @Test
  void masterToScheduler() {
    stage.feed(
        new MasterEvent.SubscribeDriver(
            Stage.pid(7),
            Optional.empty(),
            false,
            Call.Subscribe.newBuilder().setFrameworkInfo(Stage.PLAIN).build()));
    var registered = stage.sentTo(7, FrameworkRegisteredMessage.class);
    assertThat(registered).hasSize(1);
    stage.feed(new MasterEvent.AgentExited(Stage.pid(7)));
    assertThat(stage.sentTo(7, FrameworkErrorMessage.class))
        .singleElement()
        .satisfies(error -> assertThat(error.getMessage()).isEqualTo("Framework disconnected"));
    stage.feed(
        new MasterEvent.DriverCall(
            Stage.pid(7),
            Call.newBuilder()
                .setType(Call.Type.REVIVE)
                .setFrameworkId(registered.getFirst().getFrameworkId())
                .build()));
    assertThat(stage.sentTo(7, FrameworkErrorMessage.class)).hasSize(2);
  }

  /// A master that remembers few unreachable agents, or not for long.
  private static final class Small extends Scenario {
    Small(int count, Duration age) {
      super(
          new Stage(
              Stage.config(c -> {
                c.registryMaxAgentCount = count;
                c.registryMaxAgentAge = age;
              })));
    }
  }
}
