// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Virtual time: what is to happen, in order. Things due at the same time happen in the order in
/// which they were planned.
public final class Clock {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

  private record Step(long at, long sequence, Runnable action) implements Comparable<Step> {
    @Override
    public int compareTo(Step other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(sequence, other.sequence);
    }
  }

  private final PriorityQueue<Step> steps = new PriorityQueue<>();
  private long nanos;
  private long sequence;

  /// Since the beginning.
  public long nanos() {
    return nanos;
  }

  Instant instant() {
    return BEGIN.plusNanos(nanos);
  }

  /// Plans something.
  public void after(long delayNanos, Runnable action) {
    steps.add(new Step(nanos + Math.max(0, delayNanos), sequence++, action));
  }

  public void after(Duration delay, Runnable action) {
    after(delay.toNanos(), action);
  }

  /// Does what is next, if that is due by `until`; false when time has come to `until`.
  boolean step(long until) {
    @Nullable Step next = steps.peek();
    if (next == null || next.at() > until) {
      nanos = Math.max(nanos, until);
      return false;
    }
    var unused = steps.poll();
    nanos = next.at();
    next.action().run();
    return true;
  }
}
