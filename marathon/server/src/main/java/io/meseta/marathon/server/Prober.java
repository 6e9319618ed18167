// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.marathon.core.Effect;
import io.meseta.marathon.core.MarathonEvent;
import io.meseta.wire.net.AnyCertificate;
import io.meseta.wire.net.BoundedGet;
import io.meseta.wire.net.NetErrors;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks tasks whether they are well, on virtual threads, so many at a time. Certificates of tasks
/// are not verified: they are asked for their health, not trusted with anything.
final class Prober implements AutoCloseable {
  private static final int MAX_BODY = 4096;
  private static final Duration LEAST = Duration.ofMillis(100);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore places;
  private final Consumer<MarathonEvent> answers;
  private volatile @Nullable HttpClient client;

  Prober(int concurrent, Consumer<MarathonEvent> answers) {
    this.places = new Semaphore(concurrent);
    this.answers = answers;
  }

  void send(Effect.Probe probe) {
    try {
      threads.execute(() -> run(probe));
    } catch (RejectedExecutionException e) {
      // Closing; nobody waits for the answer.
    }
  }

  private void run(Effect.Probe probe) {
    try {
      places.acquire();
      try {
        answers.accept(probe.protocol().equals("TCP") ? connect(probe) : request(probe));
      } finally {
        places.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration timeout(Effect.Probe probe) {
    return probe.timeout().compareTo(LEAST) < 0 ? LEAST : probe.timeout();
  }

  private static MarathonEvent connect(Effect.Probe probe) {
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(probe.host(), probe.port()),
          (int) Math.min(Integer.MAX_VALUE, timeout(probe).toMillis()));
      return new MarathonEvent.Probed(probe.key(), true, 0, "", "", "");
    } catch (IOException | RuntimeException e) {
      return failed(probe, probe.host() + ":" + probe.port(), e);
    }
  }

  private MarathonEvent request(Effect.Probe probe) throws InterruptedException {
    var path = probe.path().startsWith("/") ? probe.path() : "/" + probe.path();
    var scheme = probe.protocol().equals("HTTPS") ? "https" : "http";
    var uri = scheme + "://" + probe.host() + ":" + probe.port() + path;
    try {
      var request = HttpRequest.newBuilder(URI.create(uri)).GET().build();
      var response = BoundedGet.send(client(), request, timeout(probe), MAX_BODY);
      return new MarathonEvent.Probed(
          probe.key(),
          true,
          response.statusCode(),
          "from " + uri,
          response.headers().firstValue("content-type").orElse(""),
          new String(response.body(), StandardCharsets.UTF_8));
    } catch (IOException | RuntimeException e) {
      return failed(probe, uri, e);
    }
  }

  private static MarathonEvent failed(Effect.Probe probe, String tried, Exception e) {
    return new MarathonEvent.Probed(
        probe.key(), false, 0, tried + ": " + NetErrors.plain(e), "", "");
  }

  private HttpClient client() {
    var made = client;
    if (made == null) {
      synchronized (this) {
        made = client;
        if (made == null) {
          made =
              HttpClient.newBuilder()
                  .version(HttpClient.Version.HTTP_1_1)
                  .followRedirects(HttpClient.Redirect.NEVER)
                  .connectTimeout(Duration.ofSeconds(10))
                  .sslContext(AnyCertificate.context())
                  .executor(threads)
                  .build();
          client = made;
        }
      }
    }
    return made;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    var made = client;
    if (made != null) {
      made.shutdownNow();
    }
  }
}
