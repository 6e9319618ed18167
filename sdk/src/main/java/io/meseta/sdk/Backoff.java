// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// Waits that double from `first` up to `max`, each shortened by a random part of up to a half, so
/// that many frameworks do not come back to a new master at the same moment.
final class Backoff {
  private final Duration first;
  private final Duration max;
  private final RandomGenerator random;
  private long nextMillis;

  Backoff(Duration first, Duration max, RandomGenerator random) {
    this.first = first;
    this.max = max;
    this.random = random;
    this.nextMillis = first.toMillis();
  }

  Duration next() {
    long millis = nextMillis;
    nextMillis = Math.min(max.toMillis(), millis * 2);
    return Duration.ofMillis(millis - (long) (random.nextDouble() * millis / 2));
  }

  void reset() {
    nextMillis = first.toMillis();
  }
}
