// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim.faults;

import io.meseta.sim.Cluster;
import java.time.Duration;

/// Something that goes wrong for a while.
@FunctionalInterface
public interface Fault {
  /// Begins now; where, and for how long, is the cluster's chance.
  void strike(Cluster cluster);

  /// A span of time up to `most`.
  static Duration upTo(Cluster cluster, Duration most) {
    return Duration.ofNanos(cluster.chance.nanos(Duration.ofMillis(10), most));
  }
}
