// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.TimeInfo;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Call;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's reconciliation_tests, by their names.
@Covers("S12")
class ReconciliationScenariosTest extends Scenario {
  private static TaskStatus only(List<TaskStatus> statuses, TaskState state) {
    assertThat(statuses).hasSize(1);
    assertThat(statuses.getFirst().getState()).isEqualTo(state);
    assertThat(statuses.getFirst().getReason()).isEqualTo(Reason.REASON_RECONCILIATION);
    return statuses.getFirst();
  }

  /// Asks for all tasks.
  private List<TaskStatus> reconcile(String stream) {
    return reconcile(stream, Call.Reconcile.newBuilder());
  }

  // TaskStateMismatch: what the scheduler believes is not even part of a v1 call.
  @Test
  void taskStateMismatch() {
    var stream = running(Stage.PLAIN);
    var status = only(reconcile(stream, "t1", "m1-S0"), TaskState.TASK_RUNNING);
    assertThat(status.getAgentId()).isEqualTo(AGENT);
  }

  // TaskStateMatch: asked again, the answer is given again.
  @Test
  void taskStateMatch() {
    var stream = running(Stage.PLAIN);
    for (int i = 0; i < 3; i++) {
      only(reconcile(stream, "t1", "m1-S0"), TaskState.TASK_RUNNING);
    }
  }

  // UnknownSlave
  @Test
  void unknownSlave() {
    var stream = stage.subscribe(Stage.AWARE);
    var status = only(reconcile(stream, "random", "random"), TaskState.TASK_UNKNOWN);
    assertThat(status.hasUnreachableTime()).isFalse();
  }

  // UnknownTask
  @Test
  void unknownTask() {
    unknownTask(Stage.PLAIN, TaskState.TASK_LOST);
  }

  // UnknownTaskPartitionAware
  @Test
  void unknownTaskPartitionAware() {
    unknownTask(Stage.AWARE, TaskState.TASK_GONE);
  }

  private void unknownTask(FrameworkInfo info, TaskState state) {
    stage.register(1, ALL);
    var stream = stage.subscribe(info);
    var status = only(reconcile(stream, "random", "m1-S0"), state);
    assertThat(status.hasUnreachableTime()).isFalse();
  }

  // UnknownKillTask
  @Test
  void unknownKillTask() {
    var stream = stage.subscribe(Stage.PLAIN);
    stage.call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.KILL)
            .setKill(Call.Kill.newBuilder().setTaskId(taskId("random"))));
    var status = only(stage.updates(stream), TaskState.TASK_LOST);
    assertThat(status.hasUnreachableTime()).isFalse();
  }

  // RecoveredAgent: it is not back yet, so nothing is known.
  @Test
  void recoveredAgent() {
    stage.register(1, ALL);
    stage.elect("m2");
    var stream = stage.subscribe(Stage.PLAIN);
    assertThat(reconcile(stream, "random", "m1-S0")).isEmpty();
  }

  // RecoveredAgentReregistrationInProgress: its changed description is still being written.
  @Test
  void recoveredAgentReregistrationInProgress() {
    stage.register(1, ALL);
    stage.elect("m2");
    var stream = stage.subscribe(Stage.PLAIN);
    stage.holdPersists = true;
    var back = back(1, "m1-S0", List.of()).toBuilder();
    back.getSlaveBuilder()
        .addAttributesBuilder()
        .setName("a")
        .setType(Value.Type.TEXT)
        .getTextBuilder()
        .setValue("new");
    stage.say(1, back.build());
    assertThat(stage.held).hasSize(1);
    assertThat(reconcile(stream, "random", "m1-S0")).isEmpty();
    stage.releasePersists();
    only(reconcile(stream, "random", "m1-S0"), TaskState.TASK_LOST);
  }

  // ImplicitNonTerminalTask
  @Test
  void implicitNonTerminalTask() {
    only(reconcile(running(Stage.PLAIN)), TaskState.TASK_RUNNING);
  }

  // ImplicitTerminalTask
  @Test
  void implicitTerminalTask() {
    var stream = launched(Stage.PLAIN);
    report(1, stream, "t1", TaskState.TASK_FINISHED);
    assertThat(reconcile(stream)).isEmpty();
  }

  // UnacknowledgedTerminalTask
  @Test
  void unacknowledgedTerminalTask() {
    var stream = launched(Stage.PLAIN);
    say(1, stream, "t1", TaskState.TASK_FINISHED);
    var status = only(reconcile(stream), TaskState.TASK_FINISHED);
    assertThat(status.getAgentId()).isEqualTo(AGENT);
  }

  // ReconcileStatusUpdateTaskState: the task is finished, but its framework is to hear first that
  // it runs.
  @Test
  void reconcileStatusUpdateTaskState() {
    var first = launched(Stage.PLAIN);
    var info = info(first);
    var task = stage.knownTask("t1").orElseThrow();
    stage.elect("m2");
    var stream = stage.subscribe(info);
    var update = stage.update(1, info.getId(), AGENT, "t1", TaskState.TASK_RUNNING).getUpdate();
    stage.say(
        1,
        back(
            1,
            "m1-S0",
            List.of(info),
            task.toBuilder()
                .setState(TaskState.TASK_FINISHED)
                .setStatusUpdateState(TaskState.TASK_RUNNING)
                .setStatusUpdateUuid(update.getUuid())
                .build()));
    only(reconcile(stream), TaskState.TASK_RUNNING);
  }

  // PartitionedAgentThenMasterFailover: the new master knows since when the agent is unreachable.
  @Test
  void partitionedAgentThenMasterFailover() {
    var first = running(Stage.PLAIN);
    var info = info(first);
    partition();
    var lost = stage.lastUpdate(first);
    assertThat(lost.getState()).isEqualTo(TaskState.TASK_LOST);
    assertThat(lost.getReason()).isEqualTo(Reason.REASON_AGENT_REMOVED);
    assertThat(lost.getTaskId()).isEqualTo(taskId("t1"));
    assertThat(lost.getAgentId()).isEqualTo(AGENT);
    var when =
        TimeInfo.newBuilder().setNanoseconds(stage.now.getEpochSecond() * 1_000_000_000L).build();
    assertThat(lost.getUnreachableTime()).isEqualTo(when);
    assertThat(agentsLost(first)).isEqualTo(1);
    var before = only(reconcile(first, "t1", "m1-S0"), TaskState.TASK_LOST);
    assertThat(before.getUnreachableTime()).isEqualTo(when);
    stage.elect("m2");
    var second = stage.subscribe(info);
    var after = only(reconcile(second, "t1", "m1-S0"), TaskState.TASK_LOST);
    assertThat(after.getUnreachableTime()).isEqualTo(when);
  }
}
