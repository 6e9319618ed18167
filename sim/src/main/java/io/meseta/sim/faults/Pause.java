// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import io.meseta.sim.Node;
import java.time.Duration;

/// A process stands still and then goes on as if nothing had been; of masters mostly the leader,
/// who then believes to lead.
public record Pause(boolean leader, Duration most) implements Fault {
  @Override
  public void strike(Cluster cluster) {
    Node node = cluster.chance.one(cluster.nodes());
    if (leader) {
      node =
          cluster.masters().stream()
              .filter(m -> m.leading())
              .findFirst()
              .map(m -> (Node) m)
              .orElse(node);
    }
    node.pause();
    cluster.clock.after(Fault.upTo(cluster, most), node::resume);
  }
}
