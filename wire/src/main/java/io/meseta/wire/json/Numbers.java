// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.json;

/// Doubles as Mesos prints them (rapidjson's shortest form): always with a fraction or an exponent.
public final class Numbers {
  private Numbers() {}

  /// `1.0`, `0.1`, `10000000.0`, `1e22`, `1.5e-7`. Infinities and NaN, which JSON does not know,
  /// become quoted strings, the form that Mesos takes on input.
  public static String text(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return "\"" + value + "\"";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) { // the common case
      return (long) value + ".0";
    }
    var shortest = Double.toString(Math.abs(value));
    int e = shortest.indexOf('E');
    int exponent = e < 0 ? 0 : Integer.parseInt(shortest.substring(e + 1));
    var mantissa = e < 0 ? shortest : shortest.substring(0, e);
    int dot = mantissa.indexOf('.');
    var digits = new StringBuilder(mantissa).deleteCharAt(dot);
    int point = dot + exponent; // the value is 0.digits * 10^point
    int leading = 0;
    while (digits.charAt(leading) == '0') {
      leading++;
    }
    digits.delete(0, leading);
    point -= leading;
    int end = digits.length();
    while (end > 1 && digits.charAt(end - 1) == '0') {
      end--;
    }
    digits.setLength(end);
    return (value < 0 ? "-" : "") + place(digits, point);
  }

  private static String place(StringBuilder digits, int point) {
    int count = digits.length();
    if (count <= point && point <= 21) {
      return digits.append("0".repeat(point - count)).append(".0").toString();
    }
    if (0 < point && point <= 21) {
      return digits.insert(point, '.').toString();
    }
    if (-6 < point && point <= 0) {
      return digits.insert(0, "0." + "0".repeat(-point)).toString();
    }
    if (count > 1) {
      digits.insert(1, '.');
    }
    return digits.append('e').append(point - 1).toString();
  }
}
