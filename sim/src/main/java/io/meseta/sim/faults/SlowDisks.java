// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import java.time.Duration;

/// Agents wait long for their disks, so that a crash finds more that is not written.
public record SlowDisks(int mostMillis, Duration most) implements Fault {
  @Override
  public void strike(Cluster cluster) {
    cluster.setDiskDelay(mostMillis);
    cluster.clock.after(Fault.upTo(cluster, most), () -> cluster.setDiskDelay(0));
  }
}
