// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.StringTokenizer;

/// Facts from /proc.
public final class ProcFs {
  private ProcFs() {}

  /// One line of /proc/PID/stat, as far as we use it. Times are in clock ticks (of 10 ms).
  ///
  /// @param childTicksUser user time of children that were waited for
  /// @param startTicks start after boot
  /// @param rssPages resident memory in pages
  public record Stat(
      long pid,
      long parent,
      char state,
      long userTicks,
      long systemTicks,
      long childTicksUser,
      long childTicksSystem,
      int threads,
      long startTicks,
      long rssPages) {}

  /// What the kernel says of one process, or empty when it is gone.
  public static Optional<Stat> stat(long pid) {
    try {
      return parse(
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  static Optional<Stat> parse(String line) {
    int open = line.indexOf('(');
    int close = line.lastIndexOf(')'); // the name may hold anything
    if (open < 0 || close < open) {
      return Optional.empty();
    }
    var fields = new StringTokenizer(line.substring(close + 1));
    var values = new String[22];
    for (int i = 0; i < values.length; i++) {
      if (!fields.hasMoreTokens()) {
        return Optional.empty();
      }
      values[i] = fields.nextToken();
    }
    // values[i] is field i + 3 of proc(5).
    return Optional.of(
        new Stat(
            Long.parseLong(line.substring(0, open).trim()),
            Long.parseLong(values[1]),
            values[0].charAt(0),
            Long.parseLong(values[11]),
            Long.parseLong(values[12]),
            Long.parseLong(values[13]),
            Long.parseLong(values[14]),
            Integer.parseInt(values[17]),
            Long.parseLong(values[19]),
            Long.parseLong(values[21])));
  }

  /// Start of a living process in ticks after boot; -1 when it is gone or a zombie.
  public static long startTicks(long pid) {
    return stat(pid).filter(stat -> stat.state() != 'Z').map(Stat::startTicks).orElse(-1L);
  }

  /// Changes with every start of the host.
  public static String bootId() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("cannot read the boot id", e);
    }
  }
}
