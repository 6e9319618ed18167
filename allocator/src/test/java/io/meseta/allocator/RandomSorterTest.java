// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.allocator.AllocatorOptions.Sorter;
import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.Resources;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

@Covers("A03")
class RandomSorterTest {
  private static final int AGENTS = 2000;

  private static Resources cpu() {
    try {
      return ResourceText.parse("cpus:1;mem:64", "*");
    } catch (Invalid e) {
      throw new AssertionError(e);
    }
  }

  /// Who got how many of the agents, one agent each time.
  private static Map<String, Integer> shares(Sorter roles, Sorter frameworks, boolean together) {
    var allocator =
        new Allocator(
            new AllocatorOptions(
                Duration.ofSeconds(1), List.of(), Set.of(), true, roles, frameworks),
            new Random(7));
    allocator.setWeights(Map.of("heavy", 3.0));
    var roleOf = Map.of("h1", "heavy", "h2", "heavy", "l1", "light");
    for (var id : List.of("h1", "h2", "l1")) {
      allocator.addFramework(
          id,
          new FrameworkSpec(
              Set.of(roleOf.get(id)), Set.of(), EnumSet.of(Capability.Type.MULTI_ROLE), Map.of()));
      allocator.activateFramework(id);
    }
    var result = new HashMap<String, Integer>();
    for (int i = 0; i < AGENTS; i++) {
      allocator.addAgent(
          "a" + i,
          new AgentSpec(cpu(), EnumSet.allOf(AgentInfo.Capability.Type.class), null),
          Map.of());
      if (!together || i == AGENTS - 1) {
        for (var allocation : allocator.allocate(Instant.EPOCH)) {
          result.merge(allocation.frameworkId(), 1, Integer::sum);
        }
      }
    }
    return result;
  }

  /// Not even shares are balanced: each turn is drawn, three to one for the heavy role.
  @Test
  void rolesHaveChancesByWeightAndFrameworksEqualOnes() {
    for (var together : List.of(true, false)) {
      var shares = shares(Sorter.RANDOM, Sorter.RANDOM, together);
      assertThat(shares.get("l1")).isBetween(400, 600).isNotEqualTo(500);
      assertThat(shares.get("h1")).isBetween(650, 850).isNotEqualTo(shares.get("h2"));
    }
  }

  @Test
  void byDefaultSharesAreBalanced() {
    var shares = shares(Sorter.DRF, Sorter.DRF, false);
    assertThat(shares).isEqualTo(Map.of("h1", 750, "h2", 750, "l1", 500));
  }

  @Test
  void oneLevelCanBeDrawnAndTheOtherBalanced() {
    var shares = shares(Sorter.DRF, Sorter.RANDOM, false);
    assertThat(shares.get("l1")).isEqualTo(500);
    assertThat(shares.get("h1")).isBetween(650, 850).isNotEqualTo(750);
  }
}
