// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A flag of the original that does nothing here. It is refused where the operator would rely on
/// what it does; else it is accepted with a warning, so that the original's start scripts work.
///
/// @param why printed when it is used
/// @param refused whether it is refused
/// @param harmless values for which nothing is missing, so that they are never refused: those that
///   switch it off or ask for what we do anyway
public record Absent(String why, boolean refused, Set<String> harmless) {
  private static final Set<String> OFF = Set.of("false", "0");

  /// Reads a table with a line a flag: `name: why`, or `name=value|value: why` with harmless
  /// values.
  static Map<String, Absent> table(String lines, boolean refused) {
    var table = new TreeMap<String, Absent>();
    for (var line : lines.lines().filter(text -> !text.isBlank()).toList()) {
      int colon = line.indexOf(": ");
      var head = line.substring(0, colon).strip().split("=", 2);
      var harmless =
          head.length == 1
              ? Set.<String>of()
              : Arrays.stream(head[1].split("\\|")).collect(Collectors.toUnmodifiableSet());
      if (table.put(head[0], new Absent(line.substring(colon + 2).strip(), refused, harmless))
          != null) {
        throw new IllegalStateException("--" + head[0] + " is listed twice");
      }
    }
    return Collections.unmodifiableMap(table);
  }

  /// Whether `value` cannot be accepted.
  boolean refuses(String value) {
    return refused && !OFF.contains(value) && !harmless.contains(value);
  }
}
