// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.time.Duration;

/// Durations as the original writes them: `10secs`, `5mins`, `1.5hrs`, `2weeks`.
public final class Durations {
  private record Unit(String name, long nanos) {}

  private static final Unit[] UNITS = {
    new Unit("weeks", 7L * 86_400_000_000_000L),
    new Unit("days", 86_400_000_000_000L),
    new Unit("hrs", 3_600_000_000_000L),
    new Unit("mins", 60_000_000_000L),
    new Unit("secs", 1_000_000_000L),
    new Unit("ms", 1_000_000L),
    new Unit("us", 1_000L),
    new Unit("ns", 1L),
  };

  private Durations() {}

  /// Reads `10secs`.
  ///
  /// @throws IllegalArgumentException naming what was expected
  public static Duration parse(String text) {
    var trimmed = text.strip();
    int end = trimmed.length();
    while (end > 0 && Character.isLetter(trimmed.charAt(end - 1))) {
      end--;
    }
    var name = trimmed.substring(end);
    for (var unit : UNITS) {
      if (unit.name.equals(name)) {
        try {
          double nanos = Double.parseDouble(trimmed.substring(0, end)) * unit.nanos;
          if (Math.abs(nanos) < Long.MAX_VALUE) {
            return Duration.ofNanos(Math.round(nanos));
          }
        } catch (NumberFormatException e) {
          break;
        }
      }
    }
    throw new IllegalArgumentException(
        "expected a duration such as 500ms, 10secs, 5mins, 2hrs, 1days or 1weeks");
  }

  /// The largest unit of which there is at least one: 90 s is `1.5mins`.
  public static String print(Duration duration) {
    long nanos = duration.toNanos();
    for (var unit : UNITS) {
      if (Math.abs(nanos) >= unit.nanos) {
        double value = (double) nanos / unit.nanos;
        return (value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value))
            + unit.name;
      }
    }
    return "0ns";
  }
}
