// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import java.util.ArrayList;
import java.util.List;

/// How often each [Happening] happened.
public final class Tally {
  private final long[] counts = new long[Happening.values().length];

  void count(Happening what) {
    counts[what.ordinal()]++;
  }

  public long get(Happening what) {
    return counts[what.ordinal()];
  }

  /// Adds what another simulation counted.
  public void add(Tally other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
  }

  /// What never happened.
  public List<Happening> missing() {
    var result = new ArrayList<Happening>();
    for (var what : Happening.values()) {
      if (get(what) == 0) {
        result.add(what);
      }
    }
    return result;
  }

  /// A line for each.
  List<String> lines() {
    var result = new ArrayList<String>();
    for (var kind : Happening.Kind.values()) {
      result.add(kind.text + ":");
      for (var what : Happening.values()) {
        if (what.kind == kind) {
          result.add("%12d  %s".formatted(get(what), what.text));
        }
      }
    }
    return result;
  }
}
