// SPDX-License-Identifier: Apache-2.0
package io.meseta.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A command of the launcher as a process of its own, its output in a file.
final class Program implements AutoCloseable {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private final Process process;
  private final Path output;
  private final String name;

  private Program(String name, Process process, Path output) {
    this.name = name;
    this.process = process;
    this.output = output;
  }

  static Program start(Path dir, String command, String... args) {
    return start(dir, command, List.of(args));
  }

  static Program start(Path dir, String command, List<String> args) {
    try {
      // A shell without job control starts what it puts in the background with Ctrl-C ignored, and
      // everything below inherits that: these tests would wait for programs that cannot hear them.
      var words = new ArrayList<>(List.of("env", "--default-signal=INT,QUIT"));
      words.addAll(List.of(ROOT.resolve("meseta").toString(), command));
      words.addAll(args);
      var output = Files.createTempFile(dir, command + "-", ".log");
      var builder =
          new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(output.toFile());
      builder.environment().put("MESETA_NO_BUILD", "1");
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      return new Program(command, builder.start(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path root() {
    return ROOT;
  }

  /// A port that was free a moment ago.
  static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Waits until the output holds `text`.
  Program awaitOutput(String text, Duration limit) throws InterruptedException {
    var end = Instant.now().plus(limit);
    while (!output().contains(text)) {
      if (!process.isAlive() || Instant.now().isAfter(end)) {
        throw new AssertionError(name + " did not print '" + text + "':\n" + output());
      }
      Thread.sleep(20);
    }
    return this;
  }

  /// Waits for its end; the exit code.
  int awaitExit(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError(name + " did not end:\n" + output());
    }
    return process.exitValue();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /// `kill -9`.
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void signal(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
  }

  /// Ctrl-C, and `kill -9` when that is not enough.
  @Override
  public void close() {
    try {
      process.destroy();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
