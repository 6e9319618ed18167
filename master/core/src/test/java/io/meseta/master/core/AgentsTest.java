// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentsTest {
  private final Stage stage = new Stage();

  private ReregisterSlaveMessage again(
      int port, String id, List<FrameworkInfo> frameworks, Task... tasks) {
    return ReregisterSlaveMessage.newBuilder()
        .setSlave(
            Stage.agentInfo(port, "cpus:4;mem:1000").toBuilder()
                .setId(AgentID.newBuilder().setValue(id)))
        .setVersion("1.12.0")
        .addAllAgentCapabilities(Stage.capabilities())
        .addAllFrameworks(frameworks)
        .addAllTasks(List.of(tasks))
        .build();
  }

  /// A framework with a running task "t1" on agent 1; gives its stream.
  private String running(FrameworkInfo info) {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(info);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("t1", offer, "cpus:1;mem:100"));
    stage.say(
        1,
        stage.update(
            1, stage.frameworkId(stream), offer.getAgentId(), "t1", TaskState.TASK_RUNNING));
    return stream;
  }

  private FrameworkInfo info(String stream) {
    return stage.snapshot().frameworks().stream()
        .filter(framework -> framework.info().getId().equals(stage.frameworkId(stream)))
        .findFirst()
        .orElseThrow()
        .info();
  }

  private void becomeUnreachable() {
    stage.pass(Duration.ofSeconds(75));
  }

  /// It would be written by this master, and then by each that follows, and end all of them.
  @Test
  void anAgentTooLargeForTheRegistryIsNotTaken() {
    var large = Stage.registration(1, "cpus:4;mem:1000").toBuilder();
    large
        .getSlaveBuilder()
        .addAttributesBuilder()
        .setName("a")
        .setType(Value.Type.TEXT)
        .setText(Value.Text.newBuilder().setValue("x".repeat(900_000)));
    stage.holdPersists = true;
    stage.say(1, large.build());
    assertThat(stage.held).isEmpty();
    var again = again(1, "S1", List.of()).toBuilder();
    again.setSlave(
        again.getSlave().toBuilder().addAllAttributes(large.getSlave().getAttributesList()));
    stage.say(1, again.build());
    assertThat(stage.held).isEmpty();
    stage.say(1, Stage.registration(1, "cpus:4;mem:1000"));
    assertThat(stage.held).hasSize(1);
  }

  @Test
  @Covers({"H04", "W02"})
  void registrationIsToldOnlyWhenDurable() {
    stage.holdPersists = true;
    stage.register(1, "cpus:4;mem:1000");
    stage.register(1, "cpus:4;mem:1000"); // repeated by the agent
    assertThat(stage.sentTo(1, SlaveRegisteredMessage.class)).isEmpty();
    assertThat(stage.held).hasSize(1);
    stage.releasePersists();
    var registered = stage.sentTo(1, SlaveRegisteredMessage.class);
    assertThat(registered).hasSize(1);
    assertThat(registered.getFirst().getSlaveId().getValue()).isEqualTo("m1-S0");
    assertThat(registered.getFirst().getConnection().getTotalPingTimeoutSeconds()).isEqualTo(75);
    assertThat(stage.store).containsOnlyKeys("agents/m1-S0");
    stage.register(1, "cpus:4;mem:1000");
    assertThat(stage.sentTo(1, SlaveRegisteredMessage.class)).hasSize(2);
    assertThat(stage.snapshot().agents()).hasSize(1);
  }

  @Test
  @Covers("W06")
  void agentsOfAnotherAgeAreIgnored() {
    stage.say(1, Stage.registration(1, "cpus:1").toBuilder().setVersion("0.28.0").build());
    stage.say(1, Stage.registration(1, "cpus:1").toBuilder().setVersion("new").build());
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(stage.notes).anyMatch(note -> note.contains("0.28.0 is older than 1.0.0"));
  }

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
  @Covers({"M03", "S08"})
  void disconnectedAgentsHaveTimeToComeBack() {
    var stream = running(Stage.PLAIN);
    var info = info(stream);
    var task = stage.knownTask("t1").orElseThrow();
    stage.pass(Duration.ofSeconds(6));
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    assertThat(stage.events(stream, Event.Type.RESCIND)).hasSize(1);
    assertThat(stage.snapshot().agents().getFirst().connected()).isFalse();
    stage.call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.KILL)
            .setKill(Call.Kill.newBuilder().setTaskId(TaskID.newBuilder().setValue("t1"))));
    assertThat(stage.sentTo(1, KillTaskMessage.class)).isEmpty();
    stage.say(1, again(1, "m1-S0", List.of(info), task));
    assertThat(stage.snapshot().agents().getFirst().connected()).isTrue();
    assertThat(stage.sentTo(1, KillTaskMessage.class)).hasSize(1); // it is repeated
    assertThat(stage.sentTo(1, UpdateFrameworkMessage.class)).hasSize(1);
    assertThat(stage.offers(stream)).hasSize(3);
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

  @Test
  @Covers({"W02", "S10"})
  void theAgentIsAskedAboutTasksItDidNotMention() {
    var stream = running(Stage.PLAIN);
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.say(1, again(1, "m1-S0", List.of(info(stream))));
    var reconciliation =
        stage.sentTo(1, SlaveReregisteredMessage.class).getFirst().getReconciliations(0);
    assertThat(reconciliation.getFrameworkId()).isEqualTo(stage.frameworkId(stream));
    assertThat(reconciliation.getStatuses(0).getTaskId().getValue()).isEqualTo("t1");
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

  @Test
  @Covers({"M05", "OM16"})
  void goneAgentsAreRefusedForEver() {
    var stream = running(Stage.AWARE);
    stage.feed(new MasterEvent.OperatorCall(900, new OperatorRequest.MarkAgentGone("m1-S0")));
    assertThat(stage.sentTo(1, ShutdownMessage.class).getFirst().getMessage())
        .isEqualTo("Agent has been marked gone");
    assertThat(stage.lastUpdate(stream).getState()).isEqualTo(TaskState.TASK_GONE_BY_OPERATOR);
    assertThat(stage.store).containsOnlyKeys("gone/m1-S0");
    stage.say(1, again(1, "m1-S0", List.of()));
    assertThat(stage.sentTo(1, ShutdownMessage.class)).hasSize(2);
    stage.feed(new MasterEvent.OperatorCall(901, new OperatorRequest.MarkAgentGone("no")));
    assertThat(stage.replies.get(901L).status()).isEqualTo(404);
    stage.feed(new MasterEvent.OperatorCall(902, new OperatorRequest.MarkAgentGone("m1-S0")));
    assertThat(stage.replies.get(902L).status()).isEqualTo(200);
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

  @Test
  @Covers("M05")
  void agentsMayLeaveAndOldOnesAreForgotten() {
    stage.register(1, "cpus:4;mem:1000");
    stage.say(
        1,
        UnregisterSlaveMessage.newBuilder()
            .setSlaveId(AgentID.newBuilder().setValue("m1-S0"))
            .build());
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(stage.store).isEmpty();
    stage.register(2, "cpus:4;mem:1000");
    becomeUnreachable();
    stage.pass(Duration.ofDays(13));
    assertThat(stage.snapshot().unreachable()).hasSize(1);
    stage.pass(Duration.ofDays(2));
    assertThat(stage.snapshot().unreachable()).isEmpty();
    assertThat(stage.store).isEmpty();
  }

  @Test
  @Covers({"M05", "W02"})
  void removalsAreCountedByReason() {
    stage.register(1, "cpus:4;mem:1000");
    stage.say(
        1,
        UnregisterSlaveMessage.newBuilder()
            .setSlaveId(AgentID.newBuilder().setValue("m1-S0"))
            .build());
    stage.register(1, "cpus:4;mem:1000");
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.register(1, "cpus:4;mem:1000"); // as a new agent at the same address
    assertThat(stage.snapshot().counters())
        .containsEntry("slave_removals", 2L)
        .containsEntry("slave_removals/reason_unregistered", 1L)
        .containsEntry("slave_removals/reason_registered", 1L)
        .doesNotContainKey("slave_removals/reason_unhealthy");
    stage.elect("m2");
    stage.pass(Duration.ofMinutes(10));
    assertThat(stage.snapshot().counters())
        .containsEntry("slave_removals", 1L)
        .containsEntry("slave_removals/reason_unhealthy", 1L)
        .containsEntry("recovery_slave_removals", 1L);
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
  void aMovedAgentIsRefusedWhenItsHostChanged() {
    stage.register(1, "cpus:4;mem:1000");
    var message = again(1, "m1-S0", List.of()).toBuilder();
    message.getSlaveBuilder().setHostname("elsewhere");
    stage.say(1, message.build());
    assertThat(stage.sentTo(1, ShutdownMessage.class)).hasSize(1);
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).isEmpty();
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

  @Test
  @Covers("OM10")
  void operatorsWatchEveryChange() {
    stage.feed(new MasterEvent.Watch("w"));
    assertThat(stage.watched).containsExactly("SUBSCRIBED", "HEARTBEAT");
    var stream = running(Stage.AWARE);
    assertThat(stage.watched)
        .containsSubsequence("AGENT_ADDED", "FRAMEWORK_ADDED", "TASK_ADDED", "TASK_UPDATED");
    var updated = stage.operatorEvents.getLast().getTaskUpdated();
    assertThat(updated.getState()).isEqualTo(TaskState.TASK_RUNNING);
    assertThat(updated.getFrameworkId()).isEqualTo(stage.frameworkId(stream));
    int before = stage.watched.size();
    stage.pass(Duration.ofSeconds(15));
    assertThat(stage.watched.subList(before, stage.watched.size())).containsExactly("HEARTBEAT");
    becomeUnreachable();
    assertThat(stage.watched).containsSubsequence("TASK_UPDATED", "TASK_UPDATED", "AGENT_REMOVED");
    stage.call(stream, Call.newBuilder().setType(Call.Type.TEARDOWN));
    assertThat(stage.watched).endsWith("FRAMEWORK_REMOVED");
    stage.feed(new MasterEvent.StreamClosed("w"));
    int after = stage.watched.size();
    stage.pass(Duration.ofSeconds(60));
    assertThat(stage.watched).hasSize(after);
  }

  @Test
  @Covers("OM10")
  void theOldestWatcherMakesRoom() {
    for (int i = 0; i < 1001; i++) {
      stage.feed(new MasterEvent.Watch("w" + i));
    }
    assertThat(stage.closed).containsExactly("w0");
    assertThat(stage.snapshot().watchers()).isEqualTo(1000);
  }

  /// Original: Master::_removeSlave.
  @Test
  @Covers("M05")
  void theTasksOfAgentsThatLeaveAreLost() {
    for (var info : List.of(Stage.AWARE, Stage.PLAIN)) {
      var left = new AgentsTest();
      var stream = left.running(info);
      left.stage.say(
          1,
          UnregisterSlaveMessage.newBuilder()
              .setSlaveId(AgentID.newBuilder().setValue("m1-S0"))
              .build());
      left.lost(stream, "Agent host removed: the agent unregistered");

      var replaced = new AgentsTest();
      stream = replaced.running(info);
      replaced.stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
      replaced.stage.register(1, "cpus:4;mem:1000");
      replaced.lost(stream, "Agent host removed: a new agent registered at the same address");
    }
  }

  private void lost(String stream, String message) {
    var status = stage.lastUpdate(stream);
    assertThat(status.getState()).isEqualTo(TaskState.TASK_LOST);
    assertThat(status.getReason()).isEqualTo(Reason.REASON_AGENT_REMOVED);
    assertThat(status.getMessage()).isEqualTo(message);
    assertThat(stage.snapshot().counters()).containsEntry("tasks_lost", 1L);
  }
}
