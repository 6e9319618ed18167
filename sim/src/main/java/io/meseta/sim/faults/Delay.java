// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import java.time.Duration;

/// Everything between two hosts takes longer, so that messages of different pairs overtake each
/// other.
public record Delay(int mostMillis, Duration most) implements Fault {
  @Override
  public void strike(Cluster cluster) {
    var one = cluster.chance.one(cluster.hosts());
    var other = cluster.chance.one(cluster.hosts());
    cluster.network.slow(one, other, mostMillis);
    cluster.network.slow(other, one, mostMillis);
    cluster.clock.after(
        Fault.upTo(cluster, most),
        () -> {
          cluster.network.slow(one, other, 0);
          cluster.network.slow(other, one, 0);
        });
  }
}
