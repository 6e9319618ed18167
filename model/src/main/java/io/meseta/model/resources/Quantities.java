// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import io.meseta.model.Invalid;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/// How much of each scalar, in thousandths, whatever it is reserved to. Immutable, sorted by name;
/// zero amounts are left out.
public final class Quantities {
  public static final Quantities EMPTY = new Quantities(new String[0], new long[0]);

  private final String[] names;
  private final long[] amounts;

  private Quantities(String[] names, long[] amounts) {
    this.names = names;
    this.amounts = amounts;
  }

  /// From name to thousandths.
  public static Quantities of(Map<String, Long> thousandths) {
    var names = new String[thousandths.size()];
    var amounts = new long[names.length];
    int n = 0;
    for (var entry : new TreeMap<>(thousandths).entrySet()) {
      if (entry.getValue() > 0) {
        names[n] = entry.getKey();
        amounts[n++] = entry.getValue();
      }
    }
    return new Quantities(Arrays.copyOf(names, n), Arrays.copyOf(amounts, n));
  }

  static Quantities of(Resources resources) {
    var items = resources.items();
    var names = new String[items.size()];
    var amounts = new long[items.size()];
    int n = 0;
    for (var item : items) {
      if (item.amount() instanceof Amount.Scalar(long thousandths) && thousandths > 0) {
        var name = item.key().name();
        int at = n;
        while (at > 0 && names[at - 1].compareTo(name) >= 0) {
          at--; // the few names of an agent are nearly sorted
        }
        if (at < n && names[at].equals(name)) {
          amounts[at] = Math.addExact(amounts[at], thousandths);
          continue;
        }
        System.arraycopy(names, at, names, at + 1, n - at);
        System.arraycopy(amounts, at, amounts, at + 1, n - at);
        names[at] = name;
        amounts[at] = thousandths;
        n++;
      }
    }
    return new Quantities(Arrays.copyOf(names, n), Arrays.copyOf(amounts, n));
  }

  /// Reads `cpus:10;mem:1024`.
  public static Quantities parse(String text) throws Invalid {
    var sums = new TreeMap<String, Long>();
    for (var item : ResourceText.parse(text, "*").items()) {
      if (!(item.amount() instanceof Amount.Scalar(long thousandths)) || item.key().reserved()) {
        throw new Invalid(
            "Only unreserved scalars are expected in '" + text + "', but found " + item);
      }
      sums.merge(item.key().name(), thousandths, Math::addExact);
    }
    return of(sums);
  }

  public boolean isEmpty() {
    return names.length == 0;
  }

  public int size() {
    return names.length;
  }

  public String name(int index) {
    return names[index];
  }

  /// In thousandths.
  public long amount(int index) {
    return amounts[index];
  }

  /// In thousandths; 0 when there is none.
  public long get(String name) {
    int index = Arrays.binarySearch(names, name);
    return index < 0 ? 0 : amounts[index];
  }

  public Quantities plus(Quantities other) {
    return isEmpty() ? other : other.isEmpty() ? this : combine(other, Math::addExact);
  }

  /// What is left without `other`, never below zero.
  public Quantities minus(Quantities other) {
    return other.isEmpty() || isEmpty() ? this : combine(other, (a, b) -> Math.max(0, a - b));
  }

  private Quantities combine(Quantities other, LongBinaryOperator operator) {
    var resultNames = new String[names.length + other.names.length];
    var resultAmounts = new long[resultNames.length];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < names.length || j < other.names.length) {
      int order =
          i == names.length ? 1 : j == other.names.length ? -1 : names[i].compareTo(other.names[j]);
      var name = order <= 0 ? names[i] : other.names[j];
      long amount =
          operator.applyAsLong(order <= 0 ? amounts[i] : 0, order >= 0 ? other.amounts[j] : 0);
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
      if (amount > 0) {
        resultNames[n] = name;
        resultAmounts[n++] = amount;
      }
    }
    return new Quantities(Arrays.copyOf(resultNames, n), Arrays.copyOf(resultAmounts, n));
  }

  public boolean contains(Quantities other) {
    for (int j = 0; j < other.names.length; j++) {
      if (get(other.names[j]) < other.amounts[j]) {
        return false;
      }
    }
    return true;
  }

  /// From name to thousandths, sorted by name.
  public Map<String, Long> toMap() {
    var result = new LinkedHashMap<String, Long>();
    for (int i = 0; i < names.length; i++) {
      result.put(names[i], amounts[i]);
    }
    return result;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Quantities that
        && Arrays.equals(names, that.names)
        && Arrays.equals(amounts, that.amounts);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(names) + Arrays.hashCode(amounts);
  }

  @Override
  public String toString() {
    if (isEmpty()) {
      return "{}";
    }
    var text = new StringBuilder();
    for (int i = 0; i < names.length; i++) {
      text.append(i == 0 ? "" : "; ")
          .append(names[i])
          .append(':')
          .append(Thousandths.toString(amounts[i]));
    }
    return text.toString();
  }
}
