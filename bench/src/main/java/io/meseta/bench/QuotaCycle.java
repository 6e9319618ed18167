// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.allocator.AgentSpec;
import io.meseta.allocator.Allocator;
import io.meseta.allocator.AllocatorOptions;
import io.meseta.allocator.FrameworkSpec;
import io.meseta.allocator.Quota;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.ResourceText;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// The allocator alone gives every role its guarantee: the original's LargeAndSmallQuota, with a
/// framework in each role, five in six of them with small guarantees.
final class QuotaCycle {
  private static final Set<FrameworkInfo.Capability.Type> CAPABILITIES =
      Set.of(
          FrameworkInfo.Capability.Type.MULTI_ROLE,
          FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT);

  private QuotaCycle() {}

  static void run(Arguments arguments) throws Exception {
    int roles = arguments.get("roles", 3_000);
    int runs = arguments.get("runs", 4);
    for (int run = 1; run <= runs; run++) {
      cycle(roles, run);
    }
  }

  private static void cycle(int roles, int run) throws Exception {
    var allocator =
        new Allocator(
            new AllocatorOptions(
                Duration.ofSeconds(1),
                AllocatorOptions.parseMinAllocatable("cpus:0.01|mem:32"),
                Set.of(),
                true),
            new Random(run));
    long begin = System.nanoTime();
    for (int i = 0; i < roles; i++) {
      allocator.setQuota("role" + i, new Quota(guarantee(i), Map.of()));
      allocator.addFramework(
          "framework" + i, new FrameworkSpec(Set.of("role" + i), Set.of(), CAPABILITIES, Map.of()));
      allocator.activateFramework("framework" + i);
    }
    double frameworks = (System.nanoTime() - begin) / 1e9;
    var total = ResourceText.parse("cpus:2;mem:2048;disk:2048", "*");
    for (int i = 0; i < roles; i++) {
      allocator.addAgent(
          "agent" + i,
          new AgentSpec(
              total,
              Set.of(
                  AgentInfo.Capability.Type.MULTI_ROLE,
                  AgentInfo.Capability.Type.HIERARCHICAL_ROLE,
                  AgentInfo.Capability.Type.RESERVATION_REFINEMENT),
              null),
          Map.of());
    }
    begin = System.nanoTime();
    int offers = allocator.allocate(Instant.EPOCH).size();
    double seconds = (System.nanoTime() - begin) / 1e9;
    for (int i = 0; i < roles; i++) {
      var role = "role" + i;
      guarantee(i)
          .toMap()
          .forEach((name, amount) -> {
            if (allocator.consumed(role).get(name) < amount) {
              throw new IllegalStateException(role + " was given " + allocator.consumed(role));
            }
          });
    }
    System.out.printf(
        "%s: %d roles, frameworks and agents: every guarantee satisfied by one cycle of %.2f s,"
            + " %d offers (frameworks added in %.2f s); load %s%n",
        run == 1 ? "cold" : "warm", roles, seconds, offers, frameworks, Machine.load());
  }

  private static Quantities guarantee(int role) {
    long times = role % 6 == 0 ? 4 : 1;
    return Quantities.of(
        Map.of("cpus", 1_000 * times, "mem", 1_024_000 * times, "disk", 1_024_000 * times));
  }
}
