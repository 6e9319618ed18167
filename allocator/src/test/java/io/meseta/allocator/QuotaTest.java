// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.Invalid;
import io.meseta.model.resources.Quantities;
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
import org.junit.jupiter.api.Test;

class QuotaTest {
  private Instant now = Instant.EPOCH;
  private final Allocator allocator =
      new Allocator(
          new AllocatorOptions(Duration.ofSeconds(1), min("cpus:0.01|mem:32"), Set.of(), true),
          new Random(1));

  private static List<Quantities> min(String text) {
    try {
      return AllocatorOptions.parseMinAllocatable(text);
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

  private void framework(String id, String... roles) {
    allocator.addFramework(
        id,
        new FrameworkSpec(
            new LinkedHashSet<>(List.of(roles)),
            Set.of(),
            EnumSet.of(Capability.Type.MULTI_ROLE),
            Map.of()));
    allocator.activateFramework(id);
  }

  private void agent(String id, String resources) {
    allocator.addAgent(
        id,
        new AgentSpec(parse(resources), EnumSet.allOf(AgentInfo.Capability.Type.class), null),
        Map.of());
  }

  private void guarantee(String role, String quantities) {
    allocator.setQuota(role, new Quota(parse(quantities).quantities(), Map.of()));
  }

  private void limit(String role, String quantities) {
    allocator.setQuota(role, new Quota(Quantities.EMPTY, parse(quantities).quantities().toMap()));
  }

  private List<Allocation> allocate() {
    return allocator.allocate(now);
  }

  private static Resources bare(Allocation allocation) {
    return allocation.resources().unallocate();
  }

  @Test
  @Covers("A07")
  void offersAreMadeToFitALimit() {
    limit("a", "cpus:10");
    framework("f", "a");
    agent("x", "cpus:15;mem:1000;ports:[1-10]");
    assertThat(bare(allocate().getFirst())).isEqualTo(parse("cpus:10;mem:1000;ports:[1-10]"));
    assertThat(allocator.consumed("a").get("cpus")).isEqualTo(10_000);
    // Nothing else of that role fits, whichever framework asks.
    framework("g", "a");
    agent("y", "cpus:2;mem:10");
    assertThat(allocate()).isEmpty();
    framework("h", "b");
    assertThat(allocate()).hasSize(2);
  }

  @Test
  @Covers("A07")
  void aLimitCountsForTheRolesBelow() {
    limit("a", "cpus:3;mem:1000");
    framework("f", "a/b");
    framework("g", "a/c");
    agent("x", "cpus:2;mem:100");
    agent("y", "cpus:2;mem:100");
    var cpus = 0.0;
    for (var allocation : allocate()) {
      cpus += allocation.resources().cpus();
    }
    assertThat(cpus).isEqualTo(3);
  }

  @Test
  @Covers("A07")
  void reservationsCountWhetherUsedOrNot() throws Exception {
    limit("a", "cpus:3");
    allocator.addAgent(
        "x",
        new AgentSpec(
            ResourceText.parse("cpus(a):2;mem(a):100;cpus:5;mem:100", "*"),
            EnumSet.allOf(AgentInfo.Capability.Type.class),
            null),
        Map.of());
    assertThat(allocator.consumed("a").get("cpus")).isEqualTo(2_000);
    framework("f", "a");
    var offer = bare(allocate().getFirst());
    assertThat(offer.reserved().cpus()).isEqualTo(2);
    assertThat(offer.unreserved().cpus()).isEqualTo(1);
    assertThat(allocator.consumed("a").get("cpus")).isEqualTo(3_000);
  }

  @Test
  @Covers("A06")
  void whatIsPromisedIsKeptBackFromOthers() {
    guarantee("a", "cpus:4;mem:400");
    framework("other", "b");
    agent("x", "cpus:6;mem:600");
    var first = allocate();
    assertThat(first).hasSize(1);
    assertThat(bare(first.getFirst())).isEqualTo(parse("cpus:2;mem:200"));
    framework("f", "a");
    var second = allocate();
    assertThat(second).hasSize(1);
    assertThat(second.getFirst().frameworkId()).isEqualTo("f");
    assertThat(bare(second.getFirst())).isEqualTo(parse("cpus:4;mem:400"));
  }

  @Test
  @Covers("A06")
  void promisesAreMetFirstWhateverTheShares() {
    framework("other", "b");
    agent("big", "cpus:100;mem:10000");
    var unused = allocate();
    framework("f", "a");
    allocator.setWeights(Map.of("b", 1000.0));
    guarantee("a", "cpus:150;mem:100");
    agent("x", "cpus:50;mem:1000");
    agent("y", "cpus:50;mem:1000");
    assertThat(allocate()).extracting(Allocation::role).containsOnly("a");
  }

  @Test
  @Covers({"A04", "A06"})
  void whatWasKeptBackIsOfferedWhenThePromiseIsMetElsewhere() {
    guarantee("a", "cpus:4;mem:400");
    framework("other", "b");
    agent("x", "cpus:4;mem:400");
    assertThat(allocate()).isEmpty();
    agent("y", "cpus:4;mem:400");
    framework("f", "a");
    now = now.plusSeconds(1);
    assertThat(allocate()).extracting(Allocation::role).contains("a");
    allocator.sweep(0);
    var later = allocate();
    assertThat(later.size() + 1).isBetween(1, 2);
    assertThat(allocator.free("x").isEmpty()).isTrue();
    assertThat(allocator.free("y").isEmpty()).isTrue();
  }

  @Test
  @Covers("A07")
  void roomUnderALimitIsUsedAgain() {
    limit("a", "cpus:2;mem:1000");
    framework("f", "a");
    agent("x", "cpus:2;mem:100");
    agent("y", "cpus:2;mem:100");
    var all = allocate();
    var held = all.stream().filter(a -> a.resources().cpus() > 0).findFirst().orElseThrow();
    assertThat(all.stream().mapToDouble(a -> a.resources().cpus()).sum()).isEqualTo(2);
    for (var allocation : all) {
      allocator.recover(
          "f", allocation.agentId(), allocation.resources(), Optional.of(Duration.ofDays(1)), now);
    }
    assertThat(held.agentId()).isNotEmpty();
    // Refused with two cpus or less; raising the limit makes no more than that of any agent.
    limit("a", "cpus:4;mem:1000");
    assertThat(allocate().stream().mapToDouble(a -> a.resources().cpus()).sum()).isEqualTo(2);
  }

  @Test
  @Covers("A06")
  void takingQuotaAwayFreesEverything() {
    guarantee("a", "cpus:4;mem:400");
    framework("other", "b");
    agent("x", "cpus:4;mem:400");
    assertThat(allocate()).isEmpty();
    allocator.setQuota("a", Quota.NONE);
    assertThat(allocate()).hasSize(1);
  }

  @Test
  @Covers({"A06", "A07"})
  void noSequenceOfStepsBreaksALimitOrLosesCount() {
    for (int seed = 0; seed < 60; seed++) {
      var random = new Random(seed);
      var subject =
          new Allocator(
              new AllocatorOptions(Duration.ofSeconds(1), min("cpus:0.01|mem:32"), Set.of(), true),
              random);
      var limits = Map.of("a", 7_000L, "b", 3_000L);
      limits.forEach((role, cpus) ->
          subject.setQuota(
              role, new Quota(Quantities.of(Map.of("cpus", cpus / 2)), Map.of("cpus", cpus))));
      for (var role : List.of("a", "a/x", "b", "c")) {
        subject.addFramework(
            "f-" + role,
            new FrameworkSpec(
                Set.of(role), Set.of(), EnumSet.of(Capability.Type.MULTI_ROLE), Map.of()));
        subject.activateFramework("f-" + role);
      }
      var held = new java.util.ArrayList<Allocation>();
      for (int step = 0; step < 60; step++) {
        switch (random.nextInt(4)) {
          case 0 ->
              subject.addAgent(
                  "s" + step,
                  new AgentSpec(
                      parse("cpus:" + (1 + random.nextInt(4)) + ";mem:100"),
                      EnumSet.allOf(AgentInfo.Capability.Type.class),
                      null),
                  Map.of());
          case 1 -> {
            if (!held.isEmpty()) {
              var back = held.remove(random.nextInt(held.size()));
              subject.recover(
                  back.frameworkId(), back.agentId(), back.resources(), Optional.empty(), now);
            }
          }
          case 2 -> subject.sweep(2);
          default -> held.addAll(subject.allocate(now));
        }
        for (var limit : limits.entrySet()) {
          long sum = 0;
          for (var allocation : held) {
            if (QuotaBook.top(allocation.role()).equals(limit.getKey())) {
              sum += allocation.resources().scalar("cpus");
            }
          }
          assertThat(sum).as("seed " + seed).isLessThanOrEqualTo(limit.getValue());
          assertThat(subject.consumed(limit.getKey()).get("cpus")).isEqualTo(sum);
        }
      }
    }
  }
}
