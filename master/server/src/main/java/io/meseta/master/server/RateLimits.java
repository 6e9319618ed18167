// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.flags.Texts;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The flag `--rate_limits`: how fast the drivers of a principal may send messages, and how many
/// may wait. A principal that is named without a rate is not limited; those not named share one
/// rate, if there is one.
///
/// @param named by principal; empty is no limit
/// @param others for all others together; null is no limit
record RateLimits(Map<String, Optional<Limit>> named, @Nullable Limit others) {
  /// How many may wait where the flag says nothing; the original has no limit then.
  private static final long MOST = 100_000;

  static final RateLimits NONE = new RateLimits(Map.of(), null);

  /// @param perSecond messages
  /// @param capacity how many may wait
  record Limit(double perSecond, long capacity) {}

  RateLimits {
    named = new LinkedHashMap<>(named);
  }

  /// @throws IllegalArgumentException naming what is wrong
  static RateLimits parse(String text) {
    io.meseta.wire.v1.RateLimits given;
    try {
      given =
          Json.parse(
                  Texts.json("rate_limits", text).getBytes(StandardCharsets.UTF_8),
                  io.meseta.wire.v1.RateLimits.newBuilder())
              .build();
    } catch (JsonException e) {
      throw new IllegalArgumentException("--rate_limits: " + e.getMessage(), e);
    }
    var named = new LinkedHashMap<String, Optional<Limit>>();
    for (var limit : given.getLimitsList()) {
      var read =
          limit.hasQps()
              ? Optional.of(
                  limit(
                      limit.getQps(),
                      limit.hasCapacity(),
                      limit.getCapacity(),
                      limit.getPrincipal()))
              : Optional.<Limit>empty();
      if (named.put(limit.getPrincipal(), read) != null) {
        throw new IllegalArgumentException(
            "--rate_limits: duplicate principal '" + limit.getPrincipal() + "'");
      }
    }
    return new RateLimits(
        named,
        given.hasAggregateDefaultQps()
            ? limit(
                given.getAggregateDefaultQps(),
                given.hasAggregateDefaultCapacity(),
                given.getAggregateDefaultCapacity(),
                "aggregate_default")
            : null);
  }

  private static Limit limit(double perSecond, boolean bounded, long capacity, String whose) {
    if (!(perSecond > 0) || Double.isInfinite(perSecond)) {
      throw new IllegalArgumentException(
          "--rate_limits: qps of '"
              + whose
              + "' is "
              + perSecond
              + " (expected: a positive number)");
    }
    return new Limit(perSecond, bounded ? capacity : MOST);
  }

  /// Whose messages share a queue: the principal's, or "" for those that share one.
  String queue(Optional<String> principal) {
    return principal.filter(named::containsKey).orElse("");
  }

  Optional<Limit> of(String queue) {
    return queue.isEmpty()
        ? Optional.ofNullable(others)
        : named.getOrDefault(queue, Optional.empty());
  }

  boolean isEmpty() {
    return named.isEmpty() && others == null;
  }
}
