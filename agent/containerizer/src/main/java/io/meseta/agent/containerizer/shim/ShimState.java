// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import io.meseta.agent.core.container.ExitStatus;
import java.util.Optional;

/// The two lines that a shim writes into the journal.
public sealed interface ShimState {
  /// The boot of the host in which it was written.
  String boot();

  /// The line of the journal, without its end.
  String line(String id);

  /// `ID pid`: the command and its shim, each with its start in ticks after boot.
  record Running(String boot, long pid, long start, long shimPid, long shimStart)
      implements ShimState {
    @Override
    public String line(String id) {
      return id + " pid " + boot + " " + pid + " " + start + " " + shimPid + " " + shimStart;
    }
  }

  /// `ID exit`: no process is left.
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

    @Override
    public String line(String id) {
      var line =
          id
              + " exit "
              + boot
              + " "
              + waitStatus
              + " "
              + userMicros
              + " "
              + systemMicros
              + " "
              + maxRssKilobytes;
      return refused.isEmpty() ? line : line + " " + refused;
    }
  }

  /// A state and the container it is of.
  record Line(String id, ShimState state) {}

  /// Reads one line; empty for one that was cut short.
  static Optional<Line> parse(String line) {
    var f = line.split(" ", 8);
    try {
      if (f.length == 7 && f[1].equals("pid")) {
        return Optional.of(
            new Line(
                f[0],
                new Running(
                    f[2],
                    Long.parseLong(f[3]),
                    Long.parseLong(f[4]),
                    Long.parseLong(f[5]),
                    Long.parseLong(f[6]))));
      }
      if (f.length >= 7 && f[1].equals("exit")) {
        return Optional.of(
            new Line(
                f[0],
                new Over(
                    f[2],
                    Integer.parseInt(f[3]),
                    Long.parseLong(f[4]),
                    Long.parseLong(f[5]),
                    Long.parseLong(f[6]),
                    f.length > 7 ? f[7] : "")));
      }
      return Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
