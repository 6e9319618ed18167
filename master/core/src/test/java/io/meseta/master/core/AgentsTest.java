// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Agents that come and go in good order.
class AgentsTest extends AgentStage {
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
