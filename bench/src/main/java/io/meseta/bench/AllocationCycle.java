// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.allocator.AgentSpec;
import io.meseta.allocator.Allocation;
import io.meseta.allocator.Allocator;
import io.meseta.allocator.AllocatorOptions;
import io.meseta.allocator.FrameworkSpec;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/// The allocator alone, with the generator of the original's DeclineOffers: everything offered is
/// refused for good, so each cycle looks at every agent and has more refusals to mind.
final class AllocationCycle {
  private static final Duration FOR_GOOD = Duration.ofSeconds(Integer.MAX_VALUE);

  private AllocationCycle() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 10_000);
    int frameworks = arguments.get("frameworks", 1_000);
    int rounds = arguments.get("rounds", 50);
    var now = Instant.EPOCH;
    var allocator =
        new Allocator(
            new AllocatorOptions(
                Duration.ofSeconds(1),
                AllocatorOptions.parseMinAllocatable("cpus:0.01|mem:32"),
                Set.of(),
                true),
            new Random(1));
    long begin = System.nanoTime();
    for (int i = 0; i < frameworks; i++) {
      allocator.addFramework(
          "framework" + i,
          new FrameworkSpec(
              Set.of("*"),
              Set.of(),
              Set.of(
                  FrameworkInfo.Capability.Type.MULTI_ROLE,
                  FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT),
              Map.of()));
      allocator.activateFramework("framework" + i);
    }
    var total = ResourceText.parse("cpus:24;mem:4096;disk:4096;ports:[31000-32000]", "*");
    var used =
        ResourceText.parse("cpus:16;mem:2014;disk:1024;ports:[" + everySecond() + "]", "*")
            .allocate("*");
    var capabilities =
        Set.of(
            AgentInfo.Capability.Type.MULTI_ROLE,
            AgentInfo.Capability.Type.HIERARCHICAL_ROLE,
            AgentInfo.Capability.Type.RESERVATION_REFINEMENT);
    for (int i = 0; i < agents; i++) {
      allocator.addAgent(
          "agent" + i,
          new AgentSpec(total, capabilities, null),
          Map.<String, Resources>of("framework" + i % frameworks, used));
    }
    System.out.printf(
        "%d frameworks and %d agents added in %.2f s%n",
        frameworks, agents, (System.nanoTime() - begin) / 1e9);

    var seconds = new double[rounds];
    List<Allocation> offers = List.of();
    for (int round = 0; round < rounds; round++) {
      now = now.plusSeconds(1);
      for (var offer : offers) {
        allocator.recover(
            offer.frameworkId(), offer.agentId(), offer.resources(), Optional.of(FOR_GOOD), now);
      }
      begin = System.nanoTime();
      offers = allocator.allocate(now);
      seconds[round] = (System.nanoTime() - begin) / 1e9;
      if (offers.size() != (round < frameworks ? agents : 0)) {
        throw new IllegalStateException("round " + round + ": " + offers.size() + " offers");
      }
    }
    System.out.printf(
        "cycle over %d agents and %d frameworks: first %.3f s, median %.3f s, last of %d %.3f s;"
            + " load %s%n",
        agents,
        frameworks,
        seconds[0],
        Machine.median(seconds),
        rounds,
        seconds[rounds - 1],
        Machine.load());
    one(allocator, offers, now, arguments.get("singles", 200));
  }

  /// One agent's resources come back while all others stay as they are.
  private static void one(Allocator allocator, List<Allocation> offers, Instant now, int count) {
    var micros = new double[Math.min(count, offers.size())];
    for (int i = 0; i < micros.length; i++) {
      var offer = offers.get(i);
      long begin = System.nanoTime();
      allocator.recover(
          offer.frameworkId(), offer.agentId(), offer.resources(), Optional.empty(), now);
      int made = allocator.allocate(now).size();
      micros[i] = (System.nanoTime() - begin) / 1e3;
      if (made != 1) {
        throw new IllegalStateException(made + " offers for one agent");
      }
    }
    Arrays.sort(micros);
    System.out.printf(
        "one agent's resources offered again: median %.0f us, p99 %.0f us; load %s%n",
        micros[micros.length / 2], micros[micros.length * 99 / 100], String.valueOf(loadOrEmpty()));
  }

  private static String loadOrEmpty() {
    try {
      return Machine.load();
    } catch (java.io.IOException e) {
      return "";
    }
  }

  /// Sixteen ranges of ports.
  private static String everySecond() {
    var text = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      int from = 31000 + i * 62;
      text.append(i == 0 ? "" : ",").append(from).append('-').append(from + 30);
    }
    return text.toString();
  }
}
