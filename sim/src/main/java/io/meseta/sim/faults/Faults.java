// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Chance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Which faults strike in a while of unrest.
public final class Faults {
  private static final List<Fault> ALL =
      List.of(
          new Crash(Crash.Kind.LEADER, Duration.ofSeconds(20)),
          new Crash(Crash.Kind.MASTER, Duration.ofMinutes(2)),
          new Crash(Crash.Kind.AGENT, Duration.ofSeconds(5)),
          new Crash(Crash.Kind.AGENT, Duration.ofMinutes(3)),
          new Crash(Crash.Kind.SCHEDULER, Duration.ofSeconds(40)),
          new Partition(true, true, Duration.ofMinutes(2)),
          new Partition(true, false, Duration.ofMinutes(1)),
          new Partition(false, true, Duration.ofMinutes(3)),
          new Partition(false, false, Duration.ofMinutes(2)),
          new Partition(true, true, Duration.ofSeconds(8)),
          new Delay(300, Duration.ofMinutes(1)),
          new Delay(5_000, Duration.ofMinutes(2)),
          new Reset(),
          new Pause(false, Duration.ofSeconds(30)),
          new Pause(true, Duration.ofSeconds(25)),
          new SessionExpiry(),
          new Duplicates(3, Duration.ofMinutes(1)),
          new Swizzle(Duration.ofMinutes(3)),
          new ClockJump(Duration.ofHours(2), Duration.ofMinutes(3)),
          new Loss(4, Duration.ofMinutes(1)),
          new Stragglers(6, Duration.ofMinutes(1)),
          new SlowDisks(2_000, Duration.ofSeconds(40)),
          new TornWrite(Duration.ofSeconds(20)),
          new Takeover());

  private Faults() {}

  /// Some of all: few kinds that strike often find other bugs than all kinds at once.
  public static List<Fault> choose(Chance chance) {
    if (chance.oneIn(3)) {
      return ALL;
    }
    var some = new ArrayList<Fault>();
    for (int i = 2 + chance.below(5); i > 0; i--) {
      some.add(chance.one(ALL));
    }
    return some;
  }
}
