// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import java.time.Duration;

/// An agent is killed in the middle of what it writes together: a crash at any moment nearly never
/// meets that.
public record TornWrite(Duration most) implements Fault {
  @Override
  public void strike(Cluster cluster) {
    cluster.chance.one(cluster.agents()).tearNextWrite(Fault.upTo(cluster, most));
  }
}
