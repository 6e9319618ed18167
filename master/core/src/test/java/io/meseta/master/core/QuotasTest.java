// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.quota.QuotaConfig;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class QuotasTest {
  private final Stage stage = new Stage();

  private static FrameworkInfo in(String role) {
    return Stage.with(Stage.PLAIN, Capability.Type.MULTI_ROLE).toBuilder().addRoles(role).build();
  }

  private static QuotaConfig guarantee(String role, double cpus) {
    return QuotaConfig.newBuilder()
        .setRole(role)
        .putGuarantees("cpus", Value.Scalar.newBuilder().setValue(cpus).build())
        .putGuarantees("mem", Value.Scalar.newBuilder().setValue(cpus * 100).build())
        .build();
  }

  private Effect.Reply update(QuotaConfig config, boolean force) {
    stage.feed(
        new MasterEvent.OperatorCall(77, new OperatorRequest.UpdateQuotas(List.of(config), force)));
    return stage.replies.get(77L);
  }

  @Test
  @Covers({"A06", "OM13"})
  void offersOfOthersAreTakenBackForAGuarantee() {
    stage.register(1, "cpus:4;mem:400");
    var other = stage.subscribe(in("b"));
    assertThat(stage.offers(other)).hasSize(1);
    assertThat(update(guarantee("a", 3), false).status()).isEqualTo(200);
    assertThat(stage.events(other, Event.Type.RESCIND)).hasSize(1);
    var mine = stage.subscribe(in("a"));
    assertThat(ResourceWire.decodeTrusted(stage.lastOffer(mine).getResourcesList()).cpus())
        .isEqualTo(3);
    assertThat(ResourceWire.decodeTrusted(stage.lastOffer(other).getResourcesList()).cpus())
        .isEqualTo(1);
  }

  /// The registry could not hold it: its master would wait for ever for it to be written.
  @Test
  @Covers({"OM13", "OM09"})
  void whatTheRegistryCannotHoldIsRefused() {
    var endless = "r".repeat(400_000);
    assertThat(update(guarantee(endless, 1), true))
        .extracting(Effect.Reply::status, Effect.Reply::message)
        .containsExactly(
            400,
            "Invalid 'QuotaConfig.role': Role '"
                + "r".repeat(32)
                + "...' must not be longer than 255 bytes");
    stage.feed(
        new MasterEvent.OperatorCall(78, new OperatorRequest.UpdateWeights(Map.of(endless, 2.0))));
    assertThat(stage.replies.get(78L).status()).isEqualTo(400);
    var weights = new TreeMap<String, Double>();
    for (int i = 0; i < 501; i++) {
      weights.put("r" + i, 2.0);
    }
    stage.feed(new MasterEvent.OperatorCall(80, new OperatorRequest.UpdateWeights(weights)));
    assertThat(stage.replies.get(80L).message()).contains("501 roles in one call");
    var wide = guarantee("a", 1).toBuilder();
    for (int i = 0; i < 50_000; i++) {
      wide.putLimits("resource" + i, Value.Scalar.newBuilder().setValue(1).build());
    }
    var answer = update(wide.build(), true);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.message()).contains("bytes (expected: at most 500000)");
    var many = new ArrayList<QuotaConfig>();
    for (int i = 0; i < 501; i++) {
      many.add(guarantee("r" + i, 1));
    }
    stage.feed(new MasterEvent.OperatorCall(79, new OperatorRequest.UpdateQuotas(many, true)));
    assertThat(stage.replies.get(79L).message())
        .isEqualTo("Invalid QuotaConfig: 501 roles in one call (expected: at most 500)");
    assertThat(stage.store).isEmpty();
  }

  /// A master that ends halfway leaves no half of them.
  @Test
  @Covers("OM09")
  void weightsAreWrittenTogether() {
    stage.holdPersists = true;
    stage.register(1, "cpus:4;mem:400");
    var weights = new TreeMap<String, Double>();
    for (int i = 0; i < 450; i++) {
      weights.put("r" + i, 2.0);
    }
    stage.feed(new MasterEvent.OperatorCall(77, new OperatorRequest.UpdateWeights(weights)));
    stage.releasePersists();
    assertThat(stage.replies.get(77L).status()).isEqualTo(200);
    assertThat(
            stage.all.stream()
                .filter(Effect.Persist.class::isInstance)
                .map(Effect.Persist.class::cast)
                .filter(p -> p.puts().keySet().stream().anyMatch(key -> key.startsWith("weights")))
                .map(p -> p.puts().size()))
        .containsExactly(450);
  }

  @Test
  @Covers("OM13")
  void nothingCountsBeforeItIsWritten() {
    stage.register(1, "cpus:4;mem:400");
    stage.holdPersists = true;
    stage.feed(
        new MasterEvent.OperatorCall(
            78, new OperatorRequest.UpdateQuotas(List.of(guarantee("a", 3)), false)));
    assertThat(stage.replies).doesNotContainKey(78L);
    assertThat(stage.snapshot().quotas()).isEmpty();
    stage.releasePersists();
    assertThat(stage.replies.get(78L).status()).isEqualTo(200);
    assertThat(stage.store).containsKey("quotas/a");
    stage.elect("m2");
    assertThat(stage.snapshot().quotas()).containsKey("a");
  }

  @Test
  @Covers("A12")
  void withQuotaANewLeaderWaitsForAgents() {
    for (int port = 1; port <= 10; port++) {
      stage.register(port, "cpus:4;mem:400");
    }
    assertThat(update(guarantee("a", 3), false).status()).isEqualTo(200);
    stage.elect("m2");
    var other = stage.subscribe(in("b"));
    for (int port = 11; port <= 17; port++) {
      stage.register(port, "cpus:4;mem:400");
    }
    stage.pass(Duration.ofMinutes(1));
    assertThat(stage.offers(other)).isEmpty();
    stage.register(18, "cpus:4;mem:400");
    assertThat(stage.offers(other)).isNotEmpty();

    stage.elect("m3");
    var again = stage.subscribe(in("b"));
    stage.pass(Duration.ofMinutes(9));
    stage.register(19, "cpus:4;mem:400");
    assertThat(stage.offers(again)).isEmpty();
    stage.pass(Duration.ofSeconds(61));
    assertThat(stage.offers(again)).isNotEmpty();
  }
}
