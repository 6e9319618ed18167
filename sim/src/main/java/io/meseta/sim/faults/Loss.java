// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import java.time.Duration;

/// Messages that their senders repeat anyway are lost, as with a connection that breaks between two
/// of them.
public record Loss(int oneIn, Duration most) implements Fault {
  @Override
  public void strike(Cluster cluster) {
    cluster.setLoss(oneIn);
    cluster.clock.after(Fault.upTo(cluster, most), () -> cluster.setLoss(0));
  }
}
