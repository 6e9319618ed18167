// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import io.meseta.model.Invalid;

/// Scalars are counted in thousandths, so that `0.1 + 0.2` is exactly `0.3` and sums over many
/// tasks do not drift. Original: the fixed point of src/common/values.cpp.
public final class Thousandths {
  /// The largest amount taken from a client: far beyond any cluster, and sums of millions of them
  /// still fit a long.
  private static final double MAX = 1e12;

  private Thousandths() {}

  /// `value` rounded to three decimals, half away from zero.
  public static long of(double value) throws Invalid {
    if (Double.isNaN(value) || Math.abs(value) > MAX) {
      throw new Invalid("Invalid scalar resource: " + value + " is not a usable amount");
    }
    return value < 0 ? -Math.round(-value * 1000) : Math.round(value * 1000);
  }

  /// The number on the wire.
  public static double toDouble(long thousandths) {
    return thousandths / 1000.0;
  }

  /// As short as possible: `4`, `0.1`.
  public static String toString(long thousandths) {
    long fraction = Math.abs(thousandths % 1000);
    var sign = thousandths < 0 && thousandths / 1000 == 0 ? "-" : "";
    if (fraction == 0) {
      return sign + thousandths / 1000;
    }
    var digits = Long.toString(1000 + fraction).substring(1);
    int end = 3;
    while (digits.charAt(end - 1) == '0') {
      end--;
    }
    return sign + thousandths / 1000 + "." + digits.substring(0, end);
  }
}
