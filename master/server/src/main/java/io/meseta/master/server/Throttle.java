// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.wire.Upid;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Lets the messages of drivers through at the rates of `--rate_limits`, in order, and counts them
/// by principal. A driver that is not subscribed yet is not limited, as in the original.
final class Throttle implements AutoCloseable {
  /// So many principals are counted; more are an attack.
  private static final int MAX_PRINCIPALS = 10_000;

  /// So many drivers are known by their principals; whoever has been silent longest is forgotten,
  /// for refused ones never say goodbye.
  static final int MAX_DRIVERS = 100_000;

  private static final class Queue {
    private long next = System.nanoTime();
    private long waiting;
  }

  /// Messages of one principal.
  private static final class Counts {
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong processed = new AtomicLong();
  }

  private final RateLimits limits;
  private final Map<Upid, Optional<String>> principals =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Upid, Optional<String>> eldest) {
              return size() > MAX_DRIVERS;
            }
          });
  private final Map<String, Counts> counts = new ConcurrentHashMap<>();
  private final Map<String, Queue> queues = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("throttle").daemon().factory());

  Throttle(RateLimits limits) {
    this.limits = limits;
  }

  /// The driver at `from` is of this principal from now on.
  void subscribed(Upid from, Optional<String> principal) {
    principals.put(from, principal);
    principal
        .filter(name -> counts.size() < MAX_PRINCIPALS)
        .ifPresent(name -> counts.computeIfAbsent(name, n -> new Counts()));
  }

  /// How many drivers are known.
  int drivers() {
    return principals.size();
  }

  void gone(Upid from) {
    principals.remove(from);
  }

  /// Runs `next` when the message has its turn.
  ///
  /// @return empty, or how many may wait when as many wait already: the message is dropped
  Optional<Long> pass(Upid from, Runnable next) {
    var principal = principals.get(from);
    if (principal == null) {
      next.run();
      return Optional.empty();
    }
    var own = principal.map(counts::get);
    own.ifPresent(count -> count.received.incrementAndGet());
    Runnable counted =
        () -> {
          next.run();
          own.ifPresent(count -> count.processed.incrementAndGet());
        };
    var name = limits.queue(principal);
    var limit = limits.of(name);
    if (limit.isEmpty()) {
      counted.run();
      return Optional.empty();
    }
    var queue = queues.computeIfAbsent(name, n -> new Queue());
    synchronized (queue) {
      if (queue.waiting >= limit.get().capacity()) {
        return Optional.of(limit.get().capacity());
      }
      queue.waiting++;
      long now = System.nanoTime();
      long at = Math.max(now, queue.next);
      queue.next = at + (long) (1e9 / limit.get().perSecond());
      var unused =
          timer.schedule(
              () -> {
                synchronized (queue) {
                  queue.waiting--;
                }
                counted.run();
              },
              at - now,
              TimeUnit.NANOSECONDS);
    }
    return Optional.empty();
  }

  void put(Map<String, Double> metrics) {
    counts.forEach((principal, count) -> {
      metrics.put("frameworks/" + principal + "/messages_received", (double) count.received.get());
      metrics.put(
          "frameworks/" + principal + "/messages_processed", (double) count.processed.get());
    });
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
