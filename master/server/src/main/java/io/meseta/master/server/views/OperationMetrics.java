// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.Snapshot;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OperationState;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// How many operations there are and were, `master/operations/...`.
final class OperationMetrics {
  private static final List<String> STATES =
      List.of(
          "pending",
          "recovering",
          "unreachable",
          "finished",
          "failed",
          "error",
          "dropped",
          "gone_by_operator");

  /// Names of the counts of operations, in all and of each type that is not a launch.
  private static final List<String> OPERATIONS =
      Stream.concat(
              Stream.of("operations/"),
              Arrays.stream(Offer.Operation.Type.values())
                  .map(type -> type.name().toLowerCase(Locale.ROOT))
                  .filter(name -> !name.startsWith("launch") && !name.equals("unknown"))
                  .map(name -> "operations/" + name + "/"))
          .flatMap(prefix ->
              Stream.concat(Stream.of("total"), STATES.stream()).map(state -> prefix + state))
          .toList();

  private OperationMetrics() {}

  /// All of them as none, before they are counted.
  static void zero(Map<String, Double> out) {
    OPERATIONS.forEach(name -> out.put("master/" + name, 0.0));
  }

  static void put(Snapshot snapshot, Map<String, Double> out) {
    for (var operation : snapshot.operations()) {
      var state = operation.getLatestStatus().getState();
      if (state == OperationState.OPERATION_PENDING
          || state == OperationState.OPERATION_RECOVERING) {
        var suffix = state.name().substring("OPERATION_".length()).toLowerCase(Locale.ROOT);
        var type = operation.getInfo().getType().name().toLowerCase(Locale.ROOT);
        for (var prefix : List.of("master/operations/", "master/operations/" + type + "/")) {
          out.computeIfPresent(prefix + suffix, (name, count) -> count + 1);
        }
      }
    }
    // All that wait or ended, as in the original also those that went with their agents.
    for (var name : OPERATIONS) {
      if (name.endsWith("/total")) {
        var prefix = "master/" + name.substring(0, name.length() - "total".length());
        out.put(
            prefix + "total",
            STATES.stream().mapToDouble(state -> out.getOrDefault(prefix + state, 0.0)).sum());
      }
    }
  }
}
