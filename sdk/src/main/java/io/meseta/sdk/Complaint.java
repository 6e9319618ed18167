// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import java.util.function.LongSupplier;

/// Decides whether a problem is worth a word: a new one at once, the same one every 30 s.
final class Complaint {
  private static final long AGAIN_NANOS = 30_000_000_000L;

  private final LongSupplier clock;
  private String last = "";
  private long at;

  Complaint(LongSupplier nanoTime) {
    this.clock = nanoTime;
  }

  boolean isDue(String problem) {
    long now = clock.getAsLong();
    if (problem.equals(last) && now - at < AGAIN_NANOS) {
      return false;
    }
    last = problem;
    at = now;
    return true;
  }

  /// All is well: the next problem is a new one.
  void clear() {
    last = "";
  }
}
