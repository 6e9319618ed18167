// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.UUID;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// An agent repeats its first registration until it is answered. A repetition that was long under
/// way is not another agent: an agent that is told of a second id ends itself.
class StaleRegistrationTest {
  private final Stage stage = new Stage();

  private static RegisterSlaveMessage first(String life) {
    return Stage.registration(1, "cpus:4").toBuilder().setResourceVersionUuid(uuid(life)).build();
  }

  private static UUID uuid(String life) {
    return UUID.newBuilder().setValue(ByteString.copyFromUtf8(life)).build();
  }

  private static ReregisterSlaveMessage again(String life) {
    return ReregisterSlaveMessage.newBuilder()
        .setSlave(
            Stage.agentInfo(1, "cpus:4").toBuilder().setId(AgentID.newBuilder().setValue("m1-S0")))
        .setVersion("1.12.0")
        .addAllAgentCapabilities(Stage.capabilities())
        .setResourceVersionUuid(uuid(life))
        .build();
  }

  private List<String> told() {
    return stage.sentTo(1, SlaveRegisteredMessage.class).stream()
        .map(message -> message.getSlaveId().getValue())
        .toList();
  }

  private PingSlaveMessage lastPing() {
    return stage.sentTo(1, PingSlaveMessage.class).getLast();
  }

  @Test
  @Covers({"W02", "M01"})
  void anAgentThatBecameUnreachableKeepsItsId() {
    stage.say(1, first("a"));
    stage.pass(Duration.ofSeconds(75));
    assertThat(stage.snapshot().unreachable()).containsOnlyKeys("m1-S0");

    stage.say(1, first("a"));

    assertThat(told()).containsExactly("m1-S0", "m1-S0");
    assertThat(lastPing().getConnected()).as("that it must re-register").isFalse();
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(stage.store).containsOnlyKeys("unreachable/m1-S0");

    stage.say(1, again("a"));
    assertThat(stage.sentTo(1, SlaveReregisteredMessage.class)).hasSize(1);
    assertThat(stage.store).containsOnlyKeys("agents/m1-S0");
  }

  @Test
  @Covers("W02")
  void anAgentWhoseConnectionBrokeKeepsItsId() {
    stage.say(1, first("a"));
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));

    stage.say(1, first("a"));

    assertThat(told()).containsExactly("m1-S0", "m1-S0");
    assertThat(lastPing().getConnected()).isFalse();
    assertThat(stage.snapshot().agents()).singleElement().matches(agent -> !agent.connected());
  }

  @Test
  @Covers("W02")
  void aNewLifeWithoutAnIdIsAnotherAgent() {
    stage.say(1, first("a"));
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.say(1, first("b"));
    assertThat(told()).containsExactly("m1-S0", "m1-S1");

    // What the last life sent does not push the new one out, wherever its connection is.
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.say(1, first("a"));
    assertThat(told()).containsExactly("m1-S0", "m1-S1");
    assertThat(stage.store).containsOnlyKeys("agents/m1-S1");
  }

  /// One that is too old to name its life, or that nobody remembers.
  @Test
  @Covers("W02")
  void whoCannotBeRecognisedIsAnotherAgent() {
    stage.register(1, "cpus:4");
    stage.pass(Duration.ofSeconds(75));
    stage.register(1, "cpus:4");
    assertThat(told()).containsExactly("m1-S0", "m1-S1");
  }

  /// Nothing is known of an agent that is gone: its machine may run the next one.
  @Test
  @Covers("W02")
  void whoIsGoneIsAnotherAgent() {
    stage.say(1, first("a"));
    stage.feed(
        new MasterEvent.OperatorCall(7, new MasterEvent.OperatorRequest.MarkAgentGone("m1-S0")));
    stage.say(1, first("a"));
    assertThat(told()).containsExactly("m1-S0", "m1-S1");
  }
}
