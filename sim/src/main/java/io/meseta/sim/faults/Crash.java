// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import io.meseta.sim.Node;
import java.time.Duration;

/// A process of some kind is killed; its supervisor starts it again after a while.
public record Crash(Kind kind, Duration most) implements Fault {
  /// Which process.
  public enum Kind {
    LEADER,
    MASTER,
    AGENT,
    SCHEDULER
  }

  @Override
  public void strike(Cluster cluster) {
    Node node =
        switch (kind) {
          case LEADER ->
              cluster.masters().stream()
                  .filter(m -> m.leading())
                  .findFirst()
                  .orElseGet(() -> cluster.chance.one(cluster.masters()));
          case MASTER -> cluster.chance.one(cluster.masters());
          case AGENT -> cluster.chance.one(cluster.agents());
          case SCHEDULER -> cluster.chance.one(cluster.schedulers());
        };
    node.crash("killed");
    cluster.clock.after(Fault.upTo(cluster, most), node::start);
  }
}
