// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.LongPredicate;

/// Clients that wait for answers of a core, which knows them by number. Each is answered once: by
/// the core, or with 503 when too many wait already, when its time is over, or at the end.
/// Thread-safe.
public final class Askers<A> {
  /// Under the half minute that many clients wait themselves.
  private static final Duration LIMIT = Duration.ofSeconds(25);

  private final BiFunction<Integer, String, A> refusal;
  private final Duration limit;
  private final AtomicLong numbers = new AtomicLong();
  private final Map<Long, CompletableFuture<A>> waiting = new ConcurrentHashMap<>();

  /// @param refusal makes an answer of a status and a message
  public Askers(BiFunction<Integer, String, A> refusal) {
    this(refusal, LIMIT);
  }

  Askers(BiFunction<Integer, String, A> refusal, Duration limit) {
    this.refusal = refusal;
    this.limit = limit;
  }

  /// Asks the core.
  ///
  /// @param offer hands it the question with this number; false when it takes no more
  public CompletableFuture<A> ask(LongPredicate offer) {
    long number = numbers.incrementAndGet();
    var answer = new CompletableFuture<A>();
    waiting.put(number, answer);
    if (!offer.test(number)) {
      answer.complete(refusal.apply(503, "Too many requests wait to be answered."));
    }
    return answer
        .completeOnTimeout(
            refusal.apply(
                503,
                "No answer within "
                    + limit.toSeconds()
                    + " seconds: ZooKeeper does not answer, or too much waits to be done. What was"
                    + " asked for may yet happen."),
            limit.toMillis(),
            TimeUnit.MILLISECONDS)
        .whenComplete((done, failure) -> waiting.remove(number));
  }

  /// The core answers; nobody may wait any more.
  public void answer(long number, A answer) {
    var asker = waiting.remove(number);
    if (asker != null) {
      asker.complete(answer);
    }
  }

  /// Refuses all who wait.
  public void end(String why) {
    waiting.values().forEach(each -> each.complete(refusal.apply(503, why)));
  }
}
