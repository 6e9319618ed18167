// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/// The one source of randomness of a simulation.
public final class Chance {
  private final Random random;

  Chance(long seed) {
    // Neighbouring seeds must not begin alike.
    long mixed = (seed + 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    this.random = new Random(mixed ^ (mixed >>> 31));
  }

  /// True once in `n` times.
  public boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  public boolean with(double probability) {
    return random.nextDouble() < probability;
  }

  /// From 0 to `bound` - 1.
  public int below(int bound) {
    return random.nextInt(bound);
  }

  public long seed() {
    return random.nextLong();
  }

  /// Nanoseconds between two durations, evenly.
  public long nanos(Duration least, Duration most) {
    return nanos(least.toNanos(), most.toNanos());
  }

  long nanos(long least, long most) {
    return least + (long) (random.nextDouble() * Math.max(1, most - least));
  }

  public long millis(int least, int most) {
    return nanos(least * 1_000_000L, most * 1_000_000L);
  }

  public <T> T one(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
