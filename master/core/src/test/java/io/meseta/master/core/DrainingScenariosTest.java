// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.DrainSlaveMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.DrainInfo;
import io.meseta.wire.v1.DrainState;
import io.meseta.wire.v1.DurationInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's master_draining_tests, by their names; of each pair of the same name
/// the one without a running task says so. What agents do with their tasks is said for them.
@Covers({"M06", "OM15"})
class DrainingScenariosTest extends Scenario {
  private static final DrainConfig NOW =
      DrainConfig.newBuilder()
          .setMaxGracePeriod(DurationInfo.newBuilder().setNanoseconds(0))
          .setMarkGone(false)
          .build();

  private void drain(DrainConfig config) {
    assertThat(operate(new OperatorRequest.DrainAgent("m1-S0", config)).status()).isEqualTo(200);
  }

  private void reactivate() {
    assertThat(operate(new OperatorRequest.ReactivateAgent("m1-S0")).status()).isEqualTo(200);
  }

  private void assertDrained(DrainConfig config) {
    var agent = agent(1);
    assertThat(agent.deactivated()).isTrue();
    assertThat(agent.drain())
        .contains(DrainInfo.newBuilder().setState(DrainState.DRAINED).setConfig(config).build());
    assertThat(agent.drainStarted()).contains(stage.now);
  }

  /// The agent is back, told to drain, and has said all of its operations.
  private void assertBackAndTold(List<FrameworkInfo> frameworks, Task... tasks) {
    stage.forgetSent();
    stage.say(1, back(1, "m1-S0", frameworks, tasks));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    assertThat(stage.sentTo(1, DrainSlaveMessage.class)).hasSize(1);
    stage.say(
        1,
        UpdateSlaveMessage.newBuilder()
            .setSlaveId(AGENT)
            .setUpdateOversubscribedResources(false)
            .build());
  }

  private void assertReactivatedAndOffered(String stream) {
    stage.pass(Duration.ofSeconds(10));
    int before = stage.offers(stream).size();
    reactivate();
    stage.pass(Duration.ofSeconds(1));
    assertThat(stage.offers(stream)).hasSize(before + 1);
    assertThat(stage.lastOffer(stream).getAgentId()).isEqualTo(AGENT);
  }

  private void assertDisconnected() {
    assertThat(agent(1).active()).isFalse();
    assertThat(agent(1).deactivated()).isFalse();
  }

  // MasterAlreadyDrainedTest.DrainAgent
  @Test
  void drainAgentAlreadyDrained() {
    var config =
        NOW.toBuilder()
            .setMaxGracePeriod(DurationInfo.newBuilder().setNanoseconds(10_000_000_000L))
            .build();
    stage.register(1, ALL);
    drain(config);
    assertDrained(config);
  }

  // ReactivateDisconnectedAgent: it is offered when it is back, not before, and can be used.
  @Test
  void reactivateDisconnectedAgent() {
    stage.register(1, ALL);
    drain(NOW);
    assertDrained(NOW);
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    var stream = stage.subscribe(Stage.AWARE);
    reactivate();
    stage.pass(Duration.ofSeconds(5));
    assertThat(stage.offers(stream)).isEmpty();
    stage.say(1, back(1, "m1-S0", List.of()));
    assertThat(stage.offers(stream)).hasSize(1);
    assertThat(stage.lastOffer(stream).getAgentId()).isEqualTo(AGENT);
    launch(stream, "t1");
    assertThat(stage.sentTo(1, RunTaskMessage.class)).hasSize(1);
    var status = report(1, stream, "t1", TaskState.TASK_RUNNING);
    assertThat(status.getState()).isEqualTo(TaskState.TASK_RUNNING);
    assertThat(stage.core.audit()).isEmpty();
  }

  // MasterAlreadyDrainedTest.DrainAgentMarkGone
  @Test
  void drainAgentMarkGoneAlreadyDrained() {
    stage.register(1, ALL);
    drain(DrainConfig.newBuilder().setMarkGone(true).build());
    assertThat(stage.sentTo(1, ShutdownMessage.class)).hasSize(1);
    assertThat(stage.store).containsOnlyKeys("gone/m1-S0");
  }

  // MasterAlreadyDrainedTest.DrainAgentDisconnected
  @Test
  void drainAgentDisconnectedAlreadyDrained() {
    stage.register(1, ALL);
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    assertDisconnected();
    drain(NOW);
    assertBackAndTold(List.of());
    assertDrained(NOW);
  }

  // MasterAlreadyDrainedTest.DrainAgentUnreachable
  @Test
  void drainAgentUnreachableAlreadyDrained() {
    stage.register(1, ALL);
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.pass(Duration.ofMinutes(10));
    assertThat(stage.snapshot().unreachable()).containsOnlyKeys("m1-S0");
    drain(NOW);
    assertBackAndTold(List.of());
    assertDrained(NOW);
  }

  // MasterDrainingTest.DrainAgent; what documents show of it: DrainingEndpointScenariosTest.
  @Test
  void drainAgent() {
    var stream = running(Stage.AWARE);
    drain(NOW);
    assertThat(stage.sentTo(1, DrainSlaveMessage.class))
        .singleElement()
        .satisfies(told -> assertThat(told.getConfig()).isEqualTo(NOW));
    assertThat(agent(1).drain().orElseThrow().getState()).isEqualTo(DrainState.DRAINING);
    report(1, stream, "t1", TaskState.TASK_KILLED);
    assertDrained(NOW);
    assertReactivatedAndOffered(stream);
  }

  // MasterDrainingTest.DrainAgentMarkGone
  @Test
  void drainAgentMarkGone() {
    var stream = running(Stage.AWARE);
    drain(DrainConfig.newBuilder().setMarkGone(true).build());
    assertThat(stage.sentTo(1, ShutdownMessage.class)).isEmpty();
    var status = report(1, stream, "t1", TaskState.TASK_GONE_BY_OPERATOR);
    assertThat(status.getState()).isEqualTo(TaskState.TASK_GONE_BY_OPERATOR);
    assertThat(stage.sentTo(1, ShutdownMessage.class)).hasSize(1);
  }

  // MasterDrainingTest.DrainAgentDisconnected
  @Test
  void drainAgentDisconnected() {
    var stream = running(Stage.AWARE);
    var task = stage.knownTask("t1").orElseThrow();
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    assertDisconnected();
    drain(NOW);
    assertBackAndTold(List.of(info(stream)), task);
    assertThat(agent(1).drain().orElseThrow().getState()).isEqualTo(DrainState.DRAINING);
    report(1, stream, "t1", TaskState.TASK_KILLED);
    assertDrained(NOW);
    assertReactivatedAndOffered(stream);
  }

  // MasterDrainingTest.DrainAgentUnreachable
  @Test
  void drainAgentUnreachable() {
    var stream = running(Stage.AWARE);
    var task = stage.knownTask("t1").orElseThrow();
    int before = stage.updates(stream).size();
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.pass(Duration.ofMinutes(10));
    drain(NOW);
    assertBackAndTold(List.of(info(stream)), task);
    report(1, stream, "t1", TaskState.TASK_KILLED);
    var states =
        stage.updates(stream).stream().skip(before).map(status -> status.getState()).toList();
    assertThat(states)
        .containsExactly(TaskState.TASK_UNREACHABLE, TaskState.TASK_RUNNING, TaskState.TASK_KILLED);
    assertDrained(NOW);
    assertReactivatedAndOffered(stream);
  }

  // DisallowReactivationWhileDraining: here the answer names the agent too.
  @Test
  void disallowReactivationWhileDraining() {
    var stream = running(Stage.PLAIN);
    drain(DrainConfig.getDefaultInstance());
    assertThat(agent(1).drain().orElseThrow().getState()).isEqualTo(DrainState.DRAINING);
    var refused = operate(new OperatorRequest.ReactivateAgent("m1-S0"));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.message()).isEqualTo("Agent 'm1-S0' is still in the DRAINING state");
    assertThat(stage.events(stream, Event.Type.FAILURE)).isEmpty();
  }
}
