// SPDX-License-Identifier: Apache-2.0
package io.meseta.http.system;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How much this process logs, as the original counts it: 0 is what the configuration says, 1 adds
/// debugging, 2 and more everything. A higher level falls back to 0 by itself. There is one for the
/// process, since there is one log.
public final class LogLevel {
  /// The level of this process.
  public static final LogLevel PROCESS = new LogLevel();

  private static final Logger log = LoggerFactory.getLogger(LogLevel.class);
  private static final String OURS = "io.meseta";

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("log-level").daemon().factory());
  private int level;
  private @Nullable ScheduledFuture<?> revert;

  private LogLevel() {}

  public synchronized int get() {
    return level;
  }

  /// @param wanted 0 or more
  /// @param duration after which the level is 0 again
  public synchronized void set(int wanted, Duration duration) {
    if (revert != null) {
      revert.cancel(false);
      revert = null;
    }
    apply(wanted);
    if (wanted > 0) {
      log.info("logging at level {} for {}", wanted, duration);
      revert = timer.schedule(this::revert, nanos(duration), TimeUnit.NANOSECONDS);
    }
  }

  private static long nanos(Duration duration) {
    return duration.compareTo(Duration.ofDays(36_500)) > 0
        ? TimeUnit.DAYS.toNanos(36_500)
        : Math.max(0, duration.toNanos());
  }

  private synchronized void revert() {
    apply(0);
    log.info("logging at level 0 again");
  }

  private void apply(int wanted) {
    level = wanted;
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      context
          .getLogger(OURS)
          .setLevel(wanted == 0 ? null : wanted == 1 ? Level.DEBUG : Level.TRACE);
    }
  }
}
