// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One HTTP exchange with a peer that is not trusted to end it: the time covers everything from the
/// connection to the last byte, and a long answer is cut. The timeout of a JDK request ends with
/// the headers, so a body that stalls would hold its thread and socket for ever.
public final class BoundedGet {
  private BoundedGet() {}

  /// Blocks until the answer is there, or its first `maxBytes`.
  ///
  /// @throws HttpTimeoutException if it is not there in time; the connection is closed
  public static HttpResponse<byte[]> send(
      HttpClient client, HttpRequest request, Duration timeout, int maxBytes)
      throws IOException, InterruptedException {
    var exchange = client.sendAsync(request, head -> new Beginning(maxBytes));
    try {
      return exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("request timed out");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
    } finally {
      exchange.cancel(true); // nothing, when it is over
    }
  }

  /// The first bytes of a body; the rest is not waited for.
  private static final class Beginning implements HttpResponse.BodySubscriber<byte[]> {
    private final int maxBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    Beginning(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
      given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
      for (var part : parts) {
        var chunk = new byte[Math.min(part.remaining(), maxBytes - bytes.size())];
        part.get(chunk);
        bytes.writeBytes(chunk);
      }
      if (bytes.size() >= maxBytes) {
        body.complete(bytes.toByteArray());
        var given = subscription;
        if (given != null) {
          given.cancel();
        }
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(bytes.toByteArray());
    }
  }
}
