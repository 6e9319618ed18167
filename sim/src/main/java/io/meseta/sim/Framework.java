// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import java.time.Duration;
import java.util.List;

/// What a simulated scheduler subscribes as. Its failover timeout is longer than any fault.
///
/// @param roles one for a framework of the old kind; the kind that reserves has roles of the tree
/// @param reserves whether it makes reservations and volumes
record Framework(
    String name,
    boolean checkpoints,
    boolean partitionAware,
    boolean killingState,
    List<String> roles,
    boolean reserves) {
  /// Top-level roles, of which quotas and reservations are.
  static final List<String> TOP_ROLES = List.of("eng", "ops");

  /// A framework of the role `*`.
  Framework(String name, boolean checkpoints, boolean partitionAware, boolean killingState) {
    this(name, checkpoints, partitionAware, killingState, List.of("*"), false);
  }

  static Framework choose(String name, int number, Chance chance) {
    return switch (number) {
      case 1 ->
          new Framework(name, true, true, chance.oneIn(2), List.of("eng/web", "ops/db/blue"), true);
      case 2 -> new Framework(name, true, false, chance.oneIn(2), List.of("eng"), false);
      default ->
          chance.oneIn(2)
              ? new Framework(name, chance.oneIn(2), chance.oneIn(2), chance.oneIn(2))
              : new Framework(
                  name,
                  chance.oneIn(2),
                  chance.oneIn(2),
                  chance.oneIn(2),
                  List.of("ops", "eng/web"),
                  true);
    };
  }

  @SuppressWarnings("deprecation") // a framework of one role, in the form before there were several
  FrameworkInfo info() {
    var info =
        FrameworkInfo.newBuilder()
            .setName(name)
            .setUser("nobody")
            .setFailoverTimeout(Duration.ofDays(7).toSeconds())
            .setCheckpoint(checkpoints);
    if (partitionAware) {
      info.addCapabilitiesBuilder().setType(Capability.Type.PARTITION_AWARE);
    }
    if (killingState) {
      info.addCapabilitiesBuilder().setType(Capability.Type.TASK_KILLING_STATE);
    }
    if (reserves) {
      info.addCapabilitiesBuilder().setType(Capability.Type.MULTI_ROLE);
      info.addCapabilitiesBuilder().setType(Capability.Type.RESERVATION_REFINEMENT);
      info.addAllRoles(roles);
    } else {
      info.setRole(roles.getFirst());
    }
    return info.build();
  }
}
