// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.offers;

import io.meseta.wire.v1.Filters;
import java.time.Duration;
import java.util.Optional;

/// How long a framework refuses what it did not use: 5 seconds when it does not say or says
/// nonsense, at most 365 days, not at all for 0.
public final class RefuseSeconds {
  private static final Duration DEFAULT = Duration.ofSeconds(5);
  private static final Duration MAX = Duration.ofDays(365);

  private RefuseSeconds() {}

  public static Optional<Duration> of(Filters filters) {
    double seconds = filters.getRefuseSeconds();
    if (Double.isNaN(seconds) || seconds < 0) {
      return Optional.of(DEFAULT);
    }
    if (seconds >= MAX.toSeconds()) {
      return Optional.of(MAX);
    }
    var duration = Duration.ofNanos((long) (seconds * 1e9));
    return duration.isZero() ? Optional.empty() : Optional.of(duration);
  }
}
