// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

/// A size, written `10B`, `64KB`, `2GB`; the units are powers of 1024.
public record Bytes(long value) {
  private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB"};

  public Bytes {
    if (value < 0) {
      throw new IllegalArgumentException("size: " + value + " (expected: >= 0)");
    }
  }

  /// Reads `2GB`; fractions such as `1.5GB` are taken.
  ///
  /// @throws IllegalArgumentException naming what was expected
  public static Bytes parse(String text) {
    var trimmed = text.strip();
    int end = trimmed.length();
    while (end > 0 && Character.isLetter(trimmed.charAt(end - 1))) {
      end--;
    }
    var unit = trimmed.substring(end);
    for (int i = 0; i < UNITS.length; i++) {
      if (UNITS[i].equals(unit)) {
        try {
          double value = Double.parseDouble(trimmed.substring(0, end)) * (1L << (10 * i));
          if (value >= 0 && value < Long.MAX_VALUE) {
            return new Bytes((long) value);
          }
        } catch (NumberFormatException e) {
          break;
        }
      }
    }
    throw new IllegalArgumentException("expected a size such as 512MB or 2GB");
  }

  @Override
  public String toString() {
    int unit = 0;
    long rest = value;
    while (rest > 0 && rest % 1024 == 0 && unit < UNITS.length - 1) {
      rest /= 1024;
      unit++;
    }
    return rest + UNITS[unit];
  }
}
