// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;

/// ZooKeeper forgets the leader's session; another master is elected while the old one still
/// believes to lead.
public record SessionExpiry() implements Fault {
  @Override
  public void strike(Cluster cluster) {
    cluster.zooKeeper.expireLeader();
  }
}
