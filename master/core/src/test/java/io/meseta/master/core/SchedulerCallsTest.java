// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.FrameworkToExecutorMessage;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.ShutdownExecutorMessage;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.Filters;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchedulerCallsTest {
  private final Stage stage = new Stage();

  private static Call.Builder decline(io.meseta.wire.v1.Offer offer, double seconds) {
    return Call.newBuilder()
        .setType(Call.Type.DECLINE)
        .setDecline(
            Call.Decline.newBuilder()
                .addOfferIds(offer.getId())
                .setFilters(Filters.newBuilder().setRefuseSeconds(seconds)));
  }

  private static Call.Builder kill(String task) {
    return Call.newBuilder()
        .setType(Call.Type.KILL)
        .setKill(Call.Kill.newBuilder().setTaskId(TaskID.newBuilder().setValue(task)));
  }

  @Test
  @Covers("S01")
  void aSchedulerIsWelcomedAndKeptAwake() {
    var stream = stage.subscribe(Stage.PLAIN);
    assertThat(stage.events.get(stream))
        .extracting(Event::getType)
        .containsExactly(Event.Type.SUBSCRIBED, Event.Type.HEARTBEAT);
    var subscribed = stage.events.get(stream).getFirst().getSubscribed();
    assertThat(subscribed.getFrameworkId().getValue()).isEqualTo("m1-0000");
    assertThat(subscribed.getHeartbeatIntervalSeconds()).isEqualTo(15);
    assertThat(subscribed.getMasterInfo().getId()).isEqualTo("m1");
    stage.pass(Duration.ofSeconds(45));
    assertThat(stage.events(stream, Event.Type.HEARTBEAT)).hasSize(4);
  }

  @Test
  @Covers({"S05", "A04"})
  void freeResourcesAreOfferedAtOnce() {
    stage.register(1, "cpus:4;mem:1000;ports:[1-9]");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    assertThat(offer.getId().getValue()).isEqualTo("m1-O0");
    assertThat(offer.getAgentId().getValue()).isEqualTo("m1-S0");
    assertThat(offer.getUrl().getPath()).isEqualTo("/slave(1)");
    assertThat(offer.hasAllocationInfo()).isFalse();
    assertThat(offer.getResourcesList()).isEqualTo(Stage.resources("cpus:4;mem:1000;ports:[1-9]"));
    stage.register(2, "cpus:1;mem:100");
    assertThat(stage.offers(stream)).hasSize(2);
  }

  @Test
  @Covers({"S21", "S05", "S25"})
  void rolesShowWhereTheFrameworkUnderstandsThem() {
    stage.register(1, "cpus:4;mem:1000");
    var info =
        Stage.with(
            Stage.PLAIN.toBuilder().addRoles("a").addRoles("b").build(),
            Capability.Type.MULTI_ROLE,
            Capability.Type.RESERVATION_REFINEMENT);
    var stream = stage.subscribe(info);
    var offer = stage.lastOffer(stream);
    assertThat(offer.getAllocationInfo().getRole()).isEqualTo("a");
    assertThat(offer.getResources(0).getAllocationInfo().getRole()).isEqualTo("a");
    assertThat(offer.getResourcesList()).noneMatch(r -> r.toString().contains("\nrole:"));
  }

  @Test
  @Covers({"S06", "S09", "S32"})
  void aTaskRunsThroughItsLife() throws Exception {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    assertThat(stage.launch(stream, offer, Stage.task("t1", offer, "cpus:1;mem:100")).status())
        .isEqualTo(202);
    var run = stage.sentTo(1, RunTaskMessage.class).getFirst();
    assertThat(run.getPid()).isEqualTo("@0.0.0.0:0");
    assertThat(run.getLaunchExecutor()).isTrue();
    assertThat(run.getFramework().getId()).isEqualTo(stage.frameworkId(stream));
    assertThat(run.getTask().getResources(0).getAllocationInfo().getRole()).isEqualTo("*");
    assertThat(stage.knownTask("t1").orElseThrow().getState()).isEqualTo(TaskState.TASK_STAGING);

    var framework = stage.frameworkId(stream);
    stage.say(1, stage.update(1, framework, offer.getAgentId(), "t1", TaskState.TASK_RUNNING));
    var running = stage.lastUpdate(stream);
    assertThat(running.getState()).isEqualTo(TaskState.TASK_RUNNING);
    assertThat(running.getUuid().size()).isEqualTo(16);
    stage.acknowledge(stream, running);
    assertThat(stage.sentTo(1, StatusUpdateAcknowledgementMessage.class).getFirst().getUuid())
        .isEqualTo(running.getUuid());
    assertThat(stage.knownTask("t1")).isPresent();

    // The rest comes back after the default refusal of 5 s, the task's part when it ends.
    assertThat(stage.offers(stream)).hasSize(1);
    stage.pass(Duration.ofSeconds(6));
    assertThat(ResourceWire.decode(stage.lastOffer(stream).getResourcesList()))
        .hasToString("cpus:3; mem:900");
    stage.say(1, stage.update(1, framework, offer.getAgentId(), "t1", TaskState.TASK_FINISHED));
    assertThat(ResourceWire.decode(stage.lastOffer(stream).getResourcesList()))
        .hasToString("cpus:1; mem:100");
    assertThat(stage.knownTask("t1")).isPresent(); // until acknowledged
    stage.acknowledge(stream, stage.lastUpdate(stream));
    assertThat(stage.knownTask("t1")).isEmpty();
    assertThat(stage.snapshot().frameworks().getFirst().completedTasks()).hasSize(1);
  }

  @Test
  @Covers("S06")
  void offersOfOneAgentAreUsedTogether() {
    stage.register(1, "cpus:2;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    var first = stage.lastOffer(stream);
    stage.launch(stream, first, Stage.task("t1", first, "cpus:1;mem:100"));
    stage.pass(Duration.ofSeconds(6));
    var rest = stage.lastOffer(stream);
    var framework = stage.frameworkId(stream);
    stage.say(1, stage.update(1, framework, rest.getAgentId(), "t1", TaskState.TASK_FAILED));
    var freed = stage.lastOffer(stream);
    assertThat(freed.getId()).isNotEqualTo(rest.getId());
    stage.accept(
        stream,
        List.of(rest, freed),
        io.meseta.wire.v1.Offer.Operation.newBuilder()
            .setType(io.meseta.wire.v1.Offer.Operation.Type.LAUNCH)
            .setLaunch(
                io.meseta.wire.v1.Offer.Operation.Launch.newBuilder()
                    .addTaskInfos(Stage.task("t2", rest, "cpus:2;mem:1000")))
            .build());
    assertThat(stage.sentTo(1, RunTaskMessage.class)).hasSize(2);
  }

  @ParameterizedTest
  @Covers("S07")
  @CsvSource({"60, 59, 61", "-1, 4, 6", "5, 4, 6", "1e12, 86400, 31622400"})
  void declinedResourcesComeBackWhenTheRefusalEnds(double refuse, long tooEarly, long lateEnough) {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    stage.call(stream, decline(stage.lastOffer(stream), refuse));
    if (lateEnough < 1000) { // longer silences would make the agent unreachable
      stage.pass(Duration.ofSeconds(tooEarly));
      assertThat(stage.offers(stream)).hasSize(1);
      stage.pass(Duration.ofSeconds(lateEnough - tooEarly));
      assertThat(stage.offers(stream)).hasSize(2);
    } else {
      stage.pass(Duration.ofSeconds(70));
      assertThat(stage.offers(stream)).hasSize(1);
    }
  }

  @Test
  @Covers("S07")
  void declinedForNoTimeTheyComeBackAtOnce() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    stage.call(stream, decline(stage.lastOffer(stream), 0));
    assertThat(stage.offers(stream)).hasSize(2);
  }

  @Test
  @Covers("S08")
  void offersTimeOutAndDeadOnesCannotBeUsed() {
    var timed = new Stage(Stage.config(c -> c.offerTimeout = Optional.of(Duration.ofSeconds(5))));
    timed.register(1, "cpus:4;mem:1000");
    var stream = timed.subscribe(Stage.PLAIN);
    var aware = timed.subscribe(Stage.AWARE);
    var offer = timed.lastOffer(stream);
    timed.pass(Duration.ofSeconds(5));
    assertThat(timed.events(stream, Event.Type.RESCIND).getFirst().getRescind().getOfferId())
        .isEqualTo(offer.getId());
    timed.launch(stream, offer, Stage.task("t1", offer, "cpus:1;mem:100"));
    var status = timed.lastUpdate(stream);
    assertThat(status.getState()).isEqualTo(TaskState.TASK_LOST);
    assertThat(status.getReason()).isEqualTo(Reason.REASON_INVALID_OFFERS);
    assertThat(status.hasUuid()).isFalse();
    assertThat(status.getMessage())
        .isEqualTo("Task launched with invalid offers: Offer m1-O0 is no longer valid");
    timed.launch(aware, offer, Stage.task("t1", offer, "cpus:1;mem:100"));
    assertThat(timed.lastUpdate(aware).getState()).isEqualTo(TaskState.TASK_DROPPED);
  }

  @Test
  @Covers("S10")
  void killsGoToTheAgentOrAreReconciled() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("t1", offer, "cpus:1;mem:100"));
    stage.call(stream, kill("t1"));
    assertThat(stage.sentTo(1, KillTaskMessage.class)).hasSize(1);
    stage.call(stream, kill("bogus"));
    assertThat(stage.lastUpdate(stream).getState()).isEqualTo(TaskState.TASK_LOST);
    assertThat(stage.lastUpdate(stream).getReason()).isEqualTo(Reason.REASON_RECONCILIATION);
    var elsewhere = kill("t1");
    elsewhere.getKillBuilder().setAgentId(AgentID.newBuilder().setValue("other"));
    stage.call(stream, elsewhere);
    assertThat(stage.sentTo(1, KillTaskMessage.class)).hasSize(1);
  }

  @Test
  @Covers("S11")
  void reviveAndSuppress() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    stage.call(stream, decline(stage.lastOffer(stream), 1e6));
    stage.call(stream, Call.newBuilder().setType(Call.Type.REVIVE));
    assertThat(stage.offers(stream)).hasSize(2);
    stage.call(stream, Call.newBuilder().setType(Call.Type.SUPPRESS));
    stage.call(stream, decline(stage.lastOffer(stream), 0));
    stage.pass(Duration.ofSeconds(60));
    assertThat(stage.offers(stream)).hasSize(2);
    // A role that is not its own drops the whole call.
    stage.call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.REVIVE)
            .setRevive(Call.Revive.newBuilder().addRoles("*").addRoles("foreign")));
    assertThat(stage.offers(stream)).hasSize(2);
    stage.call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.REVIVE)
            .setRevive(Call.Revive.newBuilder().addRoles("*")));
    assertThat(stage.offers(stream)).hasSize(3);
  }

  @Test
  @Covers("S11")
  void rolesCanBeSuppressedFromTheStart() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN, List.of("*"));
    assertThat(stage.offers(stream)).isEmpty();
    var wrong = stage.subscribe(Stage.PLAIN, List.of("foreign"));
    assertThat(stage.events.get(wrong).getFirst().getError().getMessage())
        .isEqualTo("Suppressed roles { foreign } are not contained in the set of roles");
    assertThat(stage.closed).containsExactly(wrong);
  }

  @Test
  @Covers({"S13", "S16"})
  void teardownIsForEver() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    var offer = stage.lastOffer(stream);
    var id = stage.frameworkId(stream);
    stage.launch(stream, offer, Stage.task("t1", offer, "cpus:1;mem:100"));
    stage.call(stream, Call.newBuilder().setType(Call.Type.TEARDOWN));
    assertThat(stage.sentTo(1, ShutdownFrameworkMessage.class)).hasSize(1);
    assertThat(stage.closed).containsExactly(stream);
    var completed = stage.snapshot().completedFrameworks().getFirst();
    assertThat(completed.completedTasks().getFirst().getState()).isEqualTo(TaskState.TASK_KILLED);
    var again = stage.subscribe(Stage.PLAIN.toBuilder().setId(id).build());
    assertThat(stage.events.get(again).getFirst().getError().getMessage())
        .isEqualTo("Framework has been removed");
    // What it held is free again.
    var other = stage.subscribe(Stage.PLAIN);
    assertThat(stage.lastOffer(other).getResourcesList())
        .isEqualTo(Stage.resources("cpus:4;mem:1000"));
  }

  @Test
  @Covers({"S14", "S15"})
  void executorsGetMessagesAndShutdown() {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(Stage.PLAIN);
    var agent = stage.lastOffer(stream).getAgentId();
    var executor = ExecutorID.newBuilder().setValue("e").build();
    stage.call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.MESSAGE)
            .setMessage(
                Call.Message.newBuilder()
                    .setAgentId(agent)
                    .setExecutorId(executor)
                    .setData(ByteString.copyFromUtf8("hi"))));
    assertThat(stage.sentTo(1, FrameworkToExecutorMessage.class).getFirst().getData())
        .isEqualTo(ByteString.copyFromUtf8("hi"));
    stage.say(
        1,
        ExecutorToFrameworkMessage.newBuilder()
            .setSlaveId(agent)
            .setFrameworkId(stage.frameworkId(stream))
            .setExecutorId(executor)
            .setData(ByteString.copyFromUtf8("ho"))
            .build());
    assertThat(stage.events(stream, Event.Type.MESSAGE).getFirst().getMessage().getData())
        .isEqualTo(ByteString.copyFromUtf8("ho"));
    stage.call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.SHUTDOWN)
            .setShutdown(Call.Shutdown.newBuilder().setAgentId(agent).setExecutorId(executor)));
    assertThat(stage.sentTo(1, ShutdownExecutorMessage.class)).hasSize(1);
  }

  @Test
  @Covers({"S16", "S17"})
  void theNewerSchedulerWinsAndKeepsTheTasks() {
    stage.register(1, "cpus:4;mem:1000");
    var old = stage.subscribe(Stage.PLAIN);
    var id = stage.frameworkId(old);
    var offer = stage.lastOffer(old);
    stage.launch(old, offer, Stage.task("t1", offer, "cpus:1;mem:100"));
    var info = Stage.PLAIN.toBuilder().setId(id).build();
    var newer = stage.subscribe(info);
    assertThat(stage.events(old, Event.Type.ERROR).getFirst().getError().getMessage())
        .isEqualTo("Framework failed over");
    assertThat(stage.closed).containsExactly(old);
    stage.feed(new MasterEvent.StreamClosed(old)); // the edge reports it late
    assertThat(stage.frameworkId(newer)).isEqualTo(id);
    assertThat(stage.sentTo(1, UpdateFrameworkMessage.class)).hasSize(1);
    assertThat(stage.knownTask("t1")).isPresent();
    assertThat(stage.snapshot().frameworks().getFirst().connected()).isTrue();
    assertThat(stage.offers(newer)).hasSize(1);
  }

  @Test
  @Covers({"S17", "S33"})
  void aSchedulerHasItsTimeoutToComeBack() {
    var stream = stage.subscribe(Stage.PLAIN);
    var id = stage.frameworkId(stream);
    stage.feed(new MasterEvent.StreamClosed(stream));
    stage.pass(Duration.ofSeconds(59));
    var back = stage.subscribe(Stage.PLAIN.toBuilder().setId(id).build());
    assertThat(stage.frameworkId(back)).isEqualTo(id);
    stage.pass(Duration.ofSeconds(60));
    assertThat(stage.snapshot().frameworks()).hasSize(1);
    stage.feed(new MasterEvent.StreamClosed(back));
    stage.pass(Duration.ofSeconds(60));
    assertThat(stage.snapshot().frameworks()).isEmpty();
    assertThat(stage.snapshot().completedFrameworks()).hasSize(1);
  }

  @Test
  @Covers("S17")
  void withoutATimeoutItIsRemovedOnDisconnection() {
    var stream = stage.subscribe(Stage.PLAIN.toBuilder().setFailoverTimeout(0).build());
    stage.feed(new MasterEvent.StreamClosed(stream));
    stage.pass(Duration.ZERO);
    assertThat(stage.snapshot().completedFrameworks()).hasSize(1);
  }

  @Test
  @Covers("S33")
  void memoryOfThePastIsLimited() {
    var small =
        new Stage(
            Stage.config(c -> {
              c.maxCompletedFrameworks = 2;
              c.maxCompletedTasksPerFramework = 3;
              c.maxUnreachableTasksPerFramework = 3;
            }));
    small.register(1, "cpus:100;mem:10000");
    var stream = small.subscribe(Stage.PLAIN);
    var framework = small.frameworkId(stream);
    for (int i = 0; i < 5; i++) {
      var offer = small.lastOffer(stream);
      small.launch(stream, offer, Stage.task("t" + i, offer, "cpus:1;mem:10"));
      small.say(
          1, small.update(1, framework, offer.getAgentId(), "t" + i, TaskState.TASK_FINISHED));
      small.acknowledge(stream, small.lastUpdate(stream));
      small.pass(Duration.ofSeconds(6));
    }
    assertThat(small.snapshot().frameworks().getFirst().completedTasks())
        .extracting(task -> task.getTaskId().getValue())
        .containsExactly("t2", "t3", "t4");
    for (int i = 0; i < 4; i++) {
      small.call(small.subscribe(Stage.PLAIN), Call.newBuilder().setType(Call.Type.TEARDOWN));
    }
    assertThat(small.snapshot().completedFrameworks()).hasSize(2);
  }

  @Test
  @Covers("S19")
  void frameworksCanBeUpdatedWithinLimits() {
    var stream = stage.subscribe(Stage.PLAIN);
    var info = Stage.PLAIN.toBuilder().setId(stage.frameworkId(stream));
    var renamed = info.clone().setName("other").setWebuiUrl("http://x");
    assertThat(
            stage
                .call(
                    stream,
                    Call.newBuilder()
                        .setType(Call.Type.UPDATE_FRAMEWORK)
                        .setUpdateFramework(
                            Call.UpdateFramework.newBuilder().setFrameworkInfo(renamed)))
                .status())
        .isEqualTo(200);
    assertThat(stage.snapshot().frameworks().getFirst().info().getName()).isEqualTo("other");
    var reply =
        stage.call(
            stream,
            Call.newBuilder()
                .setType(Call.Type.UPDATE_FRAMEWORK)
                .setUpdateFramework(
                    Call.UpdateFramework.newBuilder().setFrameworkInfo(info.clone().setUser("x"))));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.message()).contains("'FrameworkInfo.user' is unsupported");
  }

  @Test
  @Covers({"S03", "S04"})
  void whoMayCall() {
    var stream = stage.subscribe(Stage.PLAIN);
    var call =
        Call.newBuilder()
            .setType(Call.Type.REVIVE)
            .setFrameworkId(stage.frameworkId(stream))
            .build();
    stage.feed(new MasterEvent.SchedulerCall(100, Optional.empty(), Optional.empty(), call));
    assertThat(stage.replies.get(100L).status()).isEqualTo(400);
    assertThat(stage.replies.get(100L).message())
        .isEqualTo("All non-subscribe calls should include the 'Mesos-Stream-Id' header");
    stage.feed(new MasterEvent.SchedulerCall(101, Optional.of("x"), Optional.empty(), call));
    assertThat(stage.replies.get(101L).message())
        .isEqualTo(
            "The stream ID 'x' included in this request didn't match the stream ID currently"
                + " associated with framework ID m1-0000");
    stage.feed(new MasterEvent.StreamClosed(stream));
    stage.feed(new MasterEvent.SchedulerCall(102, Optional.of(stream), Optional.empty(), call));
    assertThat(stage.replies.get(102L).status()).isEqualTo(403);
    stage.feed(
        new MasterEvent.SchedulerCall(
            103,
            Optional.of(stream),
            Optional.empty(),
            call.toBuilder().setFrameworkId(FrameworkID.newBuilder().setValue("no")).build()));
    assertThat(stage.replies.get(103L).status()).isEqualTo(400);
    assertThat(stage.replies.get(103L).message()).isEqualTo("Framework cannot be found");
    stage.core = stage.unelected("m2");
    stage.feed(new MasterEvent.SchedulerCall(104, Optional.of(stream), Optional.empty(), call));
    assertThat(stage.replies.get(104L).status()).isEqualTo(503);
  }

  @ParameterizedTest
  @Covers({"S16", "S20"})
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "a//b|false|'FrameworkInfo.role' is not a valid role: Role 'a//b' cannot contain two"
            + " adjacent slashes",
        "a|true|'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable",
      })
  void badRolesAreRefused(String role, boolean multiRole, String message) {
    @SuppressWarnings("deprecation")
    var info = Stage.PLAIN.toBuilder().setRole(role).build();
    var stream = stage.subscribe(multiRole ? Stage.with(info, Capability.Type.MULTI_ROLE) : info);
    assertThat(stage.events.get(stream).getFirst().getError().getMessage()).isEqualTo(message);
  }
}
