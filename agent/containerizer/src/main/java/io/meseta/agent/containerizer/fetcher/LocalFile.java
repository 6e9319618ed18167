// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import io.meseta.agent.containerizer.launcher.Account;
import io.meseta.agent.containerizer.launcher.AsUser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Copies a file of this host with the rights of the user who asks for it. The agent may read
/// everything, so a copy for another user is read by a process of that user, which also looks
/// whether there is a file: whatever a link is swapped for meanwhile, that user could read it
/// anyway. As the original's fetcher, which becomes the user (src/launcher/fetcher.cpp).
final class LocalFile {
  // Says the permissions, then the bytes. What is not a plain file could have no end.
  private static final String READ =
      "[ -f \"$1\" ] || { [ -e \"$1\" ] && exit 3 || exit 4; }; "
          + "[ -r \"$1\" ] || exit 5; stat -L -c %a -- \"$1\" && exec cat -- \"$1\"";
  private static final int LONGEST_MODE = 8;

  private final Duration stall;

  /// @param stall a read that brings nothing for so long fails, as from a file system that hangs
  LocalFile(Duration stall) {
    this.stall = stall;
  }

  /// Copies `source` to `target` with its permissions; only the owner may write the copy.
  ///
  /// @param account who has to be allowed to read it; empty for the agent's own user
  void copy(Path source, Path target, Optional<Account> account, Sink.Budget budget)
      throws IOException {
    if (account.isPresent()) {
      copyAs(account.get(), source, target, budget);
      return;
    }
    if (!Files.isRegularFile(source)) {
      throw new FetchException(
          source + (Files.exists(source) ? " is not a file" : " does not exist"));
    }
    var permissions = Files.getPosixFilePermissions(source);
    try (var in = Files.newInputStream(source);
        var out = Sink.to(target, budget)) {
      in.transferTo(out);
    }
    permit(target, permissions);
  }

  private void copyAs(Account account, Path source, Path target, Sink.Budget budget)
      throws IOException {
    var line = AsUser.line(account, List.of("/bin/sh", "-c", READ, "fetch", source.toString()));
    var builder =
        new ProcessBuilder(line)
            .directory(Path.of("/").toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    var process = builder.start();
    try {
      process.getOutputStream().close();
      int mode;
      try (var in = process.getInputStream();
          var out = Sink.to(target, budget);
          var watchdog = new Watchdog(stall, process::destroyForcibly)) {
        mode = mode(in);
        var chunk = new byte[1 << 16];
        for (int n; (n = in.read(chunk)) >= 0; watchdog.moved(n)) {
          out.write(chunk, 0, n);
        }
        if (watchdog.bit()) {
          throw new FetchException(
              "reading it stalled: nothing came for " + stall.toMillis() / 1000.0 + " s");
        }
      }
      int status = process.waitFor(5, TimeUnit.SECONDS) ? process.exitValue() : -1;
      if (status != 0 || mode < 0) {
        throw new FetchException(
            source
                + switch (status) {
                  case 3 -> " is not a file";
                  case 4 -> " does not exist, or user '" + account.name() + "' cannot see it";
                  case 5 -> " is not readable by user '" + account.name() + "'";
                  default -> " cannot be read as user '" + account.name() + "'";
                });
      }
      permit(target, permissions(mode));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FetchException("interrupted");
    } finally {
      process.destroyForcibly();
    }
  }

  /// The first line, an octal number; -1 if there is none.
  private static int mode(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int c; (c = in.read()) >= 0 && c != '\n' && line.length() < LONGEST_MODE; ) {
      line.append((char) c);
    }
    try {
      return Integer.parseInt(line.toString(), 8);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    var text = new StringBuilder();
    for (int bit = 8; bit >= 0; bit--) {
      text.append((mode & (1 << bit)) == 0 ? '-' : "xwr".charAt(bit % 3));
    }
    return PosixFilePermissions.fromString(text.toString());
  }

  private static void permit(Path target, Set<PosixFilePermission> permissions) throws IOException {
    permissions.removeAll(
        Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE));
    Files.setPosixFilePermissions(target, permissions);
  }
}
