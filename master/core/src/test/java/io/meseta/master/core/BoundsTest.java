// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.quota.QuotaConfig;
import io.meseta.wire.v1.scheduler.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What may be said again and again must not fill the memory.
class BoundsTest {
  private final Stage stage = new Stage();
  private long requests;

  private Effect.Reply ask(OperatorRequest request) {
    long id = ++requests;
    stage.feed(new MasterEvent.OperatorCall(id, request));
    return stage.replies.get(id);
  }

  private static QuotaConfig quota(int role) {
    return QuotaConfig.newBuilder()
        .setRole("r" + role)
        .putLimits("cpus", Value.Scalar.newBuilder().setValue(1).build())
        .build();
  }

  @Test
  @Covers("OM13")
  void tooManyRolesWithQuotaAreRefused() {
    for (int first = 0; first < 10_000; first += 500) {
      var changes = new ArrayList<QuotaConfig>();
      for (int i = first; i < first + 500; i++) {
        changes.add(quota(i));
      }
      assertThat(ask(new OperatorRequest.UpdateQuotas(changes, false)).status()).isEqualTo(200);
    }
    var more = ask(new OperatorRequest.UpdateQuotas(List.of(quota(10_000)), true));
    assertThat(more.status()).isEqualTo(400);
    assertThat(more.message())
        .isEqualTo("Invalid QuotaConfig: 10001 roles with quota (expected: at most 10000)");
    var none = QuotaConfig.newBuilder().setRole("r1").build();
    assertThat(ask(new OperatorRequest.UpdateQuotas(List.of(none, quota(10_000)), true)).status())
        .isEqualTo(200);
    assertThat(ask(new OperatorRequest.UpdateQuotas(List.of(quota(5)), true)).status())
        .isEqualTo(200);
  }

  @Test
  @Covers("OM14")
  void tooManyRolesWithWeightsAreRefused() {
    for (int first = 0; first < 10_000; first += 500) {
      var changes = new LinkedHashMap<String, Double>();
      for (int i = first; i < first + 500; i++) {
        changes.put("r" + i, 2.0);
      }
      assertThat(ask(new OperatorRequest.UpdateWeights(changes)).status()).isEqualTo(200);
    }
    var more = new LinkedHashMap<String, Double>();
    more.put("r0", 3.0);
    assertThat(ask(new OperatorRequest.UpdateWeights(more)).status()).isEqualTo(200);
    more.put("more", 3.0);
    var refused = ask(new OperatorRequest.UpdateWeights(more));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.message())
        .isEqualTo(
            "Failed to validate update weights request: 10001 roles with weights (expected: at most"
                + " 10000)");
  }

  @Test
  @Covers("S20")
  void aFrameworkOfTooManyRolesIsRefused() {
    var info = Stage.with(Stage.PLAIN, Capability.Type.MULTI_ROLE).toBuilder();
    for (int i = 0; i <= 10_000; i++) {
      info.addRoles("r" + i);
    }
    var stream = stage.subscribe(info.build());
    assertThat(stage.events(stream, Event.Type.ERROR).getLast().getError().getMessage())
        .isEqualTo("'FrameworkInfo.roles' has 10001 items (expected: at most 10000)");
  }
}
