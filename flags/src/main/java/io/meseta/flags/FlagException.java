// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.util.List;

/// The flags cannot be used; holds every problem, not only the first.
public final class FlagException extends Exception {
  private final transient List<String> problems;

  FlagException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /// One line each, naming the flag, the value and what was expected.
  public List<String> problems() {
    return problems;
  }
}
