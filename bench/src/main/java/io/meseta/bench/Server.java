// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A server started by the launcher, as a user starts it.
final class Server implements AutoCloseable {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  private final Process process;
  private final Path log;

  private Server(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /// Starts `./meseta COMMAND ARGUMENTS`; its output goes to a file in `dir`.
  static Server start(Path dir, String command, List<String> arguments) throws IOException {
    var line = new ArrayList<String>();
    line.add(Path.of(System.getProperty("meseta.home"), "meseta").toString());
    line.add(command);
    line.addAll(arguments);
    var log = dir.resolve(command + ".log");
    var builder = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("MESETA_NO_BUILD", "1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return new Server(builder.start(), log);
  }

  /// The process of the server: the launcher replaces itself by it.
  long pid() {
    return process.pid();
  }

  Server awaitUrl(String url, Predicate<String> good) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (System.nanoTime() < end) {
      if (!process.isAlive()) {
        throw new IOException("the server ended:\n" + Files.readString(log));
      }
      try {
        if (good.test(get(url))) {
          return this;
        }
      } catch (IOException notYet) {
        // It begins to listen when it can.
      }
      Thread.sleep(10);
    }
    throw new IOException(url + " does not say what was expected; the log is " + log);
  }

  static String get(String url) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url)).GET());
  }

  static String post(String url, String json) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  private static String send(HttpRequest.Builder request) throws IOException, InterruptedException {
    var response =
        HTTP.send(
            request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 400) {
      throw new IOException(response.statusCode() + " " + response.body());
    }
    return response.body();
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /// Lets an agent end its tasks and then itself; [#close] would leave them running.
  void endWithTasks() throws IOException {
    var unused = new ProcessBuilder("kill", "-USR1", Long.toString(pid())).start();
    await();
  }

  /// Ends it as a power cut does.
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /// Ends it as Ctrl-C does.
  @Override
  public void close() throws IOException {
    process.destroy();
    await();
  }

  private void await() {
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
