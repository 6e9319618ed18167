// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import java.time.Duration;

/// Messages that their senders repeat anyway come once more much later, after what was sent after
/// them.
public record Stragglers(int oneIn, Duration most) implements Fault {
  @Override
  public void strike(Cluster cluster) {
    cluster.setStragglers(oneIn);
    cluster.clock.after(Fault.upTo(cluster, most), () -> cluster.setStragglers(0));
  }
}
