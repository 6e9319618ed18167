// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Agents that fall silent, and what becomes of them and of their tasks.
class UnreachableAgentsTest extends AgentStage {
  @Test
  @Covers({"M01", "S15", "S22"})
  void silentAgentsBecomeUnreachableWithTheirTasks() {
    var stream = running(Stage.AWARE);
    assertThat(stage.sentTo(1, PingSlaveMessage.class)).hasSize(1);
    stage.pass(Duration.ofSeconds(74));
    assertThat(stage.sentTo(1, PingSlaveMessage.class)).hasSize(5);
    assertThat(stage.snapshot().agents()).hasSize(1);
    stage.pass(Duration.ofSeconds(1));
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(stage.snapshot().unreachable()).containsOnlyKeys("m1-S0");
    var status = stage.lastUpdate(stream);
    assertThat(status.getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
    assertThat(status.getReason()).isEqualTo(Reason.REASON_AGENT_REMOVED);
    assertThat(status.hasUnreachableTime()).isTrue();
    assertThat(stage.events(stream, Event.Type.FAILURE).getFirst().getFailure().getAgentId())
        .isEqualTo(AgentID.newBuilder().setValue("m1-S0").build());
    assertThat(stage.store).containsOnlyKeys("unreachable/m1-S0");
    assertThat(stage.snapshot().frameworks().getFirst().unreachableTasks()).hasSize(1);
  }

  @Test
  @Covers("M01")
  void aPongInTimeSavesIt() {
    stage.register(1, "cpus:4;mem:1000");
    for (int i = 0; i < 20; i++) {
      stage.pass(Duration.ofSeconds(70));
      stage.say(1, PongSlaveMessage.getDefaultInstance());
    }
    assertThat(stage.snapshot().agents()).hasSize(1);
  }

  @Test
  @Covers("M02")
  void withALimitAgentsBecomeUnreachableOneByOneAndMayYetAnswer() {
    var limited =
        new Stage(Stage.config(c -> c.removalInterval = Optional.of(Duration.ofMinutes(10))));
    limited.register(1, "cpus:1");
    limited.register(2, "cpus:1");
    limited.register(3, "cpus:1");
    limited.pass(Duration.ofSeconds(80));
    assertThat(limited.snapshot().agents()).hasSize(2);
    limited.say(2, PongSlaveMessage.getDefaultInstance());
    assertThat(limited.snapshot().counters())
        .containsEntry("slave_unreachable_scheduled", 3L)
        .containsEntry("slave_unreachable_completed", 1L)
        .containsEntry("slave_unreachable_canceled", 1L);
    for (int i = 0; i < 8; i++) {
      limited.pass(Duration.ofSeconds(70));
      limited.say(2, PongSlaveMessage.getDefaultInstance());
    }
    assertThat(limited.snapshot().agents()).as("it is not yet the third's turn").hasSize(2);
    limited.pass(Duration.ofSeconds(45));
    assertThat(limited.snapshot().agents()).hasSize(1);
  }

  @Test
  @Covers({"M04", "S22"})
  void unreachableAgentsComeBackWithTheirTasks() {
    var stream = running(Stage.AWARE);
    var info = info(stream);
    var task = stage.knownTask("t1").orElseThrow();
    becomeUnreachable();
    stage.say(1, again(1, "m1-S0", List.of(info), task));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    var status = stage.lastUpdate(stream);
    assertThat(status.getState()).isEqualTo(TaskState.TASK_RUNNING);
    assertThat(status.getReason()).isEqualTo(Reason.REASON_AGENT_REREGISTERED);
    assertThat(stage.snapshot().frameworks().getFirst().unreachableTasks()).isEmpty();
    assertThat(stage.knownTask("t1")).isPresent();
    assertThat(stage.store).containsOnlyKeys("agents/m1-S0");
    // The rest of the agent is offered again, the task's part is not.
    assertThat(stage.lastOffer(stream).getResourcesList())
        .isEqualTo(Stage.resources("cpus:3;mem:900"));
  }

  @Test
  @Covers({"M04", "S13"})
  void tasksOfEndedFrameworksAreShutDownWhenTheAgentComesBack() {
    var stream = running(Stage.AWARE);
    var info = info(stream);
    var task = stage.knownTask("t1").orElseThrow();
    becomeUnreachable();
    stage.call(stream, Call.newBuilder().setType(Call.Type.TEARDOWN));
    stage.say(1, again(1, "m1-S0", List.of(info), task));
    assertThat(stage.sentTo(1, ShutdownFrameworkMessage.class)).hasSize(1);
    assertThat(stage.snapshot().frameworks()).isEmpty();
  }

  @Test
  @Covers("M03")
  void whoDoesNotComeBackBecomesUnreachable() {
    stage.register(1, "cpus:4;mem:1000");
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    for (int i = 0; i < 10; i++) { // it answers pings, but does not register
      stage.pass(Duration.ofSeconds(60));
      stage.say(1, PongSlaveMessage.getDefaultInstance());
    }
    assertThat(stage.snapshot().unreachable()).containsOnlyKeys("m1-S0");
  }

  /// Found by the simulation, seed 342: a launch reached the agent after it had been unreachable.
  @Test
  @Covers({"W02", "S10"})
  void whatWasGivenUpIsKilledWhenItRunsAfterAll() {
    var stream = running(Stage.AWARE);
    var agent = stage.knownTask("t1").orElseThrow().getAgentId();
    var late = stage.update(1, stage.frameworkId(stream), agent, "late", TaskState.TASK_STARTING);
    stage.say(1, late);
    assertThat(stage.sentTo(1, KillTaskMessage.class))
        .singleElement()
        .satisfies(kill -> assertThat(kill.getTaskId().getValue()).isEqualTo("late"));
    stage.say(1, stage.update(1, stage.frameworkId(stream), agent, "past", TaskState.TASK_FAILED));
    assertThat(stage.sentTo(1, KillTaskMessage.class)).hasSize(1);
  }

  /// Found by the simulation, seed 1004: launches from before three declarations of the agent as
  /// unreachable arrived when its network was well again, and it ran twice what it has.
  @Test
  @Covers({"M03", "W02", "A04"})
  void whatIsUnderWayToAnUnreachableAgentIsTakenBack() {
    running(Stage.AWARE);
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    assertThat(stage.unlinked).isEmpty();
    stage.pass(Duration.ofMinutes(11));
    assertThat(stage.snapshot().unreachable()).containsOnlyKeys("m1-S0");
    assertThat(stage.unlinked).containsExactly(Stage.pid(1));
  }

  @Test
  @Covers("S12")
  void reconciliationTellsEveryState() {
    var stream = running(Stage.AWARE);
    stage.register(2, "cpus:1;mem:100");
    stage.register(3, "cpus:1;mem:100");
    stage.feed(new MasterEvent.OperatorCall(900, new OperatorRequest.MarkAgentGone("m1-S2")));
    assertThat(stage.replies.get(900L).status()).isEqualTo(200);
    assertThat(reconciled(stream, "t1", "m1-S0")).isEqualTo(TaskState.TASK_RUNNING);
    assertThat(reconciled(stream, "x", "m1-S1")).isEqualTo(TaskState.TASK_GONE);
    assertThat(reconciled(stream, "x", "m1-S2")).isEqualTo(TaskState.TASK_GONE_BY_OPERATOR);
    assertThat(reconciled(stream, "x", "other")).isEqualTo(TaskState.TASK_UNKNOWN);
    assertThat(reconciled(stream, "x", "")).isEqualTo(TaskState.TASK_UNKNOWN);
    becomeUnreachable();
    assertThat(reconciled(stream, "x", "m1-S1")).isEqualTo(TaskState.TASK_UNREACHABLE);
    var plain = stage.subscribe(Stage.PLAIN);
    assertThat(reconciled(plain, "x", "m1-S1")).isEqualTo(TaskState.TASK_LOST);
    assertThat(reconciled(plain, "x", "m1-S2")).isEqualTo(TaskState.TASK_LOST);
    assertThat(stage.lastUpdate(plain).hasUuid()).isFalse();
  }

  private TaskState reconciled(String stream, String task, String agent) {
    var asked = Call.Reconcile.Task.newBuilder().setTaskId(TaskID.newBuilder().setValue(task));
    if (!agent.isEmpty()) {
      asked.setAgentId(AgentID.newBuilder().setValue(agent));
    }
    stage.call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.RECONCILE)
            .setReconcile(Call.Reconcile.newBuilder().addTasks(asked)));
    return stage.lastUpdate(stream).getState();
  }

  /// Original: Master::markGone of an agent that is unreachable.
  @Test
  @Covers({"M05", "OM16"})
  void whatWasUnreachableIsGoneWithItsAgent() {
    var aware = running(Stage.AWARE);
    stage.call(aware, Call.newBuilder().setType(Call.Type.SUPPRESS));
    var plain = stage.subscribe(Stage.PLAIN);
    stage.pass(Duration.ofSeconds(6));
    var rest = stage.lastOffer(plain);
    stage.launch(plain, rest, Stage.task("t2", rest, "cpus:1;mem:100"));
    becomeUnreachable();
    assertThat(stage.lastUpdate(aware).getState()).isEqualTo(TaskState.TASK_UNREACHABLE);
    stage.feed(new MasterEvent.OperatorCall(900, new OperatorRequest.MarkAgentGone("m1-S0")));
    assertThat(stage.replies.get(900L).status()).isEqualTo(200);
    var gone = stage.lastUpdate(aware);
    assertThat(gone.getTaskId().getValue()).isEqualTo("t1");
    assertThat(gone.getState()).isEqualTo(TaskState.TASK_GONE_BY_OPERATOR);
    assertThat(gone.getReason()).isEqualTo(Reason.REASON_AGENT_REMOVED_BY_OPERATOR);
    assertThat(stage.updates(plain))
        .extracting(status -> status.getTaskId().getValue() + " " + status.getState())
        .containsExactly("t2 TASK_LOST", "t2 TASK_LOST"); // once as unreachable, once as gone
    for (var framework : stage.snapshot().frameworks()) {
      assertThat(framework.unreachableTasks()).isEmpty();
      assertThat(framework.completedTasks()).hasSize(1);
    }
    assertThat(stage.snapshot().counters())
        .containsEntry("tasks_gone_by_operator", 1L)
        .containsEntry("tasks_lost", 1L);
  }
}
