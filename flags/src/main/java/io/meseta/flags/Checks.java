// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.util.ArrayList;
import java.util.List;

/// Gathers what is wrong with the values of a record of flags, so that its compact constructor
/// reports everything at once.
public final class Checks {
  /// Several problems.
  static final class Failed extends IllegalArgumentException {
    private final transient List<String> problems;

    Failed(List<String> problems) {
      super(String.join("\n", problems));
      this.problems = List.copyOf(problems);
    }

    List<String> problems() {
      return problems;
    }
  }

  private final List<String> problems = new ArrayList<>();

  /// Notes `problem`, a line that begins with the flag, unless `holds`.
  public Checks that(boolean holds, String problem) {
    if (!holds) {
      problems.add(problem);
    }
    return this;
  }

  /// Notes what `reading` complains about, after `prefix`.
  public Checks reads(String prefix, Runnable reading) {
    try {
      reading.run();
    } catch (IllegalArgumentException e) {
      problems.add(prefix + e.getMessage());
    }
    return this;
  }

  /// @throws IllegalArgumentException if anything was noted
  public void done() {
    if (!problems.isEmpty()) {
      throw new Failed(problems);
    }
  }
}
