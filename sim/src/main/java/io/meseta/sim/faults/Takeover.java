// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;

/// A standby of a scheduler subscribes while the old one is still connected.
public record Takeover() implements Fault {
  @Override
  public void strike(Cluster cluster) {
    cluster.chance.one(cluster.schedulers()).subscribe();
  }
}
