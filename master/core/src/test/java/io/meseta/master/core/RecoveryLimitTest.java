// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.v1.AgentID;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@Covers("H05")
class RecoveryLimitTest {
  private final Stage stage = new Stage(Stage.config(c -> c.recoveryAgentRemovalLimit = 0.5));

  private void back(int port, String id) {
    stage.say(
        port,
        ReregisterSlaveMessage.newBuilder()
            .setSlave(
                Stage.agentInfo(port, "cpus:1;mem:64").toBuilder()
                    .setId(AgentID.newBuilder().setValue(id)))
            .setVersion("1.12.0")
            .addAllAgentCapabilities(Stage.capabilities())
            .build());
  }

  @Test
  void aMasterThatMissesMostAgentsEnds() {
    for (int port = 1; port <= 3; port++) {
      stage.register(port, "cpus:1;mem:64");
    }
    stage.elect("m2");
    back(1, "m1-S0");
    stage.pass(Duration.ofMinutes(10));
    assertThat(stage.failures)
        .containsExactly(
            "Post-recovery agent removal limit exceeded! After 600secs there were 2 (66.7%) agents"
                + " recovered from the registry that did not reregister, and"
                + " --recovery_agent_removal_limit is 50.0%");
    assertThat(stage.snapshot().unreachable()).doesNotContainKeys("m1-S1", "m1-S2");
  }

  @Test
  void oneThatMissesFewGoesOn() {
    for (int port = 1; port <= 2; port++) {
      stage.register(port, "cpus:1;mem:64");
    }
    stage.elect("m2");
    back(1, "m1-S0");
    stage.pass(Duration.ofMinutes(10));
    assertThat(stage.failures).isEmpty();
    assertThat(stage.snapshot().unreachable()).containsKey("m1-S1");
  }
}
