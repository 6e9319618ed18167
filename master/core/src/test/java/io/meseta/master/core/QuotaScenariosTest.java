// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.quota.QuotaConfig;
import io.meseta.wire.v1.quota.QuotaRequest;
import io.meseta.wire.v1.scheduler.Event;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's master_quota_tests that are about resources, offers and failover, by
/// their names. Those about endpoints are in master/server.
@Covers({"A06", "A07", "OM13"})
class QuotaScenariosTest extends Scenario {
  private static final String AGENT_RESOURCES = "cpus:2;mem:1024;disk:1024;ports:[31000-32000]";

  private static FrameworkInfo in(String role) {
    return Stage.with(Stage.PLAIN, Capability.Type.MULTI_ROLE).toBuilder().addRoles(role).build();
  }

  private static Map<String, Value.Scalar> scalars(String text) {
    var result = new TreeMap<String, Value.Scalar>();
    if (!text.isEmpty()) {
      for (var part : text.split(";", -1)) {
        var pair = part.split(":", -1);
        result.put(
            pair[0], Value.Scalar.newBuilder().setValue(Double.parseDouble(pair[1])).build());
      }
    }
    return result;
  }

  private String update(String role, String guarantees, String limits, boolean force) {
    var config =
        QuotaConfig.newBuilder()
            .setRole(role)
            .putAllGuarantees(scalars(guarantees))
            .putAllLimits(scalars(limits))
            .build();
    return text(operate(new OperatorRequest.UpdateQuotas(List.of(config), force)));
  }

  private String set(String role, String guarantee, boolean force) {
    return text(
        operate(
            new OperatorRequest.SetQuota(
                QuotaRequest.newBuilder()
                    .setRole(role)
                    .setForce(force)
                    .addAllGuarantee(Stage.resources(guarantee))
                    .build())));
  }

  private String remove(String role) {
    return text(operate(new OperatorRequest.RemoveQuota(role)));
  }

  private static String text(Effect.Reply reply) {
    return (reply.status() + " " + reply.message()).strip();
  }

  private void assertGuaranteed(String role, String guarantees) {
    var quota = stage.snapshot().quotas().get(role);
    assertThat(quota.getGuaranteesMap()).isEqualTo(scalars(guarantees));
    assertThat(quota.getLimitsMap()).isEqualTo(scalars(guarantees));
  }

  /// Both the old and the new call, without force.
  private void assertAvailable(String resources) {
    assertThat(set("role1", resources, false)).isEqualTo("200");
    assertGuaranteed("role1", resources);
    assertThat(remove("role1")).isEqualTo("200");
    assertThat(stage.snapshot().quotas()).isEmpty();
    assertThat(update("role1", resources, resources, false)).isEqualTo("200");
    assertGuaranteed("role1", resources);
  }

  /// Both calls are refused with this reason, and taken with force.
  private void assertInsufficient(String resources, String reason) {
    assertThat(set("role1", resources, false))
        .isEqualTo(
            "409 Quota guarantees overcommit the cluster (use 'force' to bypass this check):"
                + " Total quota guarantees "
                + reason);
    assertThat(update("role1", resources, resources, false))
        .isEqualTo(
            "400 Invalid QuotaConfig: total quota guarantees "
                + reason
                + " (use 'force' flag to bypass this check)");
    assertThat(stage.snapshot().quotas()).isEmpty();
    assertThat(set("role1", resources, true)).isEqualTo("200");
    assertThat(remove("role1")).isEqualTo("200");
    assertThat(update("role1", resources, resources, true)).isEqualTo("200");
    assertGuaranteed("role1", resources);
  }

  // UpdateQuotaTooLarge
  @Test
  void updateQuotaTooLarge() {
    assertThat(update("role1", "cpus:1000000000000", "cpus:1000000000001", true))
        .startsWith("400 ")
        .contains(
            "Invalid 'QuotaConfig.limits': {'cpus': 1000000000001} is invalid: values greater than"
                + " 1 trillion (1000000000000) are not supported");
    assertThat(update("role1", "mem:1099511627776", "mem:1099511627777", true))
        .startsWith("400 ")
        .contains(
            "Invalid 'QuotaConfig.limits': {'mem': 1099511627777} is invalid: values greater than"
                + " 1 exabyte (1099511627776) are not supported");
    assertThat(update("role1", "disk:1099511627777", "", true))
        .startsWith("400 ")
        .contains(
            "Invalid 'QuotaConfig.guarantees': {'disk': 1099511627777} is invalid: values greater"
                + " than 1 exabyte (1099511627776) are not supported");
  }

  // RemoveQuotaRace: the second removal is looked at when the first is done.
  @Test
  void removeQuotaRace() {
    assertThat(set("role1", "cpus:1;mem:512", true)).isEqualTo("200");
    stage.holdPersists = true;
    stage.feed(new MasterEvent.OperatorCall(1, new OperatorRequest.RemoveQuota("role1")));
    assertThat(stage.replies).doesNotContainKey(1L);
    stage.releasePersists();
    assertThat(stage.replies.get(1L).status()).isEqualTo(200);
    assertThat(remove("role1")).startsWith("400 ");
  }

  // InsufficientResourcesSingleAgent
  @Test
  void insufficientResourcesSingleAgent() {
    stage.register(1, AGENT_RESOURCES);
    assertInsufficient(
        "cpus:3;mem:2048",
        "'cpus:3; mem:2048' exceed cluster capacity 'cpus:2; disk:1024; mem:1024'");
  }

  // InsufficientResourcesMultipleAgents
  @Test
  void insufficientResourcesMultipleAgents() {
    stage.register(1, AGENT_RESOURCES);
    stage.register(2, AGENT_RESOURCES);
    assertInsufficient(
        "cpus:5;mem:3072",
        "'cpus:5; mem:3072' exceed cluster capacity 'cpus:4; disk:2048; mem:2048'");
  }

  // AvailableResourcesSingleAgent
  @Test
  void availableResourcesSingleAgent() {
    stage.register(1, AGENT_RESOURCES);
    assertAvailable("cpus:1;mem:512");
  }

  // AvailableResourcesSingleReservedAgent: reservations count, though the quota cannot have them.
  @Test
  void availableResourcesSingleReservedAgent() {
    stage.register(1, "cpus(other-role):1;mem(other-role):512");
    assertAvailable("cpus:1;mem:512");
  }

  // AvailableResourcesSingleDisconnectedAgent
  @Test
  void availableResourcesSingleDisconnectedAgent() {
    stage.register(1, AGENT_RESOURCES);
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    assertThat(agent(1).connected()).isFalse();
    assertAvailable("cpus:1;mem:512");
  }

  // AvailableResourcesMultipleAgents
  @Test
  void availableResourcesMultipleAgents() {
    stage.register(1, AGENT_RESOURCES);
    stage.register(2, AGENT_RESOURCES);
    assertAvailable("cpus:4;mem:2048");
  }

  // ValidateLimitAgainstConsumed
  @Test
  void validateLimitAgainstConsumed() {
    stage.register(1, "cpus:2;mem:1024");
    var stream = stage.subscribe(in("role1"));
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("t1", offer, "cpus:2;mem:1024"));
    report(1, stream, "t1", TaskState.TASK_RUNNING);
    assertThat(update("role1", "", "cpus:1", false))
        .isEqualTo(
            "400 Invalid QuotaConfig: Role 'role1' is already consuming 'cpus:2; mem:1024'; this is"
                + " more than the requested limits 'cpus:1' (use 'force' flag to bypass this"
                + " check)");
    assertThat(update("role1", "", "cpus:2", false)).isEqualTo("200");
    assertThat(update("role1", "", "cpus:1", true)).isEqualTo("200");
  }

  // AvailableResourcesAfterRescinding: one agent has enough, but there are two frameworks.
  @Test
  void availableResourcesAfterRescinding() {
    for (int port = 1; port <= 3; port++) {
      stage.register(port, AGENT_RESOURCES);
    }
    var hoarder = stage.subscribe(in("role1"));
    assertThat(stage.offers(hoarder)).hasSize(3);
    var second = stage.subscribe(in("role2"));
    var third = stage.subscribe(in("role2"));
    assertThat(stage.offers(second)).isEmpty();
    assertThat(stage.offers(third)).isEmpty();
    assertThat(set("role2", "cpus:1;mem:512", false)).isEqualTo("200");
    assertGuaranteed("role2", "cpus:1;mem:512");
    assertThat(stage.events(hoarder, Event.Type.RESCIND)).hasSize(2);
  }

  // RescindOffersForUpdateQuotaGuarantees
  @Test
  void rescindOffersForUpdateQuotaGuarantees() {
    stage.register(1, "cpus:1;mem:1024");
    var stream = stage.subscribe(in("role1"));
    assertThat(stage.offers(stream)).hasSize(1);
    assertThat(update("role2", "cpus:1;mem:1024", "", false)).isEqualTo("200");
    assertThat(stage.events(stream, Event.Type.RESCIND)).hasSize(1);
  }

  // RescindOffersEnforcingLimits
  @Test
  void rescindOffersEnforcingLimits() {
    stage.register(1, "cpus:1;mem:1024");
    var parent = stage.subscribe(in("role1"));
    assertThat(stage.offers(parent)).hasSize(1);
    var child = stage.subscribe(in("role1/child"));
    stage.register(2, "cpus:1;mem:1024");
    assertThat(stage.offers(child)).hasSize(1);
    assertThat(update("role1", "", "cpus:2;mem:2048", false)).isEqualTo("200");
    assertThat(stage.events(parent, Event.Type.RESCIND)).isEmpty();
    assertThat(stage.events(child, Event.Type.RESCIND)).isEmpty();
    assertThat(update("role1", "", "cpus:0.5;mem:512", false)).isEqualTo("200");
    assertThat(stage.events(parent, Event.Type.RESCIND)).hasSize(1);
    assertThat(stage.events(child, Event.Type.RESCIND)).hasSize(1);
  }

  // RecoverQuotaEmptyCluster
  @Test
  void recoverQuotaEmptyCluster() {
    assertThat(set("role1", "cpus:1;mem:512", true)).isEqualTo("200");
    stage.elect("m2");
    assertGuaranteed("role1", "cpus:1;mem:512");
    assertThat(remove("role1")).isEqualTo("200");
    assertThat(stage.snapshot().quotas()).isEmpty();
    assertThat(stage.store.keySet()).noneMatch(key -> key.startsWith("quotas/"));
  }
}
