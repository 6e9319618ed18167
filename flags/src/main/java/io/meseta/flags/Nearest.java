// SPDX-License-Identifier: Apache-2.0
package io.meseta.flags;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Finds the name that a misspelt one was meant to be: one mistake in a short name, two in a longer
/// one. A letter missing, added, changed, or two neighbours swapped are one mistake each.
public final class Nearest {
  private static final int SHORT = 4;

  private Nearest() {}

  /// The nearest of `names`, the first of equally near ones.
  public static Optional<String> of(String given, Collection<String> names) {
    int most = given.length() <= SHORT ? 1 : 2;
    return names.stream()
        .filter(name -> Math.abs(name.length() - given.length()) <= most)
        .filter(name -> mistakes(given, name) <= most)
        .min(Comparator.comparingInt(name -> mistakes(given, name)));
  }

  /// Optimal string alignment: Levenshtein's distance with swaps of neighbours.
  private static int mistakes(String a, String b) {
    var table = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      table[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      table[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int least = Math.min(table[i - 1][j] + 1, table[i][j - 1] + 1);
        least = Math.min(least, table[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          least = Math.min(least, table[i - 2][j - 2] + 1);
        }
        table[i][j] = least;
      }
    }
    return table[a.length()][b.length()];
  }
}
