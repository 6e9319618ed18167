// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.StreamMessage;
import com.linecorp.armeria.common.stream.StreamWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/// A response without an end, written to piece by piece by any thread.
///
/// A reader that is too slow costs at most `maxBufferedBytes`: then [#send] ends the stream, with a
/// last word if there is one, for those who do read. Who has not read it when its time is over is
/// cut off, for what waits would never be read. A client that vanishes completes [#closed] within
/// about a second, also while nothing is sent.
public final class EventStream {
  /// How long a reader that is too slow may take for what it was sent.
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final StreamWriter<HttpData> body = StreamMessage.streaming();
  private final AtomicLong buffered = new AtomicLong();
  private final AtomicLong uncounted = new AtomicLong();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final long maxBufferedBytes;
  private final LongFunction<byte[]> lastWord;

  /// @param maxBufferedBytes how much may wait for the reader, in bytes
  public EventStream(long maxBufferedBytes) {
    this(maxBufferedBytes, unsent -> new byte[0]);
  }

  /// @param lastWord what a reader that is too slow gets in the end, given how many bytes wait for
  ///   it; nothing when that is empty
  public EventStream(long maxBufferedBytes, LongFunction<byte[]> lastWord) {
    this.maxBufferedBytes = maxBufferedBytes;
    this.lastWord = lastWord;
    body.whenComplete().whenComplete((done, failure) -> closed.complete(null));
  }

  /// Sends one record in parts, however long: it does not count as waiting. False when the stream
  /// is closed.
  public boolean sendWhole(List<byte[]> parts) {
    for (var part : parts) {
      if (!body.tryWrite(HttpData.wrap(part))) {
        return false;
      }
      uncounted.addAndGet(part.length);
      body.whenConsumed().whenComplete((consumed, failure) -> uncounted.addAndGet(-part.length));
    }
    return true;
  }

  /// How many bytes wait for the reader, with those of [#sendWhole].
  public long waiting() {
    return buffered.get() + uncounted.get();
  }

  /// How many bytes may wait for the reader.
  public long maxBufferedBytes() {
    return maxBufferedBytes;
  }

  /// Sends `bytes` in the order of calls; false when the stream is closed, be it by this call.
  public boolean send(byte[] bytes) {
    if (!body.isOpen()) {
      return false;
    }
    if (buffered.addAndGet(bytes.length) > maxBufferedBytes) {
      endTooSlow(waiting());
      return false;
    }
    if (!body.tryWrite(HttpData.wrap(bytes))) {
      return false;
    }
    body.whenConsumed().whenComplete((consumed, failure) -> buffered.addAndGet(-bytes.length));
    return true;
  }

  /// Ends the response after what was sent.
  public void close() {
    body.close();
  }

  /// Ends the stream because its reader is too slow: with the last word, after which the connection
  /// lasts no longer than it takes a reader that goes on reading.
  ///
  /// @param unsent how many bytes wait for the reader, here and before
  public void endTooSlow(long unsent) {
    var word = lastWord.apply(unsent);
    if (word.length == 0 || !body.tryWrite(HttpData.wrap(word))) {
      cut();
      return;
    }
    body.close();
    closed.complete(null); // what is said to it from now on is said to nobody
    CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .execute(this::cut);
  }

  /// Ends the connection without regard to what was not read: an orderly end would wait for a
  /// reader that does not read.
  public void cut() {
    body.abort(new TooSlowException());
    closed.complete(null);
  }

  private static final class TooSlowException extends CancellationException {
    private static final long serialVersionUID = 1;

    TooSlowException() {
      super("the reader of the stream is too slow");
    }
  }

  /// Whether it can still be written to.
  public boolean isOpen() {
    return body.isOpen();
  }

  /// Completes when the stream has ended, whoever ended it.
  public CompletionStage<Void> closed() {
    return closed;
  }

  /// The events sent, as the body of a response that begins with `headers`.
  HttpResponse begin(ResponseHeaders headers) {
    return HttpResponse.of(headers, body);
  }
}
