// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import java.util.Map;
import java.util.TreeMap;

/// Counts by the original's metric names, without the `master/` before them.
public final class Counters {
  private final Map<String, Long> counts = new TreeMap<>();

  public void add(String name) {
    counts.merge(name, 1L, Long::sum);
  }

  public Map<String, Long> copy() {
    return new TreeMap<>(counts);
  }
}
