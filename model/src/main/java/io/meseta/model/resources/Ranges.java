// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongUnaryOperator;

/// Disjoint ranges of whole numbers, both ends included, sorted and coalesced: `[1-2, 3-4]` is
/// `[1-4]`.
public final class Ranges implements Amount {
  public static final Ranges EMPTY = new Ranges(new long[0]);

  /// One range, both ends included.
  public record Range(long begin, long end) {
    public Range {
      if (begin < 0 || begin > end || end == Long.MAX_VALUE) {
        throw new IllegalArgumentException("range " + begin + "-" + end);
      }
    }
  }

  /// begin, end, begin, end, ...
  private final long[] bounds;

  private Ranges(long[] bounds) {
    this.bounds = bounds;
  }

  public static Ranges of(long begin, long end) {
    return of(List.of(new Range(begin, end)));
  }

  /// The union of `ranges`.
  public static Ranges of(List<Range> ranges) {
    var sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingLong(Range::begin));
    var result = new long[sorted.size() * 2];
    int n = 0;
    for (var range : sorted) {
      if (n > 0 && range.begin() <= result[n - 1] + 1) {
        result[n - 1] = Math.max(result[n - 1], range.end());
      } else {
        result[n++] = range.begin();
        result[n++] = range.end();
      }
    }
    return new Ranges(Arrays.copyOf(result, n));
  }

  public List<Range> ranges() {
    var result = new ArrayList<Range>(bounds.length / 2);
    for (int i = 0; i < bounds.length; i += 2) {
      result.add(new Range(bounds[i], bounds[i + 1]));
    }
    return result;
  }

  /// How many numbers there are.
  public long count() {
    long count = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      count += bounds[i + 1] - bounds[i] + 1;
    }
    return count;
  }

  public boolean contains(long number) {
    for (int i = 0; i < bounds.length; i += 2) {
      if (number <= bounds[i + 1]) {
        return number >= bounds[i];
      }
    }
    return false;
  }

  /// The number at the position that `indexBelow` chooses, given the count; for random picks.
  public long pick(LongUnaryOperator indexBelow) {
    long index = indexBelow.applyAsLong(count());
    for (int i = 0; i < bounds.length; i += 2) {
      long size = bounds[i + 1] - bounds[i] + 1;
      if (index < size) {
        return bounds[i] + index;
      }
      index -= size;
    }
    throw new IndexOutOfBoundsException("index beyond " + count() + " numbers");
  }

  @Override
  public boolean isEmpty() {
    return bounds.length == 0;
  }

  @Override
  public Ranges plus(Amount other) {
    var that = (Ranges) other;
    if (isEmpty() || that.isEmpty()) {
      return isEmpty() ? that : this;
    }
    var all = new ArrayList<>(ranges());
    all.addAll(that.ranges());
    return of(all);
  }

  @Override
  public Ranges minus(Amount other) {
    var that = ((Ranges) other).bounds;
    var result = new long[bounds.length + that.length];
    int n = 0;
    int j = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      long begin = bounds[i];
      long end = bounds[i + 1];
      while (j < that.length && that[j + 1] < begin) {
        j += 2;
      }
      for (int k = j; k < that.length && that[k] <= end && begin <= end; k += 2) {
        if (that[k] > begin) {
          result[n++] = begin;
          result[n++] = that[k] - 1;
        }
        begin = that[k + 1] + 1;
      }
      if (begin <= end) {
        result[n++] = begin;
        result[n++] = end;
      }
    }
    return new Ranges(Arrays.copyOf(result, n));
  }

  @Override
  public boolean contains(Amount other) {
    var that = ((Ranges) other).bounds;
    int i = 0;
    for (int j = 0; j < that.length; j += 2) {
      while (i < bounds.length && bounds[i + 1] < that[j]) {
        i += 2;
      }
      if (i == bounds.length || bounds[i] > that[j] || bounds[i + 1] < that[j + 1]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ranges that && Arrays.equals(bounds, that.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  /// `[1-3, 7-9]`.
  @Override
  public String toString() {
    var text = new StringBuilder("[");
    for (int i = 0; i < bounds.length; i += 2) {
      text.append(i == 0 ? "" : ", ").append(bounds[i]).append('-').append(bounds[i + 1]);
    }
    return text.append(']').toString();
  }
}
