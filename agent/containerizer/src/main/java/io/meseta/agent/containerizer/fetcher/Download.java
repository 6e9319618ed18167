// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import io.meseta.agent.containerizer.launcher.Account;
import io.meseta.agent.containerizer.launcher.AsUser;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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

  /// Downloads or copies `uri` to `target`, a file that does not exist yet.
  ///
  /// @param account with whose rights what is not on the network is read; empty for the agent's
  void to(String uri, Path target, Optional<Account> account, Sink.Budget budget)
      throws IOException {
    int colon = uri.indexOf("://");
    var scheme = colon < 0 ? "file" : uri.substring(0, colon).toLowerCase(Locale.ROOT);
    switch (scheme) {
      case "http", "https" -> httpTo(uri, target, budget);
      case "file" -> new LocalFile(config.stallTimeout()).copy(local(uri), target, account, budget);
      case "ftp" -> ftpTo(uri, target, budget);
      default -> hadoop(uri, target, account, budget);
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
    try (var out = Sink.to(target, budget);
        var watchdog = new Watchdog(config.stallTimeout(), in::close)) {
      var chunk = new byte[CHUNK];
      try {
        for (int n; (n = in.read(chunk)) >= 0; watchdog.moved(n)) {
          out.write(chunk, 0, n);
        }
      } catch (FetchException e) {
        throw e;
      } catch (IOException e) {
        if (!watchdog.bit()) {
          throw e;
        }
      }
      if (watchdog.bit()) {
        throw stall(watchdog.moved());
      }
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

  /// The client runs as the task's user, with a folder of its own to write to: what it leaves there
  /// is read with that user's rights too.
  private void hadoop(String uri, Path target, Optional<Account> account, Sink.Budget budget)
      throws IOException {
    var folder = Files.createTempDirectory("hadoop");
    var file = folder.resolve("file");
    try {
      if (account.isPresent()) {
        Fetcher.give(folder, account.get());
      }
      hadoop(uri, file, account);
      new LocalFile(config.stallTimeout()).copy(file, target, account, budget);
    } finally {
      Files.deleteIfExists(file);
      Files.deleteIfExists(folder);
    }
  }

  private void hadoop(String uri, Path file, Optional<Account> account) throws IOException {
    var log = Files.createTempFile("hadoop", ".log");
    try {
      var command = List.of(config.hadoop(), "fs", "-copyToLocal", uri, file.toString());
      var process =
          new ProcessBuilder(account.isPresent() ? AsUser.line(account.get(), command) : command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      int code;
      try {
        code = process.waitFor();
      } finally {
        process.destroyForcibly();
      }
      if (code == 127 && account.isPresent()) {
        throw new IOException("setpriv finds no program");
      }
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
