// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.Resources;
import io.meseta.testkit.Covers;
import io.meseta.testkit.Seeds;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AllocatorTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private Instant now = Instant.EPOCH;
  private Allocator allocator = create(1);

  private static Allocator create(long seed) {
    try {
      return new Allocator(
          new AllocatorOptions(
              SECOND, AllocatorOptions.parseMinAllocatable("cpus:0.01|mem:32"), Set.of(), true),
          new Random(seed));
    } catch (Invalid e) {
      throw new AssertionError(e);
    }
  }

  private static Resources parse(String text) {
    try {
      return ResourceText.parse(text, "*");
    } catch (Invalid e) {
      throw new AssertionError(e);
    }
  }

  private static FrameworkSpec spec(Set<Capability.Type> capabilities, String... roles) {
    return new FrameworkSpec(new LinkedHashSet<>(List.of(roles)), Set.of(), capabilities, Map.of());
  }

  private void framework(String id, String... roles) {
    allocator.addFramework(id, spec(EnumSet.of(Capability.Type.MULTI_ROLE), roles));
    allocator.activateFramework(id);
  }

  private static AgentSpec agent(String resources) {
    return new AgentSpec(parse(resources), EnumSet.allOf(AgentInfo.Capability.Type.class), null);
  }

  private void agent(String id, String resources) {
    allocator.addAgent(id, agent(resources), Map.of());
  }

  private List<Allocation> allocate() {
    return allocator.allocate(now);
  }

  private void decline(Allocation allocation, Duration refuse) {
    allocator.recover(
        allocation.frameworkId(),
        allocation.agentId(),
        allocation.resources(),
        Optional.of(refuse),
        now);
  }

  private static List<String> brief(List<Allocation> allocations) {
    return allocations.stream()
        .map(a -> a.frameworkId() + " " + a.agentId() + " " + a.resources().unallocate())
        .toList();
  }

  @Test
  @Covers("A01")
  void theLeastServedRoleIsNext() {
    framework("f1", "role1");
    framework("f2", "role2");
    agent("s1", "cpus:2;mem:1024");
    assertThat(brief(allocate())).containsExactly("f1 s1 cpus:2; mem:1024");
    agent("s2", "cpus:1;mem:512");
    assertThat(brief(allocate())).containsExactly("f2 s2 cpus:1; mem:512");
    agent("s3", "cpus:3;mem:2048"); // f2 holds a sixth of the cpus, f1 a third
    assertThat(brief(allocate())).containsExactly("f2 s3 cpus:3; mem:2048");
    agent("s4", "cpus:1;mem:64");
    assertThat(brief(allocate())).containsExactly("f1 s4 cpus:1; mem:64");
  }

  @Test
  @Covers("A01")
  void frameworksOfOneRoleTakeTurns() {
    framework("f1", "r");
    framework("f2", "r");
    agent("s1", "cpus:1;mem:512");
    agent("s2", "cpus:1;mem:512");
    assertThat(allocate()).extracting(Allocation::frameworkId).containsExactly("f1", "f2");
  }

  @Test
  @Covers("A02")
  void sharesAreComputedPerLevel() {
    framework("f1", "a/b");
    framework("f2", "a/c");
    framework("f3", "d");
    for (int i = 0; i < 4; i++) {
      agent("s" + i, "cpus:1;mem:100");
      allocate();
    }
    // a and d get half each; within a, b and c a quarter each.
    assertThat(allocator.dominantShare("a")).isEqualTo(0.5);
    assertThat(allocator.dominantShare("a/b")).isEqualTo(0.25);
    assertThat(allocator.dominantShare("d")).isEqualTo(0.5);
  }

  @Test
  @Covers({"A08", "A02"})
  void weightsDivideShares() {
    framework("f1", "a");
    framework("f2", "b");
    allocator.setWeights(Map.of("a", 2.0));
    for (int i = 0; i < 6; i++) {
      agent("s" + i, "cpus:1;mem:100");
      allocate();
    }
    assertThat(allocator.dominantShare("a")).isEqualTo(4 / 6.0);
    assertThat(allocator.dominantShare("b")).isEqualTo(2 / 6.0);
  }

  @Test
  @Covers({"A04", "A05"})
  void whatIsDeclinedGoesToTheNextAtOnce() {
    framework("f1", "r");
    framework("f2", "r");
    agent("s1", "cpus:1;mem:512");
    var first = allocate().getFirst();
    decline(first, Duration.ofSeconds(5));
    var second = allocate().getFirst();
    assertThat(second.frameworkId()).isNotEqualTo(first.frameworkId());
    decline(second, Duration.ofSeconds(10));
    assertThat(allocate()).isEmpty();
    now = now.plusSeconds(5);
    assertThat(allocate()).extracting(Allocation::frameworkId).containsExactly(first.frameworkId());
  }

  @Test
  @Covers("A05")
  void aRefusalHoldsForAsMuchOrLess() {
    framework("f1", "r");
    agent("s1", "cpus:4;mem:512");
    var offer = allocate().getFirst();
    var used = parse("cpus:1;mem:128").allocate("r");
    allocator.recover(
        "f1", "s1", offer.resources().minus(used), Optional.of(Duration.ofDays(1)), now);
    assertThat(allocate()).isEmpty();
    allocator.recover("f1", "s1", used, Optional.empty(), now);
    assertThat(brief(allocate())).containsExactly("f1 s1 cpus:4; mem:512");
  }

  @Test
  @Covers("A05")
  void aRefusalLivesAtLeastOneInterval() {
    framework("f1", "r");
    agent("s1", "cpus:4;mem:512");
    decline(allocate().getFirst(), Duration.ofMillis(1));
    now = now.plusMillis(999);
    assertThat(allocate()).isEmpty();
    now = now.plusMillis(1);
    assertThat(allocate()).hasSize(1);
    decline(new Allocation("f1", "r", "s1", parse("cpus:4;mem:512").allocate("r")), Duration.ZERO);
    assertThat(allocate()).hasSize(1);
  }

  @Test
  @Covers({"A05", "S07"})
  void refusalsEndWhenTheAgentChangesButNotWhenItGrows() {
    framework("f1", "r");
    agent("s1", "cpus:4;mem:512");
    decline(allocate().getFirst(), Duration.ofDays(1));
    allocator.updateAgent("s1", agent("cpus:4;mem:512"), false);
    assertThat(allocate()).isEmpty();
    allocator.updateAgent("s1", agent("cpus:4;mem:512"), true);
    assertThat(allocate()).hasSize(1);
    assertThat(allocator.refusals()).isZero();
  }

  @Test
  @Covers("S11")
  void suppressAndRevive() {
    framework("f1", "a", "b");
    agent("s1", "cpus:4;mem:512");
    decline(allocate().getFirst(), Duration.ofDays(1));
    assertThat(allocate()).extracting(Allocation::role).containsExactly("b");
    allocator.suppress("f1", List.of("a"));
    allocator.revive("f1", List.of("b"));
    assertThat(allocate()).isEmpty();
    allocator.revive("f1", List.of());
    allocator.recover(
        "f1", "s1", parse("cpus:4;mem:512").allocate("b"), Optional.of(Duration.ofDays(1)), now);
    assertThat(allocate()).extracting(Allocation::role).containsExactly("a");
    assertThat(allocator.suppressed("f1")).isEmpty();
  }

  @Test
  @Covers("A09")
  void crumbsAreNotOffered() throws Invalid {
    framework("f1", "r");
    agent("s1", "cpus:0.009;mem:31;disk:5000");
    assertThat(allocate()).isEmpty();
    agent("s2", "mem:32");
    assertThat(allocate()).hasSize(1);
    allocator.addFramework(
        "f2",
        new FrameworkSpec(
            Set.of("r"),
            Set.of(),
            Set.of(),
            Map.of("r", AllocatorOptions.parseMinAllocatable("disk:1"))));
    allocator.activateFramework("f2");
    assertThat(allocate()).extracting(Allocation::frameworkId).containsExactly("f2");
  }

  @Test
  @Covers("A10")
  void reservationsGoToTheRoleAndThoseBelow() {
    framework("f1", "a");
    framework("f2", "a/b");
    framework("f3", "c");
    agent("s1", "cpus:1;mem:100;cpus(a/b):2;mem(c):50");
    var allocations = allocate();
    var byFramework = new TreeMap<String, String>();
    allocations.forEach(a -> byFramework.put(a.frameworkId(), a.resources().toString()));
    // f1 comes first and takes what is unreserved.
    assertThat(byFramework.get("f1")).isEqualTo("cpus(allocated: a):1; mem(allocated: a):100");
    assertThat(byFramework.get("f2")).contains("a/b").contains(":2");
    assertThat(byFramework.get("f3")).contains("mem").contains("c").contains(":50");
    framework("f4", "a/b/x");
    var reserved = allocations.stream().filter(a -> a.frameworkId().equals("f2")).findFirst();
    decline(reserved.orElseThrow(), Duration.ZERO);
    allocator.removeFramework("f2");
    assertThat(allocate()).extracting(Allocation::frameworkId).containsExactly("f4");
  }

  @Test
  @Covers({"A14", "S24"})
  void whoCannotUseAnAgentIsNotShownIt() {
    framework("plain", "r");
    allocator.addAgent("gpu", agent("cpus:1;mem:100;gpus:1"), Map.of());
    allocator.addAgent(
        "far",
        new AgentSpec(
            parse("cpus:1;mem:100"), EnumSet.allOf(AgentInfo.Capability.Type.class), "elsewhere"),
        Map.of());
    allocator.addAgent("old", new AgentSpec(parse("cpus:1;mem:100"), Set.of(), null), Map.of());
    assertThat(allocate()).isEmpty();
    allocator.addFramework(
        "able", spec(EnumSet.of(Capability.Type.GPU_RESOURCES, Capability.Type.REGION_AWARE), "r"));
    allocator.activateFramework("able");
    assertThat(allocate()).hasSize(3);
  }

  @Test
  @Covers({"A14", "M06"})
  void inactiveAgentsAreKept() {
    framework("f1", "r");
    agent("s1", "cpus:1;mem:100");
    allocator.deactivateAgent("s1");
    assertThat(allocate()).isEmpty();
    allocator.activateAgent("s1");
    assertThat(allocate()).hasSize(1);
  }

  @Test
  void givingBackWhatWasNotAllocatedIsOurMistake() {
    framework("f1", "r");
    agent("s1", "cpus:1;mem:100");
    assertThatThrownBy(() ->
            allocator.recover("f1", "s1", parse("cpus:1").allocate("r"), Optional.empty(), now))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  @Covers({"A01", "A04", "A05"})
  void nothingIsLostOrGivenTwice() {
    Seeds.forAll(
        100,
        random -> {
          allocator = create(random.nextLong());
          now = Instant.EPOCH;
          var held = new ArrayList<Allocation>();
          var totals = new TreeMap<String, Resources>();
          int agents = 0;
          for (int f = 0; f < 5; f++) {
            framework("f" + f, List.of("a", "a/b", "c").get(f % 3));
          }
          for (int step = 0; step < 200; step++) {
            switch (random.nextInt(6)) {
              case 0 -> {
                var id = "s" + agents++;
                totals.put(id, parse("cpus:2;mem:1000;ports:[1-9];cpus(a):1"));
                agent(id, "cpus:2;mem:1000;ports:[1-9];cpus(a):1");
              }
              case 1 -> {
                if (!held.isEmpty()) {
                  var gone = held.get(random.nextInt(held.size())).agentId();
                  allocator.removeAgent(gone);
                  held.removeIf(a -> a.agentId().equals(gone));
                  totals.remove(gone);
                }
              }
              case 2 -> allocator.revive("f" + random.nextInt(5), List.of());
              case 3 -> now = now.plusMillis(random.nextInt(3000));
              default -> {
                if (!held.isEmpty()) {
                  decline(
                      held.remove(random.nextInt(held.size())),
                      Duration.ofMillis(random.nextInt(4000)));
                }
              }
            }
            held.addAll(allocate());
            for (var entry : totals.entrySet()) {
              var parts = new ArrayList<Resources>();
              held.stream()
                  .filter(a -> a.agentId().equals(entry.getKey()))
                  .forEach(a -> parts.add(a.resources().unallocate()));
              parts.add(allocator.free(entry.getKey()));
              assertThat(Resources.sum(parts)).isEqualTo(entry.getValue());
            }
          }
          // In the end everything is offered to somebody.
          now = now.plusSeconds(10);
          held.addAll(allocate());
          for (var id : totals.keySet()) {
            assertThat(allocator.free(id).isEmpty()).isTrue();
          }
          assertThat(allocator.refusals()).isZero();
        });
  }

  /// More of the same does not make an agent interesting to those who have refused it.
  @Test
  @Covers("A04")
  void aChangeOfAnAgentThatEverybodyRefusedIsOfferedToNobody() {
    for (int f = 0; f < 20; f++) {
      framework("f" + f, "r" + f);
    }
    for (int s = 0; s < 50; s++) {
      agent("s" + s, "cpus:2;mem:1000");
    }
    for (var round = allocate(); !round.isEmpty(); round = allocate()) {
      round.forEach(a -> decline(a, Duration.ofDays(365)));
    }
    assertThat(allocator.refusals()).isEqualTo(1_000);
    for (int s = 0; s < 50; s++) {
      allocator.updateAgent("s" + s, agent("cpus:2;mem:1000"), false);
      assertThat(allocate()).isEmpty();
    }
    allocator.updateAgent("s7", agent("cpus:3;mem:1000"), false);
    assertThat(allocate()).hasSize(1);
  }
}
