// SPDX-License-Identifier: Apache-2.0
package io.meseta.loop;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Events that wait for their time, one per key. Not thread-safe; time is a count of nanoseconds
/// from any origin, so the loop drives it by `System.nanoTime` and the simulation by its own clock.
/// Timers due at the same time fire in the order in which they were set.
public final class Timers<E> {
  private record Due(long at, long sequence) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      long byTime = at - other.at; // by difference: nanoTime may overflow
      return byTime != 0 ? (byTime < 0 ? -1 : 1) : Long.compare(sequence, other.sequence);
    }
  }

  private record Entry<E>(Object key, E event) {}

  private final TreeMap<Due, Entry<E>> queue = new TreeMap<>();
  private final Map<Object, Due> byKey = new HashMap<>();
  private long sequence;

  /// Sets or replaces the timer `key`: `event` is due at `atNanos`.
  public void set(Object key, long atNanos, E event) {
    cancel(key);
    var due = new Due(atNanos, sequence++);
    queue.put(due, new Entry<>(key, event));
    byKey.put(key, due);
  }

  /// Forgets the timer `key`, if there is one.
  public void cancel(Object key) {
    var due = byKey.remove(key);
    if (due != null) {
      queue.remove(due);
    }
  }

  /// The next event due at or before `nowNanos`, removed; or null.
  public @Nullable E poll(long nowNanos) {
    if (queue.isEmpty() || queue.firstKey().at() - nowNanos > 0) {
      return null;
    }
    var entry = queue.pollFirstEntry().getValue();
    byKey.remove(entry.key());
    return entry.event();
  }

  /// Nanoseconds from `nowNanos` until the first timer is due (0 when overdue), or `Long.MAX_VALUE`
  /// when there is none.
  public long untilNext(long nowNanos) {
    return queue.isEmpty() ? Long.MAX_VALUE : Math.max(0, queue.firstKey().at() - nowNanos);
  }

  /// How many timers wait.
  public int size() {
    return queue.size();
  }
}
