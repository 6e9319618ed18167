// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.master.core.view.AgentView;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.DrainSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.DrainInfo;
import io.meseta.wire.v1.DrainState;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrainTest {
  private static final DrainConfig GENTLE =
      DrainConfig.newBuilder()
          .setMaxGracePeriod(
              io.meseta.wire.v1.DurationInfo.newBuilder().setNanoseconds(7_000_000_000L))
          .setMarkGone(false)
          .build();
  private static final DrainConfig FOR_EVER = DrainConfig.newBuilder().setMarkGone(true).build();

  private final Stage stage = new Stage();
  private long calls = 1000;

  private String ask(OperatorRequest request) {
    stage.feed(new MasterEvent.OperatorCall(++calls, request));
    var reply = stage.replies.get(calls);
    return reply == null ? "nothing yet" : (reply.status() + " " + reply.message()).strip();
  }

  private String drain(DrainConfig config) {
    return ask(new OperatorRequest.DrainAgent("m1-S0", config));
  }

  private String reactivate() {
    return ask(new OperatorRequest.ReactivateAgent("m1-S0"));
  }

  private AgentView agent() {
    return stage.snapshot().agents().getFirst();
  }

  private DrainState state() {
    return agent().drain().map(DrainInfo::getState).orElse(DrainState.UNKNOWN);
  }

  private List<DrainSlaveMessage> told() {
    return stage.sentTo(1, DrainSlaveMessage.class);
  }

  /// A framework with a running task "t1" on agent 1; gives its stream.
  private String running(FrameworkInfo info) {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(info);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("t1", offer, "cpus:1;mem:100"));
    say(stream, TaskState.TASK_RUNNING);
    return stream;
  }

  private void say(String stream, TaskState state) {
    var agent = AgentID.newBuilder().setValue("m1-S0").build();
    stage.say(1, stage.update(1, stage.frameworkId(stream), agent, "t1", state));
    stage.acknowledge(stream, stage.lastUpdate(stream));
  }

  private ReregisterSlaveMessage back(List<FrameworkInfo> frameworks, Task... tasks) {
    return ReregisterSlaveMessage.newBuilder()
        .setSlave(
            Stage.agentInfo(1, "cpus:4;mem:1000").toBuilder()
                .setId(AgentID.newBuilder().setValue("m1-S0")))
        .setVersion("1.12.0")
        .addAllAgentCapabilities(Stage.capabilities())
        .addAllFrameworks(frameworks)
        .addAllTasks(List.of(tasks))
        .build();
  }

  private UpdateSlaveMessage complete() {
    return UpdateSlaveMessage.newBuilder()
        .setSlaveId(AgentID.newBuilder().setValue("m1-S0"))
        .setUpdateOversubscribedResources(false)
        .build();
  }

  @Test
  @Covers({"M06", "OM15", "A14", "S08"})
  void drainsUntilTheLastTaskIsAcknowledged() {
    var stream = running(Stage.AWARE);
    stage.pass(Duration.ofSeconds(6)); // the rest is offered again
    var rest = stage.lastOffer(stream);
    assertThat(drain(GENTLE)).isEqualTo("200");
    assertThat(told()).hasSize(1);
    assertThat(told().getFirst().getConfig()).isEqualTo(GENTLE);
    assertThat(state()).isEqualTo(DrainState.DRAINING);
    assertThat(agent().active()).isFalse();
    assertThat(agent().deactivated()).isTrue();
    assertThat(agent().drainStarted()).contains(stage.now);
    assertThat(stage.events(stream, Event.Type.RESCIND).getLast().getRescind().getOfferId())
        .isEqualTo(rest.getId());
    assertThat(reactivate()).isEqualTo("400 Agent 'm1-S0' is still in the DRAINING state");

    var agent = AgentID.newBuilder().setValue("m1-S0").build();
    stage.say(1, stage.update(1, stage.frameworkId(stream), agent, "t1", TaskState.TASK_KILLED));
    assertThat(state()).as("not acknowledged").isEqualTo(DrainState.DRAINING);
    int offers = stage.offers(stream).size();
    stage.acknowledge(stream, stage.lastUpdate(stream));
    assertThat(state()).isEqualTo(DrainState.DRAINED);
    stage.pass(Duration.ofSeconds(10));
    assertThat(stage.offers(stream)).hasSize(offers);

    assertThat(reactivate()).isEqualTo("200");
    assertThat(agent().drain()).isEmpty();
    assertThat(agent().drainStarted()).isEmpty();
    assertThat(agent().deactivated()).isFalse();
    assertThat(stage.store.keySet()).containsExactly("agents/m1-S0");
    assertThat(stage.offers(stream)).hasSize(offers + 1);
    assertThat(reactivate()).isEqualTo("400 Agent 'm1-S0' is not deactivated");
  }

  @Test
  @Covers("M06")
  void anIdleAgentIsDrainedAtOnce() {
    stage.register(1, "cpus:4;mem:1000");
    assertThat(drain(GENTLE)).isEqualTo("200");
    assertThat(state()).isEqualTo(DrainState.DRAINED);
  }

  @Test
  @Covers("M06")
  void nothingIsPromisedBeforeItIsDurable() {
    stage.register(1, "cpus:4;mem:1000");
    stage.holdPersists = true;
    assertThat(drain(GENTLE)).isEqualTo("nothing yet");
    assertThat(told()).isEmpty();
    stage.releasePersists();
    assertThat(stage.replies.get(calls).status()).isEqualTo(200);
    assertThat(told()).hasSize(1);
  }

  @Test
  @Covers({"M06", "OM16"})
  void aDrainForEverEndsTheAgent() {
    var stream = running(Stage.AWARE);
    assertThat(drain(FOR_EVER)).isEqualTo("200");
    assertThat(told().getFirst().getConfig().getMarkGone()).isTrue();
    say(stream, TaskState.TASK_GONE_BY_OPERATOR);
    assertThat(stage.sentTo(1, ShutdownMessage.class)).hasSize(1);
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(stage.store.keySet()).containsExactly("gone/m1-S0");
  }

  @Test
  @Covers({"M06", "H04"})
  void aDrainSurvivesTheMaster() {
    var stream = running(Stage.AWARE);
    var info = stage.snapshot().frameworks().getFirst().info();
    var task = stage.knownTask("t1").orElseThrow();
    drain(GENTLE);
    stage.elect("m2");
    stage.say(1, back(List.of(info), task));
    assertThat(told()).hasSize(1);
    assertThat(told().getFirst().getConfig()).isEqualTo(GENTLE);
    assertThat(state()).isEqualTo(DrainState.DRAINING);
    assertThat(agent().active()).isFalse();
    stage.say(1, complete());
    var again = stage.subscribe(info);
    say(again, TaskState.TASK_KILLED);
    assertThat(state()).isEqualTo(DrainState.DRAINED);
    stage.elect("m3");
    stage.say(1, back(List.of()));
    assertThat(state()).isEqualTo(DrainState.DRAINED);
    assertThat(stream).isNotEqualTo(again);
  }

  /// Providers of resources tell their operations only after the agent has registered.
  @Test
  @Covers("M06")
  void afterAFailoverAnAgentIsNotDrainedBeforeItsOperationsAreKnown() {
    running(Stage.AWARE);
    drain(GENTLE);
    stage.elect("m2");
    stage.say(1, back(List.of()));
    assertThat(state()).isEqualTo(DrainState.DRAINING);
    stage.say(1, complete());
    assertThat(state()).isEqualTo(DrainState.DRAINED);
  }

  @Test
  @Covers("M06")
  void anAgentThatIsAwayIsToldWhenItIsBack() {
    var stream = running(Stage.AWARE);
    var info = stage.snapshot().frameworks().getFirst().info();
    var task = stage.knownTask("t1").orElseThrow();
    stage.pass(Duration.ofSeconds(75));
    assertThat(stage.snapshot().unreachable()).containsKey("m1-S0");
    assertThat(drain(GENTLE)).isEqualTo("200");
    assertThat(told()).isEmpty();
    stage.say(1, back(List.of(info), task));
    assertThat(told()).hasSize(1);
    stage.say(1, complete());
    assertThat(state()).isEqualTo(DrainState.DRAINING);
    say(stream, TaskState.TASK_KILLED);
    assertThat(state()).isEqualTo(DrainState.DRAINED);
  }

  @Test
  @Covers("M06")
  void anAgentThatWasStartedAnewIsToldAgain() {
    running(Stage.AWARE);
    var info = stage.snapshot().frameworks().getFirst().info();
    var task = stage.knownTask("t1").orElseThrow();
    drain(GENTLE);
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.say(1, back(List.of(info), task));
    assertThat(told()).hasSize(2);
  }

  @Test
  @Covers("M06")
  void anAgentThatUnregistersTakesItsDrainAlong() {
    running(Stage.AWARE);
    drain(GENTLE);
    stage.say(
        1,
        UnregisterSlaveMessage.newBuilder()
            .setSlaveId(AgentID.newBuilder().setValue("m1-S0"))
            .build());
    assertThat(stage.store).isEmpty();
  }

  @Test
  @Covers({"M06", "W06"})
  void whatCannotBeDrainedIsRefused() {
    assertThat(drain(GENTLE)).isEqualTo("400 Unknown agent 'm1-S0'");
    assertThat(ask(new OperatorRequest.DeactivateAgent("m1-S0")))
        .isEqualTo("400 Unknown agent 'm1-S0'");
    stage.say(
        1, Stage.registration(1, "cpus:4;mem:1000").toBuilder().clearAgentCapabilities().build());
    assertThat(drain(GENTLE)).isEqualTo("400 Agent 'm1-S0' is not capable of draining");
  }
}
