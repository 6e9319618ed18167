// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Quantities;
import java.util.Map;
import java.util.TreeMap;

/// What a top-level role (with all roles below it) is promised, and what it may hold at most.
///
/// @param limits from name to thousandths; names that are not there are unlimited
public record Quota(Quantities guarantees, Map<String, Long> limits) {
  public static final Quota NONE = new Quota(Quantities.EMPTY, Map.of());

  public Quota {
    limits = new TreeMap<>(limits);
  }

  public boolean isNone() {
    return guarantees.isEmpty() && limits.isEmpty();
  }

  /// Whether `consumed` is within the limits.
  public boolean allows(Quantities consumed) {
    for (var limit : limits.entrySet()) {
      if (consumed.get(limit.getKey()) > limit.getValue()) {
        return false;
      }
    }
    return true;
  }
}
