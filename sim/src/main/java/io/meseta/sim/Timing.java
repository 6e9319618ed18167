// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.allocator.AllocatorOptions;
import io.meseta.master.core.MasterConfig;
import io.meseta.model.Invalid;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// How patient masters and agents are: as in production, or so impatient that agents become
/// unreachable often. And how much an agent has: plenty, or so little that it is full at times.
///
/// @param places how many tasks fit on an agent
record Timing(MasterConfig master, Duration registrationBackoff, int places) {
  static Timing choose(Chance chance) {
    boolean patient = chance.oneIn(3);
    var ping = patient ? Duration.ofSeconds(15) : Duration.ofSeconds(3);
    var back = patient ? Duration.ofMinutes(10) : Duration.ofSeconds(40);
    try {
      var defaults = MasterConfig.defaults();
      return new Timing(
          new MasterConfig(
              ping,
              patient ? 5 : 3,
              back,
              Optional.empty(),
              chance.oneIn(2) ? Optional.empty() : Optional.of(Duration.ofSeconds(20)),
              50,
              1000,
              1000,
              1000,
              Set.of(),
              Map.of(),
              true,
              Duration.ofMinutes(15),
              defaults.registryMaxAgentAge(),
              defaults.registryMaxAgentCount(),
              0.8,
              Duration.ofMinutes(10),
              new AllocatorOptions(
                  Duration.ofSeconds(1),
                  AllocatorOptions.parseMinAllocatable("cpus:0.01|mem:32"),
                  Set.of(),
                  true)),
          Duration.ofSeconds(1),
          chance.one(List.of(3, 5, 10)));
    } catch (Invalid e) {
      throw new IllegalStateException(e);
    }
  }
}
