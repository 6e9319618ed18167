// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import io.meseta.agent.core.container.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// The two files a shim leaves.
public sealed interface ShimState {
  /// The boot of the host in which it was written.
  String boot();

  /// `ID.pid`: the command and its shim, each with its start in ticks after boot.
  record Running(String boot, long pid, long start, long shimPid, long shimStart)
      implements ShimState {}

  /// `ID.exit`: no process is left.
  ///
  /// @param refused why the command never ran; "" when it did
  record Over(
      String boot,
      int waitStatus,
      long userMicros,
      long systemMicros,
      long maxRssKilobytes,
      String refused)
      implements ShimState {
    public ExitStatus status() {
      return ExitStatus.ofWaitStatus(waitStatus);
    }
  }

  /// Reads `ID.pid`, if it is there and whole.
  static Optional<Running> running(Path folder, String id) throws IOException {
    var f = fields(folder.resolve(id + ".pid"), 5);
    return f.length < 5
        ? Optional.empty()
        : Optional.of(
            new Running(
                f[0],
                Long.parseLong(f[1]),
                Long.parseLong(f[2]),
                Long.parseLong(f[3]),
                Long.parseLong(f[4])));
  }

  /// Reads `ID.exit`, if it is there and whole.
  static Optional<Over> over(Path folder, String id) throws IOException {
    var f = fields(folder.resolve(id + ".exit"), 6);
    return f.length < 5
        ? Optional.empty()
        : Optional.of(
            new Over(
                f[0],
                Integer.parseInt(f[1]),
                Long.parseLong(f[2]),
                Long.parseLong(f[3]),
                Long.parseLong(f[4]),
                f.length > 5 ? f[5] : ""));
  }

  private static String[] fields(Path file, int limit) throws IOException {
    try {
      return Files.readString(file).strip().split(" ", limit);
    } catch (NoSuchFileException absent) {
      return new String[0];
    }
  }
}
