// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.core.AgentEvent;
import io.meseta.http.Answer;
import io.meseta.http.EventStream;
import io.meseta.wire.RecordIo;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.executor.Call;
import io.meseta.wire.v1.executor.Event;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/// Calls of custom executors on their way through the core, and the streams on which they listen.
/// Thread-safe.
final class ExecutorStreams implements AutoCloseable {
  /// What may wait for an executor that does not read.
  private static final long MAX_BUFFERED_BYTES = 64L << 20;

  private record Waiting(CompletableFuture<Answer> answer, String accept) {}

  private record Stream(EventStream events, String accept) {}

  private final Predicate<AgentEvent> offer;
  private final AtomicLong tokens = new AtomicLong();
  private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
  private final Map<Long, Stream> streams = new ConcurrentHashMap<>();

  /// @param offer hands an event to the core; false when too much waits there
  ExecutorStreams(Predicate<AgentEvent> offer) {
    this.offer = offer;
  }

  CompletionStage<Answer> call(Call call, String accept) {
    long token = tokens.incrementAndGet();
    var answer = new CompletableFuture<Answer>();
    waiting.put(token, new Waiting(answer, accept));
    if (!offer.test(new AgentEvent.FromExecutor(token, call))) {
      waiting.remove(token);
      return CompletableFuture.completedFuture(
          Answer.text(503, "The agent is busy: try again later"));
    }
    return answer;
  }

  /// The core's answer; 200 begins a stream that has the token's name.
  void answer(long token, int status, String text) {
    var call = waiting.remove(token);
    if (call == null) {
      return;
    }
    if (status != 200) {
      call.answer().complete(text.isEmpty() ? Answer.empty(status) : Answer.text(status, text));
      return;
    }
    var events = new EventStream(MAX_BUFFERED_BYTES);
    streams.put(token, new Stream(events, call.accept()));
    events
        .closed()
        .thenRun(() -> {
          if (streams.remove(token) != null) {
            var unused = offer.test(new AgentEvent.ExecutorGone(token));
          }
        });
    call.answer().complete(Answer.stream(call.accept(), events));
  }

  void send(long token, Event event) {
    var stream = streams.get(token);
    if (stream != null) {
      stream
          .events()
          .send(
              RecordIo.encode(
                  stream.accept().equals(Negotiation.JSON)
                      ? Json.write(event)
                      : event.toByteArray()));
    }
  }

  void close(long token) {
    var stream = streams.remove(token);
    if (stream != null) {
      stream.events().close();
    }
  }

  @Override
  public void close() {
    streams.values().forEach(stream -> stream.events().close());
    waiting
        .values()
        .forEach(call -> call.answer().complete(Answer.text(503, "The agent is shutting down")));
  }
}
