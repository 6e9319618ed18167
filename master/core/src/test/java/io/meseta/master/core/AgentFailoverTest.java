// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a new leader learns from agents, and what of those that do not come back.
class AgentFailoverTest extends AgentStage {
  @Test
  @Covers("M02")
  void theLimitHoldsForAgentsThatNeverComeBackToo() {
    var limited =
        new Stage(Stage.config(c -> c.removalInterval = Optional.of(Duration.ofMinutes(1))));
    limited.register(1, "cpus:1");
    limited.register(2, "cpus:1");
    limited.elect("m2");
    limited.pass(Duration.ofMinutes(10).plusSeconds(1));
    assertThat(limited.snapshot().unreachable()).hasSize(1);
    limited.pass(Duration.ofMinutes(1));
    assertThat(limited.snapshot().unreachable()).hasSize(2);
  }

  @Test
  @Covers({"H05", "S18", "S12"})
  void afterAFailoverEverythingComesBackFromTheAgents() {
    var stream = running(Stage.AWARE);
    var info = info(stream);
    var task = stage.knownTask("t1").orElseThrow();
    stage.elect("m2");
    assertThat(stage.snapshot().recoveredAgents()).hasSize(1);
    // The scheduler is first: its id is taken, and nothing is said about tasks yet.
    var back = stage.subscribe(info);
    assertThat(stage.frameworkId(back)).isEqualTo(info.getId());
    var reconcile =
        Call.newBuilder()
            .setType(Call.Type.RECONCILE)
            .setReconcile(
                Call.Reconcile.newBuilder()
                    .addTasks(Call.Reconcile.Task.newBuilder().setTaskId(task.getTaskId())));
    var two = reconcile.clone();
    two.getReconcileBuilder()
        .addTasksBuilder()
        .setTaskId(task.getTaskId().toBuilder().setValue("t2"));
    stage.notes.clear();
    stage.call(back, two);
    assertThat(stage.updates(back)).isEmpty();
    assertThat(stage.notes)
        .singleElement()
        .asString()
        .contains("2 of 2 tasks are not reconciled: some agents have not re-registered yet");
    stage.say(1, again(1, "m1-S0", List.of(info), task));
    assertThat(stage.snapshot().recoveredAgents()).isEmpty();
    stage.call(back, reconcile);
    assertThat(stage.lastUpdate(back).getState()).isEqualTo(TaskState.TASK_RUNNING);
    assertThat(stage.lastUpdate(back).getReason()).isEqualTo(Reason.REASON_RECONCILIATION);
    assertThat(stage.lastOffer(back).getResourcesList())
        .isEqualTo(Stage.resources("cpus:3;mem:900"));
  }

  @Test
  @Covers({"H05", "S18"})
  void frameworksAreRecoveredFromAgents() {
    var stream = running(Stage.AWARE);
    var info = info(stream);
    var task = stage.knownTask("t1").orElseThrow();
    stage.elect("m2");
    stage.say(1, again(1, "m1-S0", List.of(info), task));
    var recovered = stage.snapshot().frameworks().getFirst();
    assertThat(recovered.recovered()).isTrue();
    assertThat(recovered.connected()).isFalse();
    var back = stage.subscribe(info);
    assertThat(stage.snapshot().frameworks().getFirst().recovered()).isFalse();
    assertThat(stage.knownTask("t1")).isPresent();
    assertThat(stage.offers(back)).hasSize(1);
  }

  @Test
  @Covers("H05")
  void agentsThatDoNotComeBackAfterAFailoverBecomeUnreachable() {
    stage.register(1, "cpus:4;mem:1000");
    stage.elect("m2");
    var stream = stage.subscribe(Stage.PLAIN);
    stage.pass(Duration.ofMinutes(10));
    assertThat(stage.snapshot().recoveredAgents()).isEmpty();
    assertThat(stage.snapshot().unreachable()).containsOnlyKeys("m1-S0");
    assertThat(stage.events(stream, Event.Type.FAILURE)).hasSize(1);
    assertThat(stage.store).containsOnlyKeys("unreachable/m1-S0");
  }

  @Test
  @Covers({"M06", "OM15"})
  void deactivatedAgentsAreNotOfferedEvenAfterAFailover() {
    stage.register(1, "cpus:4;mem:1000");
    stage.feed(new MasterEvent.OperatorCall(900, new OperatorRequest.DeactivateAgent("m1-S0")));
    assertThat(stage.replies.get(900L).status()).isEqualTo(200);
    assertThat(stage.offers(stage.subscribe(Stage.PLAIN))).isEmpty();
    stage.elect("m2");
    stage.say(1, again(1, "m1-S0", List.of()));
    var stream = stage.subscribe(Stage.PLAIN);
    assertThat(stage.offers(stream)).isEmpty();
    assertThat(stage.snapshot().agents().getFirst().deactivated()).isTrue();
    stage.feed(new MasterEvent.OperatorCall(901, new OperatorRequest.ReactivateAgent("m1-S0")));
    assertThat(stage.offers(stream)).hasSize(1);
  }

  @Test
  @Covers("OM09")
  void weightsSurviveTheMaster() {
    stage.feed(
        new MasterEvent.OperatorCall(900, new OperatorRequest.UpdateWeights(Map.of("a/b", 2.5))));
    stage.elect("m2");
    assertThat(stage.snapshot().weights()).containsEntry("a/b", 2.5);
    stage.feed(
        new MasterEvent.OperatorCall(901, new OperatorRequest.UpdateWeights(Map.of("a", -1.0))));
    assertThat(stage.replies.get(901L).status()).isEqualTo(400);
    assertThat(stage.replies.get(901L).message()).contains("'a' must be positive");
  }

  @Test
  @Covers("W02")
  void inconsistentReregistrationsAreDropped() {
    stage.register(1, "cpus:4;mem:1000");
    var task =
        Task.newBuilder()
            .setName("t")
            .setTaskId(TaskID.newBuilder().setValue("t"))
            .setFrameworkId(io.meseta.wire.v1.FrameworkID.newBuilder().setValue("f"))
            .setAgentId(AgentID.newBuilder().setValue("m1-S0"))
            .setState(TaskState.TASK_RUNNING)
            .build();
    stage.say(1, again(1, "m1-S0", List.of(), task));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).isEmpty();
    assertThat(stage.notes).anyMatch(note -> note.contains("unknown framework f"));
  }
}
