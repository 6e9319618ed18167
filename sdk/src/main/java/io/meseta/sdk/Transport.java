// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import io.meseta.wire.v1.scheduler.Call;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// The HTTP side: puts calls into requests.
final class Transport implements AutoCloseable {
  static final String PROTOBUF = "application/x-protobuf";
  static final String STREAM_ID = "Mesos-Stream-Id";
  private static final String PATH = "/api/v1/scheduler";
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(15);

  private final ExecutorService threads;
  private final HttpClient client;
  private final @Nullable String authorization;

  Transport(@Nullable String principal, @Nullable String secret, @Nullable SSLContext tls) {
    threads = Executors.newVirtualThreadPerTaskExecutor();
    var builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .executor(threads);
    if (tls != null) {
      builder.sslContext(tls);
    }
    client = builder.build();
    authorization =
        principal == null
            ? null
            : "Basic "
                + Base64.getEncoder()
                    .encodeToString(
                        (principal + ":" + (secret == null ? "" : secret))
                            .getBytes(StandardCharsets.UTF_8));
  }

  /// Sends SUBSCRIBE and returns when the master begins to answer. The body is the stream.
  HttpResponse<InputStream> subscribe(URI master, Call call)
      throws IOException, InterruptedException {
    return client.send(request(master, call).build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  CompletableFuture<HttpResponse<byte[]>> send(Session session, Call call) {
    return client.sendAsync(
        request(session.master, call).header(STREAM_ID, session.streamId).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpRequest.Builder request(URI master, Call call) {
    var request =
        HttpRequest.newBuilder(master.resolve(PATH))
            .timeout(ANSWER)
            .header("Content-Type", PROTOBUF)
            .header("Accept", PROTOBUF)
            .POST(HttpRequest.BodyPublishers.ofByteArray(call.toByteArray()));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return request;
  }

  /// Where a redirect leads to, as a base URI; or null when it says nothing useful.
  static @Nullable URI redirect(URI master, HttpResponse<?> response) {
    var location = response.headers().firstValue("Location").orElse("");
    try {
      var uri = master.resolve(location);
      return location.isEmpty() || uri.getHost() == null
          ? null
          : URI.create(uri.getScheme() + "://" + uri.getRawAuthority());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    threads.shutdown();
  }
}
