// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import java.util.ArrayDeque;
import java.util.List;

/// What happened, as a hash of everything and as text of the last events.
final class Trace {
  private static final int KEPT = 400;

  private final boolean print;

  private record Line(long nanos, String what) {
    String text() {
      return "%.6f %s".formatted(nanos / 1e9, what);
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
    count++;
    hash = (hash ^ what.hashCode()) * 0x100000001b3L;
    hash = (hash ^ nanos) * 0x100000001b3L;
    keep(nanos, what);
  }

  /// A remark for whoever reads the trace.
  void note(long nanos, String what) {
    keep(nanos, "  " + what);
  }

  private void keep(long nanos, String what) {
    if (last.size() == KEPT) {
      last.poll();
    }
    var line = new Line(nanos, what);
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
