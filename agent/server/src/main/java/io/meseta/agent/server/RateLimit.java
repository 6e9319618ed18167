// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import java.time.Duration;

/// At most so many permits per second, evenly spaced; who comes early waits. Original: the limiter
/// of /metrics/snapshot and /monitor/statistics.
final class RateLimit {
  private final long spacingNanos;
  private final long patienceNanos;
  private long next = System.nanoTime();

  /// @param patience who would have to wait longer is refused
  RateLimit(int perSecond, Duration patience) {
    this.spacingNanos = 1_000_000_000L / perSecond;
    this.patienceNanos = patience.toNanos();
  }

  /// Waits for a permit; false when too many wait already.
  boolean acquire() throws InterruptedException {
    long wait;
    synchronized (this) {
      long now = System.nanoTime();
      long at = next - now > 0 ? next : now;
      wait = at - now;
      if (wait > patienceNanos) {
        return false;
      }
      next = at + spacingNanos;
    }
    Thread.sleep(Duration.ofNanos(wait));
    return true;
  }
}
