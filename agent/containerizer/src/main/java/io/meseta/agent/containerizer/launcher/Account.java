// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A user of this host with its groups, by number.
public record Account(String name, long uid, long gid, List<Long> groups) {
  /// Looks a user up as id(1) does, so that directories other than /etc/passwd count. Empty when
  /// there is no such user.
  public static Optional<Account> lookup(String name) throws IOException {
    if (name.isEmpty() || name.startsWith("-") || name.length() > 256) {
      return Optional.empty();
    }
    var uid = id("-u", name);
    var gid = id("-g", name);
    var groups = id("-G", name);
    if (uid.isEmpty() || gid.isEmpty() || groups.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Account(
            name,
            Long.parseLong(uid.get()),
            Long.parseLong(gid.get()),
            Arrays.stream(groups.get().split("\\s+")).map(Long::parseLong).toList()));
  }

  /// The name of the user this process runs as.
  public static String own() throws IOException {
    return run("id", "-un").orElseThrow(() -> new IOException("id -un fails"));
  }

  private static Optional<String> id(String option, String name) throws IOException {
    return run("id", option, "--", name);
  }

  private static Optional<String> run(String... command) throws IOException {
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var out = process.getInputStream()) {
      var text = new String(out.readNBytes(65536), StandardCharsets.US_ASCII).strip();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + " does not end");
      }
      return process.exitValue() == 0 && !text.isEmpty() ? Optional.of(text) : Optional.empty();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
