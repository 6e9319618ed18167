// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import io.meseta.wire.net.NetErrors;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// Copies what a URI names into a file. Blocking; a stalled transfer is cut by closing it from
/// outside.
final class Download {
  private static final int CHUNK = 1 << 16;

  private final FetcherConfig config;
  private final HttpClient http;

  Download(FetcherConfig config, HttpClient http) {
    this.config = config;
    this.http = http;
  }

  /// Downloads or copies `uri` to `target`.
  void to(String uri, Path target, Sink.Budget budget) throws IOException {
    int colon = uri.indexOf("://");
    var scheme = colon < 0 ? "file" : uri.substring(0, colon).toLowerCase(Locale.ROOT);
    switch (scheme) {
      case "http", "https" -> httpTo(uri, target, budget);
      case "file" -> copy(local(uri), target, budget);
      case "ftp" -> ftpTo(uri, target, budget);
      default -> hadoop(uri, target);
    }
  }

  /// The local file that a URI without scheme or with `file://` names.
  Path local(String uri) throws FetchException {
    var path =
        uri.startsWith("file://localhost/") ? uri.substring("file://localhost".length()) : uri;
    path = path.startsWith("file://") ? path.substring("file://".length()) : path;
    if (path.startsWith("/")) {
      return Path.of(path);
    }
    if (uri.startsWith("file://")) {
      throw new FetchException(
          "'" + uri + "' names a host or a relative path (expected: file:///absolute/path)");
    }
    if (config.frameworksHome().isEmpty()) {
      throw new FetchException(
          "'" + uri + "' is a relative path, and the agent has no --frameworks_home");
    }
    return Path.of(config.frameworksHome()).resolve(path);
  }

  private void copy(Path source, Path target, Sink.Budget budget) throws IOException {
    if (!Files.isRegularFile(source)) {
      throw new FetchException(
          source + (Files.exists(source) ? " is not a file" : " does not exist"));
    }
    try (var in = Files.newInputStream(source);
        var out = new Sink(Files.newOutputStream(target), budget)) {
      in.transferTo(out);
    }
  }

  private void httpTo(String uri, Path target, Sink.Budget budget) throws IOException {
    HttpRequest request;
    try {
      request = HttpRequest.newBuilder(new URI(uri)).header("User-Agent", "meseta-fetcher").build();
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new FetchException("not a valid URI: " + e.getMessage());
    }
    var exchange = http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
    HttpResponse<InputStream> response;
    try {
      response = exchange.get(config.stallTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      exchange.cancel(true);
      throw new FetchException("no answer within " + seconds(config.stallTimeout()));
    } catch (ExecutionException e) {
      throw new FetchException(NetErrors.plain(e));
    } catch (InterruptedException e) {
      exchange.cancel(true);
      Thread.currentThread().interrupt();
      throw new FetchException("interrupted");
    }
    try (var body = response.body()) {
      if (response.statusCode() != 200) {
        throw new FetchException("the server answers with HTTP status " + response.statusCode());
      }
      transfer(body, target, budget);
    }
  }

  private void ftpTo(String uri, Path target, Sink.Budget budget) throws IOException {
    try {
      var connection = new URI(uri).toURL().openConnection();
      connection.setConnectTimeout((int) config.stallTimeout().toMillis());
      connection.setReadTimeout((int) config.stallTimeout().toMillis());
      try (var in = connection.getInputStream()) {
        transfer(in, target, budget);
      }
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new FetchException("not a valid URI: " + e.getMessage());
    } catch (SocketException | SocketTimeoutException | UnknownHostException e) {
      throw new FetchException(NetErrors.plain(e));
    }
  }

  /// Copies a stream and closes it from another thread when nothing comes for too long.
  private void transfer(InputStream in, Path target, Sink.Budget budget) throws IOException {
    var moved = new AtomicLong();
    var stalled = new AtomicLong(-1);
    var watchdog =
        Thread.ofVirtual()
            .start(() -> {
              try {
                for (long seen = -1; seen != moved.get(); ) {
                  seen = moved.get();
                  Thread.sleep(config.stallTimeout());
                }
                stalled.set(moved.get());
                in.close();
              } catch (InterruptedException | IOException done) {
                Thread.currentThread().interrupt();
              }
            });
    try (var out = new Sink(Files.newOutputStream(target), budget)) {
      var chunk = new byte[CHUNK];
      for (int n; (n = in.read(chunk)) >= 0; moved.addAndGet(n)) {
        out.write(chunk, 0, n);
      }
    } catch (FetchException e) {
      throw e;
    } catch (IOException e) {
      if (stalled.get() >= 0) {
        throw stall(stalled.get());
      }
      throw e;
    } finally {
      watchdog.interrupt();
    }
    if (stalled.get() >= 0) {
      throw stall(stalled.get());
    }
  }

  private FetchException stall(long bytes) {
    return new FetchException(
        "the download stalled: nothing came for "
            + seconds(config.stallTimeout())
            + " after "
            + bytes
            + " bytes");
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  private void hadoop(String uri, Path target) throws IOException {
    var log = Files.createTempFile("hadoop", ".log");
    try {
      var process =
          new ProcessBuilder(config.hadoop(), "fs", "-copyToLocal", uri, target.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      int code = process.waitFor();
      if (code != 0) {
        var said = Files.readString(log).strip();
        throw new FetchException(
            "the hadoop client exits with status "
                + code
                + ": "
                + said.substring(Math.max(0, said.length() - 500)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FetchException("interrupted");
    } catch (FetchException e) {
      throw e;
    } catch (IOException e) {
      throw new FetchException(
          "no program for this kind of URI: "
              + config.hadoop()
              + " cannot be started (http, https, ftp, file and paths need none)");
    } finally {
      Files.deleteIfExists(log);
    }
  }
}
