// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.tasks.Statuses;
import io.meseta.master.core.view.Snapshot;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.ResourceSummary;
import io.meseta.model.resources.Resources;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.MasterInfo;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What all documents of one master have in common.
///
/// @param startTime of this process
/// @param leader as far as this master knows
/// @param flags in force, by name
/// @param rendered what is kept from one document to the next
public record Documents(
    MasterInfo info,
    Instant startTime,
    Optional<MasterInfo> leader,
    Optional<String> cluster,
    Map<String, String> flags,
    Snapshot snapshot,
    Rendered rendered) {

  static double seconds(Instant time) {
    return Statuses.seconds(time);
  }

  /// A member with the short form of `resources`.
  static void summary(JsonOut out, String name, Resources resources) {
    members(out.object(name), resources);
  }

  /// The rest of an object with the short form of `resources`, and its end.
  static void members(JsonOut out, Resources resources) {
    members(out, ResourceSummary.of(resources));
  }

  static void quantities(JsonOut out, String name, Quantities quantities) {
    members(out.object(name), ResourceSummary.of(quantities));
  }

  private static void members(JsonOut out, Map<String, Object> values) {
    values.forEach((key, value) -> {
      if (value instanceof Double number) {
        out.field(key, number);
      } else {
        out.field(key, value.toString());
      }
    });
    out.end();
  }
}
