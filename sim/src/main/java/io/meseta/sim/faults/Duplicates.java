// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import java.time.Duration;

/// Messages that their senders repeat anyway come twice.
public record Duplicates(int oneIn, Duration most) implements Fault {
  @Override
  public void strike(Cluster cluster) {
    cluster.setDuplicates(oneIn);
    cluster.clock.after(Fault.upTo(cluster, most), () -> cluster.setDuplicates(0));
  }
}
