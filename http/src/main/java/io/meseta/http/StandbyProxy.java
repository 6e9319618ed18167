// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Hands requests of a standby on to the leader.
///
/// Adds `Via: 1.1 host:port` and `X-Forwarded-For`. Without a leader it tries ten times, a quarter
/// of a second apart; then, and when the leader cannot be reached or the request came from here
/// already, the answer is 502.
public final class StandbyProxy implements AutoCloseable {
  private static final int TRIES = 10;
  private static final long PAUSE_MILLIS = 250;
  private static final Set<String> OWN_HEADERS =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "transfer-encoding",
          "upgrade",
          "via",
          "x-forwarded-for",
          "content-encoding",
          "date");

  private final String self;
  private final Supplier<Optional<String>> leader;
  private final Duration readTimeout;
  private final Duration connectTimeout;
  private @Nullable HttpClient client;

  /// @param self this server's `host:port`
  /// @param leader the leader's
  public StandbyProxy(
      String self,
      Supplier<Optional<String>> leader,
      Duration connectTimeout,
      Duration readTimeout) {
    this.self = self;
    this.leader = leader;
    this.readTimeout = readTimeout;
    this.connectTimeout = connectTimeout;
  }

  /// Made when first needed: a server that leads never needs it.
  private synchronized HttpClient client() {
    var made = client;
    if (made == null) {
      made =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(connectTimeout)
              .build();
      client = made;
    }
    return made;
  }

  /// Forwards one request and waits for its answer.
  public Answer forward(Request request) throws InterruptedException {
    var via = "1.1 " + self;
    var passed = request.headers().getOrDefault("via", java.util.List.of());
    if (passed.stream().anyMatch(each -> each.contains(via))) {
      return Answer.text(502, "Detected proxying loop.");
    }
    var target = leader.get().filter(each -> !each.equals(self));
    for (int i = 1; i < TRIES && target.isEmpty(); i++) {
      Thread.sleep(PAUSE_MILLIS);
      target = leader.get().filter(each -> !each.equals(self));
    }
    if (target.isEmpty()) {
      return Answer.text(502, "Could not determine current leader.");
    }
    try {
      return send(request, target.get(), via, passed);
    } catch (IOException | IllegalArgumentException e) {
      return Answer.text(
          502, "Failed to proxy the request to the leader " + target.get() + ": " + e.getMessage());
    }
  }

  private Answer send(Request request, String target, String via, java.util.List<String> passed)
      throws IOException, InterruptedException {
    var query = request.rawQuery().isEmpty() ? "" : "?" + request.rawQuery();
    URI uri;
    try {
      var path = new URI("http", target, request.path().replaceAll("//+", "/"), null, null);
      uri = URI.create(path.toASCIIString() + query);
    } catch (java.net.URISyntaxException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    var builder =
        HttpRequest.newBuilder(uri)
            .timeout(readTimeout)
            .method(request.method(), HttpRequest.BodyPublishers.ofByteArray(request.body()));
    request
        .headers()
        .forEach((name, values) -> {
          if (!OWN_HEADERS.contains(name)) {
            values.forEach(value -> builder.header(name, value));
          }
        });
    builder.header("Via", passed.isEmpty() ? via : String.join(", ", passed) + ", " + via);
    var before = request.header("x-forwarded-for").map(each -> each + ", ").orElse("");
    builder.header("X-Forwarded-For", before + request.remote().getAddress().getHostAddress());
    builder.setHeader("Accept-Encoding", "identity");
    var response = client().send(builder.build(), HttpResponse.BodyHandlers.ofByteArray());
    var type = response.headers().firstValue("content-type");
    var answer =
        type.isPresent()
            ? Answer.of(response.statusCode(), type.get(), response.body())
            : Answer.empty(response.statusCode());
    for (var header : response.headers().map().entrySet()) {
      if (!OWN_HEADERS.contains(header.getKey()) && !header.getKey().equals("content-type")) {
        for (var value : header.getValue()) {
          answer = answer.header(header.getKey(), value);
        }
      }
    }
    return answer.header("Via", via);
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.shutdownNow();
    }
  }
}
