// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import io.meseta.sim.Happening;
import io.meseta.sim.Node;
import java.time.Duration;
import java.util.ArrayList;

/// Some hosts are cut off one by one, then come back one by one in another order.
public record Swizzle(Duration most) implements Fault {
  @Override
  public void strike(Cluster cluster) {
    var chance = cluster.chance;
    var left = new ArrayList<>(cluster.nodes());
    var victims = new ArrayList<Node>();
    for (int i = 2 + chance.below(4); i > 0; i--) {
      victims.add(left.remove(chance.below(left.size())));
    }
    long at = 0;
    for (var victim : victims) {
      cluster.clock.after(at, () -> cutOff(cluster, victim.host(), true));
      at += chance.nanos(Duration.ofMillis(100), most.dividedBy(10));
    }
    while (!victims.isEmpty()) {
      at += chance.nanos(Duration.ofMillis(100), most.dividedBy(10));
      var victim = victims.remove(chance.below(victims.size()));
      cluster.clock.after(at, () -> cutOff(cluster, victim.host(), false));
    }
  }

  private static void cutOff(Cluster cluster, String host, boolean off) {
    for (var peer : cluster.hosts()) {
      if (!peer.equals(host) && off) {
        cluster.network.block(host, peer);
        cluster.network.block(peer, host);
      } else if (!peer.equals(host)) {
        cluster.network.unblock(host, peer);
        cluster.network.unblock(peer, host);
      }
    }
    if (off) {
      cluster.count(Happening.SWIZZLED);
    }
  }
}
