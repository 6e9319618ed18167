// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.allocator.AllocatorOptions;
import io.meseta.master.core.MasterConfig;
import io.meseta.model.Invalid;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How patient masters and agents are: as in production, or so impatient that agents become
/// unreachable often. And how much an agent has: plenty, or so little that it is full at times.
///
/// @param places how many tasks fit on an agent
record Timing(MasterConfig master, Duration registrationBackoff, int places) {
  static Timing choose(Chance chance) {
    boolean patient = chance.oneIn(3);
    var master = new MasterConfig.Builder();
    master.agentPingTimeout = patient ? Duration.ofSeconds(15) : Duration.ofSeconds(3);
    master.maxAgentPingTimeouts = patient ? 5 : 3;
    master.agentReregisterTimeout = patient ? Duration.ofMinutes(10) : Duration.ofSeconds(40);
    master.offerTimeout = chance.oneIn(2) ? Optional.empty() : Optional.of(Duration.ofSeconds(20));
    try {
      master.allocator =
          new AllocatorOptions(
              Duration.ofSeconds(1),
              AllocatorOptions.parseMinAllocatable("cpus:0.01|mem:32"),
              Set.of(),
              true);
    } catch (Invalid e) {
      throw new IllegalStateException(e);
    }
    return new Timing(master.build(), Duration.ofSeconds(1), chance.one(List.of(3, 5, 10)));
  }
}
