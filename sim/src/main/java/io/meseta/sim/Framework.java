// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.wire.v1.FrameworkInfo;
import java.time.Duration;

/// What a simulated scheduler subscribes as. Its failover timeout is longer than any fault.
record Framework(String name, boolean checkpoints, boolean partitionAware, boolean killingState) {
  static Framework choose(String name, int number, Chance chance) {
    return switch (number) {
      case 1 -> new Framework(name, true, true, chance.oneIn(2));
      case 2 -> new Framework(name, true, false, chance.oneIn(2));
      default -> new Framework(name, chance.oneIn(2), chance.oneIn(2), chance.oneIn(2));
    };
  }

  FrameworkInfo info() {
    var info =
        FrameworkInfo.newBuilder()
            .setName(name)
            .setUser("nobody")
            .setFailoverTimeout(Duration.ofDays(7).toSeconds())
            .setCheckpoint(checkpoints);
    if (partitionAware) {
      info.addCapabilitiesBuilder().setType(FrameworkInfo.Capability.Type.PARTITION_AWARE);
    }
    if (killingState) {
      info.addCapabilitiesBuilder().setType(FrameworkInfo.Capability.Type.TASK_KILLING_STATE);
    }
    return info.build();
  }
}
