// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;

/// What happened, as a hash of everything and as text of the last events.
final class Trace {
  private static final int KEPT = 400;

  private final boolean print;

  /// Kept in parts: nearly none is ever read.
  private record Line(long nanos, String begin, String middle, Supplier<String> end) {
    String text() {
      return "%.6f %s%s%s".formatted(nanos / 1e9, begin, middle, end.get());
    }
  }

  private final ArrayDeque<Line> last = new ArrayDeque<>();
  private long hash = 0xcbf29ce484222325L;
  private long count;

  Trace(boolean print) {
    this.print = print;
  }

  /// An event that counts for the hash.
  void event(long nanos, String what) {
    event(nanos, what, "", "");
  }

  /// As above, of a text in three parts.
  void event(long nanos, String begin, String middle, String end) {
    count++;
    long parts = (begin.hashCode() * 31L + middle.hashCode()) * 31L + end.hashCode();
    hash = (hash ^ parts) * 0x100000001b3L;
    hash = (hash ^ nanos) * 0x100000001b3L;
    keep(new Line(nanos, begin, middle, () -> end));
  }

  /// A remark for whoever reads the trace, of things that do not change.
  void note(long nanos, String who, Supplier<String> what) {
    keep(new Line(nanos, "  ", who, what));
  }

  private void keep(Line line) {
    if (last.size() == KEPT) {
      last.poll();
    }
    last.add(line);
    if (print) {
      System.out.println(line.text());
    }
  }

  long hash() {
    return hash;
  }

  long count() {
    return count;
  }

  List<String> last() {
    return last.stream().map(Line::text).toList();
  }
}
