// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.CheckpointResourcesMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.scheduler.Event;
import org.junit.jupiter.api.Test;

/// Operations of operators, and agents that only keep what they are told.
class OperatorOperationsTest extends OperationStage {
  @Test
  @Covers("OM11")
  void anOperatorReservesByTakingOffersBack() {
    var stream = stage.subscribe(FRAMEWORK);
    assertThat(stage.offers(stream)).hasSize(1);
    assertThat(operator(reserve(reserved("cpus", 3, "ops"))).status()).isEqualTo(202);
    assertThat(stage.events(stream, Event.Type.RESCIND)).hasSize(1);
    assertThat(applied()).hasSize(1);
    assertThat(applied().getFirst().hasFrameworkId()).isFalse();
    assertThat(total().reservedTo("ops").cpus()).isEqualTo(3);
    assertThat(ResourceWire.decodeTrusted(stage.lastOffer(stream).getResourcesList()).cpus())
        .isEqualTo(1);
    // Enough is free: no offer is taken back.
    stage.say(2, Stage.registration(2, "cpus:4;mem:1000"));
    var conflict = operator(reserve(reserved("cpus", 3, "ops")));
    assertThat(conflict.status()).isEqualTo(409);
    assertThat(conflict.message()).contains("does not contain");
    assertThat(operator("nobody", reserve(reserved("cpus", 1, "ops"))))
        .extracting(Effect.Reply::status, Effect.Reply::message)
        .containsExactly(400, "No agent found with specified ID");
    assertThat(operator(reserve(reserved("cpus", 1))).message())
        .isEqualTo(
            "Invalid RESERVE operation on agent m1-S0 at slave(1)@127.0.0.1:1 (host): Resource"
                + " cpus:1 is not dynamically reserved");
  }

  @Test
  @Covers({"OM11", "R04"})
  void anOperatorMovesAReservation() {
    assertThat(operator(reserve(reserved("cpus", 2, "a"))).status()).isEqualTo(202);
    var move =
        Operation.newBuilder()
            .setType(Operation.Type.RESERVE)
            .setReserve(
                Operation.Reserve.newBuilder()
                    .addSource(reserved("cpus", 2, "a"))
                    .addResources(reserved("cpus", 2, "b", "b/c")))
            .build();
    assertThat(operator(move)).extracting(Effect.Reply::message).isEqualTo("");
    assertThat(total().reservedTo("b/c").cpus()).isEqualTo(2);
    assertThat(total().reservedTo("a").isEmpty()).isTrue();
  }

  @Test
  @Covers({"W03", "W06"})
  void anOldAgentIsSentWhatItMustKeep() {
    stage.say(
        3,
        registration().toBuilder()
            .setSlave(Stage.agentInfo(3, "cpus:4;mem:1000"))
            .clearAgentCapabilities()
            .addAgentCapabilities(
                AgentInfo.Capability.newBuilder().setType(AgentInfo.Capability.Type.MULTI_ROLE))
            .build());
    assertThat(operator("m1-S1", reserve(reserved("cpus", 2, "a"))).status()).isEqualTo(202);
    var kept = stage.sentTo(3, CheckpointResourcesMessage.class);
    assertThat(kept).hasSize(1);
    assertThat(kept.getFirst().getResources(0).getReservationsCount()).isZero();
    assertThat(operator("m1-S1", reserve(reserved("cpus", 1, "a", "a/b"))).message())
        .contains("without HIERARCHICAL_ROLE capability");
  }
}
