// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.queue;

import io.meseta.marathon.core.apps.App;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;

/// How long an app that keeps failing waits for its next launch. Counted per configuration, so
/// scaling does not matter and a change of configuration begins anew. Forgotten when the app was
/// quiet for its longest delay.
public final class Delays {
  private record Delay(Instant configuration, Duration length, Instant until) {}

  private final TreeMap<String, Delay> delays = new TreeMap<>();

  /// A task failed.
  public void failed(App app, Instant now) {
    var backoff = app.spec().backoff();
    var before = current(app, now);
    var next =
        before == null
            ? backoff.first()
            : Duration.ofMillis(
                (long)
                    Math.min(
                        backoff.max().toMillis(), before.length().toMillis() * backoff.factor()));
    if (next.compareTo(backoff.max()) > 0) {
      next = backoff.max();
    }
    delays.put(app.id(), new Delay(app.lastConfigChangeAt(), next, now.plus(next)));
  }

  /// Forgets the delay of an app.
  public void reset(String appId) {
    delays.remove(appId);
  }

  /// How long until the next launch; zero when there is nothing to wait for.
  public Duration left(App app, Instant now) {
    var delay = current(app, now);
    return delay == null || !delay.until().isAfter(now)
        ? Duration.ZERO
        : Duration.between(now, delay.until());
  }

  private @org.jspecify.annotations.Nullable Delay current(App app, Instant now) {
    var delay = delays.get(app.id());
    if (delay == null || !delay.configuration().equals(app.lastConfigChangeAt())) {
      return null;
    }
    if (now.isAfter(delay.until().plus(app.spec().backoff().max()))) {
      delays.remove(app.id());
      return null;
    }
    return delay;
  }
}
