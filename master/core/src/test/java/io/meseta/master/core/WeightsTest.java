// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.scheduler.Event;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Changed weights count at once, and the registry's come before the flag's.
@Covers("OM09")
class WeightsTest {
  private static String subscribe(Stage stage, String role) {
    return stage.subscribe(
        Stage.with(Stage.AWARE, Capability.Type.MULTI_ROLE).toBuilder().addRoles(role).build());
  }

  private static Effect.Reply set(Stage stage, String role, double weight) {
    stage.feed(
        new MasterEvent.OperatorCall(900, new OperatorRequest.UpdateWeights(Map.of(role, weight))));
    return stage.replies.get(900L);
  }

  @Test
  void whoIsFavouredDoesNotWaitForTheOthersOffers() {
    var stage = new Stage();
    stage.register(1, "cpus:4;mem:1000");
    var a = subscribe(stage, "a");
    assertThat(stage.offers(a)).hasSize(1);
    var b = subscribe(stage, "b/c");
    assertThat(set(stage, "d", 5).status()).isEqualTo(200); // which nobody has
    assertThat(stage.events(a, Event.Type.RESCIND)).isEmpty();
    assertThat(set(stage, "b", 5).status()).isEqualTo(200);
    assertThat(stage.events(a, Event.Type.RESCIND)).hasSize(1);
    assertThat(stage.offers(a).size() + stage.offers(b).size()).isEqualTo(2);
    assertThat(stage.core.audit()).isEmpty();
  }

  @Test
  void everyRoleHasARecordOfItsOwn() {
    var stage = new Stage();
    assertThat(set(stage, "a/b", 2).status()).isEqualTo(200);
    assertThat(set(stage, "a|b", 3).status()).isEqualTo(200);
    stage.elect("m2");
    assertThat(stage.snapshot().weights()).isEqualTo(Map.of("a/b", 2.0, "a|b", 3.0));
  }

  @Test
  void rolesOutsideTheListAreUnknown() {
    var stage = new Stage(Stage.config(c -> c.roles = Set.of("a")));
    assertThat(set(stage, "a", 2).status()).isEqualTo(200);
    assertThat(set(stage, "*", 2).status()).isEqualTo(200);
    var reply = set(stage, "zzz", 2);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.message()).endsWith("Unknown role 'zzz'");
    assertThat(stage.snapshot().weights()).doesNotContainKey("zzz");
  }

  @Test
  void theRegistryComesBeforeTheFlag() {
    var stage = new Stage(Stage.config(c -> c.weights = Map.of("a", 2.0, "b", 3.0)));
    assertThat(stage.snapshot().weights()).isEqualTo(Map.of("a", 2.0, "b", 3.0));
    assertThat(set(stage, "a", 1).status()).isEqualTo(200);
    stage.elect("m2");
    assertThat(stage.snapshot().weights()).isEqualTo(Map.of("a", 1.0, "b", 3.0));
  }

  @Test
  void aFlagThatCameLaterIsNotUsed() {
    var stage = new Stage(Stage.config(c -> c.weights = Map.of("a", 2.0)));
    stage.store.clear();
    assertThat(set(stage, "b", 5).status()).isEqualTo(200);
    stage.elect("m2");
    assertThat(stage.snapshot().weights()).isEqualTo(Map.of("b", 5.0));
    assertThat(stage.notes).anyMatch(note -> note.contains("--weights"));
  }
}
