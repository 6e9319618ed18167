// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;

/// The connections between two hosts break, and what was under way is lost; new ones can be made at
/// once.
public record Reset() implements Fault {
  @Override
  public void strike(Cluster cluster) {
    var one =
        cluster.chance.oneIn(2)
            ? cluster.chance.one(cluster.masters()).host()
            : cluster.chance.one(cluster.hosts());
    cluster.network.reset(one, cluster.chance.one(cluster.hosts()));
  }
}
