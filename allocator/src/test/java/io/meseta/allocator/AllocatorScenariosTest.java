// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.Resources;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's hierarchical_allocator_tests, by their names: the same agents and
/// frameworks in the same order get the same resources. Like there, each step is one allocation.
@Covers({"A01", "A07"})
class AllocatorScenariosTest {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private Instant now = Instant.EPOCH;
  private final Allocator allocator = create();

  private static Allocator create() {
    try {
      return new Allocator(
          new AllocatorOptions(
              INTERVAL, AllocatorOptions.parseMinAllocatable("cpus:0.01|mem:32"), Set.of(), true),
          new Random(1));
    } catch (Invalid e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void sumsAreRight() {
    assertThat(allocator.audit()).isEmpty();
  }

  private static Resources parse(String text) {
    try {
      return ResourceText.parse(text, "*");
    } catch (Invalid e) {
      throw new AssertionError(e);
    }
  }

  private void framework(String id, String... roles) {
    allocator.addFramework(
        id,
        new FrameworkSpec(
            new LinkedHashSet<>(List.of(roles)),
            Set.of(),
            EnumSet.of(Capability.Type.MULTI_ROLE, Capability.Type.RESERVATION_REFINEMENT),
            Map.of()));
    allocator.activateFramework(id);
  }

  private void agent(String id, String resources) {
    allocator.addAgent(
        id,
        new AgentSpec(parse(resources), EnumSet.allOf(AgentInfo.Capability.Type.class), null),
        Map.of());
  }

  /// What is promised is the limit, too.
  private void quota(String role, String quantities) {
    var amounts = parse(quantities).quantities();
    allocator.setQuota(role, new Quota(amounts, amounts.toMap()));
  }

  /// One allocation, as `FRAMEWORK AGENT RESOURCES`.
  private List<String> allocate() {
    now = now.plus(INTERVAL);
    allocator.sweep(100);
    return allocator.allocate(now).stream()
        .map(a -> a.frameworkId() + " " + a.agentId() + " " + text(a.resources().unallocate()))
        .sorted()
        .toList();
  }

  private static String text(Resources resources) {
    return resources.toString();
  }

  private static String gets(String framework, String agent, String resources) {
    return framework + " " + agent + " " + parse(resources);
  }

  private void recover(String framework, String agent, String resources, String role) {
    recover(framework, agent, resources, role, Duration.ZERO);
  }

  private void recover(
      String framework, String agent, String resources, String role, Duration refuse) {
    allocator.recover(framework, agent, parse(resources).allocate(role), Optional.of(refuse), now);
  }

  @Test
  void unreservedDrf() {
    agent("a1", "cpus:2;mem:1024");
    framework("f1", "role1");
    assertThat(allocate()).containsExactly(gets("f1", "a1", "cpus:2;mem:1024"));
    framework("f2", "role2");
    agent("a2", "cpus:1;mem:512");
    assertThat(allocate()).containsExactly(gets("f2", "a2", "cpus:1;mem:512"));
    agent("a3", "cpus:3;mem:2048");
    assertThat(allocate()).containsExactly(gets("f2", "a3", "cpus:3;mem:2048"));
    framework("f3", "role1");
    assertThat(allocate()).isEmpty();
    agent("a4", "cpus:4;mem:4096");
    assertThat(allocate()).containsExactly(gets("f3", "a4", "cpus:4;mem:4096"));
    framework("f4", "role1");
    assertThat(allocate()).isEmpty();
    agent("a5", "cpus:1;mem:512");
    assertThat(allocate()).containsExactly(gets("f2", "a5", "cpus:1;mem:512"));
  }

  @Test
  void nestedRoleDrf() {
    agent("a1", "cpus:2;mem:1024");
    framework("f1", "a/b");
    assertThat(allocate()).containsExactly(gets("f1", "a1", "cpus:2;mem:1024"));
    framework("f2", "a/c");
    framework("f3", "d/e");
    agent("a2", "cpus:1;mem:512");
    assertThat(allocate()).containsExactly(gets("f3", "a2", "cpus:1;mem:512"));
    framework("f4", "d/f");
    agent("a3", "cpus:2;mem:1024");
    assertThat(allocate()).containsExactly(gets("f4", "a3", "cpus:2;mem:1024"));
    assertThat(allocator.dominantShare("a")).isEqualTo(0.4);
    assertThat(allocator.dominantShare("d")).isEqualTo(0.6);
    assertThat(allocator.dominantShare("d/e")).isEqualTo(0.2);
  }

  @Test
  void coarseGrained() {
    agent("a1", "cpus:2;mem:1024");
    agent("a2", "cpus:2;mem:1024");
    framework("f1", "role1");
    assertThat(allocate())
        .containsExactly(gets("f1", "a1", "cpus:2;mem:1024"), gets("f1", "a2", "cpus:2;mem:1024"));
    recover("f1", "a1", "cpus:2;mem:1024", "role1");
    recover("f1", "a2", "cpus:2;mem:1024", "role1");
    framework("f2", "role2");
    assertThat(allocate().stream().map(given -> given.substring(0, 2))).containsExactly("f1", "f2");
  }

  @Test
  void sameShareFairness() {
    framework("f1", "*");
    framework("f2", "*");
    agent("a1", "cpus:2;mem:1024");
    int first = 0;
    for (int i = 0; i < 10; i++) {
      var given = allocate();
      assertThat(given).hasSize(1);
      var framework = given.getFirst().substring(0, 2);
      first += framework.equals("f1") ? 1 : 0;
      recover(framework, "a1", "cpus:2;mem:1024", "*");
    }
    assertThat(first).isEqualTo(5);
  }

  @Test
  void reservations() {
    agent("a1", "cpus(role1):2;mem(role1):1024");
    agent("a2", "cpus(role2):2;mem(role2):1024;cpus:1;mem:1024");
    agent("a3", "cpus(role3):1;mem(role3):1024");
    framework("f1", "role1");
    assertThat(allocate())
        .containsExactly(
            gets("f1", "a1", "cpus(role1):2;mem(role1):1024"), gets("f1", "a2", "cpus:1;mem:1024"));
    framework("f2", "role2");
    assertThat(allocate()).containsExactly(gets("f2", "a2", "cpus(role2):2;mem(role2):1024"));
  }

  @Test
  void recoverResources() {
    agent("a1", "cpus(role1):1;mem(role1):200;cpus:1;mem:200");
    framework("f1", "role1");
    assertThat(allocate())
        .containsExactly(gets("f1", "a1", "cpus(role1):1;mem(role1):200;cpus:1;mem:200"));
    recover("f1", "a1", "cpus(role1):1;mem(role1):200", "role1");
    assertThat(allocate()).containsExactly(gets("f1", "a1", "cpus(role1):1;mem(role1):200"));
    recover("f1", "a1", "cpus:1;mem:200", "role1");
    assertThat(allocate()).containsExactly(gets("f1", "a1", "cpus:1;mem:200"));
  }

  @Test
  void reservationUnallocated() {
    agent("a1", "cpus(quota-role):1;mem(quota-role):1024");
    quota("quota-role", "cpus:1;mem:1024");
    framework("f1", "quota-role");
    var reserved = "cpus(quota-role):1;mem(quota-role):1024";
    assertThat(allocate()).containsExactly(gets("f1", "a1", reserved));
    recover("f1", "a1", reserved, "quota-role", Duration.ofDays(365));
    agent("a2", "cpus:1;mem:1024");
    assertThat(allocate()).isEmpty();
  }

  @Test
  void reservationAllocated() {
    agent("a1", "cpus(quota-role):1;mem(quota-role):1024");
    quota("quota-role", "cpus:2;mem:2048");
    framework("f1", "quota-role");
    assertThat(allocate())
        .containsExactly(gets("f1", "a1", "cpus(quota-role):1;mem(quota-role):1024"));
    agent("a2", "cpus:1;mem:1024");
    assertThat(allocate()).containsExactly(gets("f1", "a2", "cpus:1;mem:1024"));
    agent("a3", "cpus:1;mem:1024");
    assertThat(allocate()).isEmpty();
  }

  @Test
  void quotaHeadroomWhenReservationsExceedQuota() {
    quota("reserving", "cpus:1;mem:1024");
    quota("plain", "cpus:1;mem:1024");
    agent("a1", "cpus(reserving):2;mem(reserving):2048");
    agent("a2", "cpus:1;mem:1024");
    framework("f1", "other");
    assertThat(allocate()).isEmpty();
    agent("a3", "cpus:1;mem:1024");
    // Either of the two may be kept back.
    assertThat(allocate()).hasSize(1).first().asString().endsWith(text(parse("cpus:1;mem:1024")));
  }

  @Test
  void quotaProvidesLimit() {
    framework("f1", "*");
    allocator.setQuota(
        "*",
        new Quota(
            io.meseta.model.resources.Quantities.EMPTY, Map.of("cpus", 0L, "mem", 0L, "disk", 0L)));
    agent("a1", "cpus:2;mem:1024;disk:1024");
    assertThat(allocate()).isEmpty();
    framework("f2", "no-quota-role");
    assertThat(allocate()).containsExactly(gets("f2", "a1", "cpus:2;mem:1024;disk:1024"));
    allocator.setQuota(
        "*",
        new Quota(
            io.meseta.model.resources.Quantities.EMPTY,
            parse("cpus:1;mem:512;disk:512").quantities().toMap()));
    agent("a2", "cpus:2;mem:1024;disk:1024");
    assertThat(allocate())
        .containsExactly(
            gets("f1", "a2", "cpus:1;mem:512;disk:512"),
            gets("f2", "a2", "cpus:1;mem:512;disk:512"));
  }

  @Test
  void removeQuota() {
    quota("quota-role", "cpus:2;mem:1024");
    framework("f1", "quota-role");
    framework("f2", "no-quota-role");
    agent("a1", "cpus:1;mem:512");
    assertThat(allocate()).containsExactly(gets("f1", "a1", "cpus:1;mem:512"));
    agent("a2", "cpus:1;mem:512");
    assertThat(allocate()).containsExactly(gets("f1", "a2", "cpus:1;mem:512"));
    allocator.setQuota("quota-role", Quota.NONE);
    recover("f1", "a1", "cpus:1;mem:512", "quota-role");
    assertThat(allocate()).containsExactly(gets("f2", "a1", "cpus:1;mem:512"));
  }

  @Test
  void quotaAllocationGranularity() {
    framework("f1", "quota-role");
    quota("quota-role", "cpus:0.5;mem:200");
    agent("a1", "cpus:1;mem:512");
    assertThat(allocate()).containsExactly(gets("f1", "a1", "cpus:0.5;mem:200"));
    framework("f2", "no-quota-role");
    assertThat(allocate()).containsExactly(gets("f2", "a1", "cpus:0.5;mem:312"));
  }

  @Test
  void quotaAgainstStarvation() {
    framework("f1", "quota-role");
    agent("a1", "cpus:1;mem:512");
    assertThat(allocate()).containsExactly(gets("f1", "a1", "cpus:1;mem:512"));
    framework("f2", "no-quota-role");
    agent("a2", "cpus:1;mem:512");
    for (int i = 0; i < 2; i++) {
      assertThat(allocate()).containsExactly(gets("f2", "a2", "cpus:1;mem:512"));
      recover("f2", "a2", "cpus:1;mem:512", "no-quota-role");
    }
    quota("quota-role", "cpus:2;mem:1024");
    assertThat(allocate()).containsExactly(gets("f1", "a2", "cpus:1;mem:512"));
  }

  @Test
  void quotaAbsentFramework() {
    quota("quota-role", "cpus:2;mem:1024");
    framework("f1", "no-quota-role");
    agent("a1", "cpus:2;mem:1024");
    assertThat(allocate()).isEmpty();
    agent("a2", "cpus:2;mem:1024");
    assertThat(allocate()).hasSize(1).first().asString().startsWith("f1");
  }

  @Test
  void multiQuotaAbsentFrameworks() {
    agent("a1", "cpus:2;mem:2048");
    quota("quota-role-1", "cpus:1;mem:1024");
    quota("quota-role-2", "cpus:2;mem:2048");
    framework("f1", "quota-role-2");
    assertThat(allocate()).containsExactly(gets("f1", "a1", "cpus:2;mem:2048"));
  }

  @Test
  void reservationWithinQuota() {
    quota("quota-role", "cpus:2;mem:256");
    framework("f1", "quota-role");
    framework("f2", "non-quota-role");
    agent("a1", "cpus:8;mem(quota-role):256");
    assertThat(allocate())
        .containsExactlyInAnyOrder(
            gets("f1", "a1", "mem(quota-role):256;cpus:2"), gets("f2", "a1", "cpus:6"));
    agent("a2", "cpus:4");
    assertThat(allocate()).containsExactly(gets("f2", "a2", "cpus:4"));
  }

  @Test
  void offerAncestorReservationsToDescendantChild() {
    framework("f1", "a/b/c");
    agent("a1", "cpus(a):1;mem(a):512");
    assertThat(allocate()).containsExactly(gets("f1", "a1", "cpus(a):1;mem(a):512"));
    agent("a2", "cpus:2;mem:1024;cpus(a/b):4;mem(a/b):2048");
    assertThat(allocate())
        .containsExactly(gets("f1", "a2", "cpus:2;mem:1024;cpus(a/b):4;mem(a/b):2048"));
  }

  @Test
  void quotaWithNestedRoleAllocation() {
    framework("f1", "a/b");
    agent("a1", "cpus:1;mem:1024");
    assertThat(allocate()).containsExactly(gets("f1", "a1", "cpus:1;mem:1024"));
    quota("a", "cpus:1;mem:1024");
    framework("f2", "a");
    framework("f3", "other");
    agent("a2", "cpus:1;mem:1024");
    assertThat(allocate()).containsExactly(gets("f3", "a2", "cpus:1;mem:1024"));
  }

  @Test
  void updateWeight() {
    for (int i = 1; i <= 6; i++) {
      agent("a" + i, "cpus:2;mem:1024");
    }
    framework("f1", "role1");
    framework("f2", "role2");
    framework("f3", "role3");
    allocator.setWeights(Map.of("role2", 2.0, "role3", 3.0));
    var given = allocate();
    assertThat(given.stream().filter(line -> line.startsWith("f1"))).hasSize(1);
    assertThat(given.stream().filter(line -> line.startsWith("f2"))).hasSize(2);
    assertThat(given.stream().filter(line -> line.startsWith("f3"))).hasSize(3);
  }
}
