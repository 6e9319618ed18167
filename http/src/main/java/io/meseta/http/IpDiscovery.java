// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/// The address to listen on: given, or printed by the command of `--ip_discovery_command`.
/// Original: src/master/main.cpp, src/slave/main.cpp.
public final class IpDiscovery {
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?!$)|$)){4}");

  private static final int MAX_SHOWN = 200;

  private IpDiscovery() {}

  /// `ip`, what `command` prints, or all addresses.
  ///
  /// @throws IllegalArgumentException naming the flag, when `ip` is none, or the command fails or
  ///   prints none
  public static String listenOn(Optional<String> ip, Optional<String> command) {
    ip.ifPresent(IpDiscovery::check);
    return ip.or(() -> command.map(text -> run(text, Duration.ofSeconds(30)))).orElse("0.0.0.0");
  }

  private static void check(String ip) {
    try {
      var unused = InetAddress.getByName(ip);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("--ip: " + ip + ": expected an address, as 10.0.0.1", e);
    }
  }

  static String run(String command, Duration limit) {
    Process process;
    try {
      process =
          new ProcessBuilder("sh", "-c", command)
              .redirectInput(Redirect.from(new java.io.File("/dev/null")))
              .redirectError(Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      throw problem(command, "cannot be run (" + e.getMessage() + ")");
    }
    var output = new CompletableFuture<String>();
    Thread.ofVirtual().start(() -> read(process.getInputStream(), output));
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw problem(command, "did not end within " + limit.toSeconds() + " seconds");
      }
      if (process.exitValue() != 0) {
        throw problem(command, "ended with status " + process.exitValue());
      }
      var printed = output.get(limit.toMillis(), TimeUnit.MILLISECONDS).strip();
      if (!IPV4.matcher(printed).matches()) {
        throw problem(command, "printed '" + printed + "' (expected: an address, as 10.0.0.1)");
      }
      return printed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw problem(command, "was interrupted");
    } catch (ExecutionException | TimeoutException e) {
      throw problem(command, "left its output open");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static void read(InputStream from, CompletableFuture<String> output) {
    try (from) {
      var head = from.readNBytes(MAX_SHOWN);
      from.transferTo(OutputStream.nullOutputStream());
      output.complete(new String(head, StandardCharsets.UTF_8));
    } catch (IOException e) {
      output.completeExceptionally(new UncheckedIOException(e));
    }
  }

  private static IllegalArgumentException problem(String command, String what) {
    return new IllegalArgumentException("--ip_discovery_command: '" + command + "' " + what);
  }
}
