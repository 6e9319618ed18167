// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import java.time.Duration;

/// The clock of a host shows another time for a while, earlier or later; how fast it goes is right.
public record ClockJump(Duration mostError, Duration most) implements Fault {
  @Override
  public void strike(Cluster cluster) {
    var chance = cluster.chance;
    var node = chance.one(cluster.nodes());
    node.setClockError(Duration.ofNanos(chance.nanos(mostError.negated(), mostError)));
    cluster.clock.after(Fault.upTo(cluster, most), () -> node.setClockError(Duration.ZERO));
  }
}
