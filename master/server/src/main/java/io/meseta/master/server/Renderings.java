// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.http.Answer;
import io.meseta.master.core.view.Snapshot;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Renders what readers ask for, each document once for all who wait for it.
///
/// Whoever asks while a document of the same kind is being rendered waits for the next one, so that
/// nobody sees a state from before the question. A document of a state that has not changed since
/// it was last rendered is given again, as long as memory is plenty.
final class Renderings {
  /// How many documents of the last states are kept, and from which size.
  private static final int KEPT = 8;

  private static final int WORTH_KEEPING_BYTES = 32 << 10;

  /// How many different documents may wait to be rendered.
  private static final int MAX_KINDS = 10_000;

  private final LongAdder shared = new LongAdder();
  private final Supplier<CompletableFuture<Snapshot>> read;
  private final Executor executor;
  private final Map<Object, Round> rounds = new HashMap<>();
  private final Map<Object, SoftReference<Kept>> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, SoftReference<Kept>> eldest) {
          return size() > KEPT;
        }
      };

  private record Kept(Snapshot snapshot, Answer answer) {}

  /// Those who get the document that is under way, and those who get the one after it.
  private static final class Round {
    final List<CompletableFuture<Answer>> now = new ArrayList<>();
    final List<CompletableFuture<Answer>> next = new ArrayList<>();

    /// Whether the state is known already that `now` will see.
    boolean rendering;
  }

  Renderings(Supplier<CompletableFuture<Snapshot>> read, Executor executor) {
    this.read = read;
    this.executor = executor;
  }

  /// @param kind equal for questions that have the same answer
  /// @param lasting whether the answer depends on nothing but the cluster's state
  CompletionStage<Answer> render(
      Object kind, boolean lasting, Function<Snapshot, Answer> renderer) {
    var answer = new CompletableFuture<Answer>();
    synchronized (this) {
      var round = rounds.get(kind);
      if (round != null) {
        var waiting = round.rendering ? round.next : round.now;
        if (!waiting.isEmpty()) {
          shared.increment();
        }
        waiting.add(answer);
        return answer;
      }
      if (rounds.size() >= MAX_KINDS) {
        return CompletableFuture.completedFuture(overloaded());
      }
      round = new Round();
      round.now.add(answer);
      rounds.put(kind, round);
    }
    begin(kind, lasting, renderer);
    return answer;
  }

  /// How many answers were somebody else's too.
  long shared() {
    return shared.sum();
  }

  private static Answer overloaded() {
    return Answer.text(503, "The master is overloaded");
  }

  private void begin(Object kind, boolean lasting, Function<Snapshot, Answer> renderer) {
    var unused =
        read.get()
            .whenComplete((snapshot, failure) -> {
              seen(kind);
              if (failure != null) {
                end(kind, lasting, renderer, overloaded());
                return;
              }
              try {
                executor.execute(
                    () -> end(kind, lasting, renderer, answer(kind, lasting, renderer, snapshot)));
              } catch (RejectedExecutionException e) {
                end(kind, lasting, renderer, overloaded());
              }
            });
  }

  private synchronized void seen(Object kind) {
    var round = rounds.get(kind);
    if (round != null) {
      round.rendering = true;
    }
  }

  private Answer answer(
      Object kind, boolean lasting, Function<Snapshot, Answer> renderer, Snapshot snapshot) {
    if (lasting) {
      var last = kept(kind);
      if (last != null && last.snapshot.showsSameAs(snapshot)) {
        shared.increment();
        return last.answer;
      }
    }
    Answer answer;
    try {
      answer = renderer.apply(snapshot);
    } catch (RuntimeException | Error e) {
      org.slf4j.LoggerFactory.getLogger(Renderings.class).error("{} cannot be rendered", kind, e);
      return Answer.text(500, "Internal error");
    }
    if (lasting && answer.size() >= WORTH_KEEPING_BYTES) {
      keep(kind, new Kept(snapshot, answer));
    }
    return answer;
  }

  private synchronized @Nullable Kept kept(Object kind) {
    var reference = kept.get(kind);
    return reference == null ? null : reference.get();
  }

  private synchronized void keep(Object kind, Kept document) {
    kept.put(kind, new SoftReference<>(document));
  }

  private void end(
      Object kind, boolean lasting, Function<Snapshot, Answer> renderer, Answer answer) {
    List<CompletableFuture<Answer>> done;
    boolean again = false;
    synchronized (this) {
      var round = rounds.get(kind);
      if (round == null) {
        return;
      }
      done = List.copyOf(round.now);
      round.now.clear();
      if (round.next.isEmpty()) {
        rounds.remove(kind);
      } else {
        round.now.addAll(round.next);
        round.next.clear();
        round.rendering = false;
        again = true;
      }
    }
    if (again) {
      begin(kind, lasting, renderer);
    }
    done.forEach(waiting -> waiting.complete(answer));
  }
}
