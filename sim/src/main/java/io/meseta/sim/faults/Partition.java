// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import java.time.Duration;

/// One host is cut off: from everybody or from one other, in both directions or in one.
public record Partition(boolean fromAll, boolean bothWays, Duration most) implements Fault {
  @Override
  public void strike(Cluster cluster) {
    var chance = cluster.chance;
    var host = chance.one(cluster.nodes()).host();
    boolean outgoing = chance.oneIn(2);
    var others = cluster.hosts().stream().filter(h -> !h.equals(host)).toList();
    var peers = fromAll ? others : java.util.List.of(chance.one(others));
    for (var peer : peers) {
      if (bothWays || outgoing) {
        cluster.network.block(host, peer);
      }
      if (bothWays || !outgoing) {
        cluster.network.block(peer, host);
      }
    }
    cluster.clock.after(
        Fault.upTo(cluster, most),
        () ->
            peers.forEach(peer -> {
              cluster.network.unblock(host, peer);
              cluster.network.unblock(peer, host);
            }));
  }
}
