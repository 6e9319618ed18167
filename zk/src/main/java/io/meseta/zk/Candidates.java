// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import java.util.List;
import java.util.Optional;

/// The rule of who leads: among the children `label_%010d` with our label, the lowest number.
final class Candidates {
  private Candidates() {}

  static Optional<String> leader(List<String> children, String label) {
    return children.stream()
        .filter(name -> number(name, label) >= 0)
        .min((a, b) -> Long.compare(number(a, label), number(b, label)));
  }

  /// The sequence number of a candidate of this label, or -1. Other children (`log_replicas`) live
  /// beside them.
  static long number(String name, String label) {
    var digits = name.startsWith(label + "_") ? name.substring(label.length() + 1) : "";
    if (digits.isEmpty()
        || digits.length() > 18
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return Long.parseLong(digits);
  }
}
