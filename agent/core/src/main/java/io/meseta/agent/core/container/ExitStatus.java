// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.container;

/// How a container's command ended.
public sealed interface ExitStatus {
  /// It exited by itself.
  record Exited(int code) implements ExitStatus {}

  /// A signal ended it.
  record Signalled(int signal) implements ExitStatus {}

  /// It is over, but nobody can say how: its shim was killed, or the host was restarted.
  record Unknown(String why) implements ExitStatus {}

  /// Reads a status as wait(2) gives it.
  static ExitStatus ofWaitStatus(int status) {
    int signal = status & 0x7f;
    return signal == 0 ? new Exited((status >> 8) & 0xff) : new Signalled(signal);
  }

  /// The status as wait(2) would give it, for the messages that carry it raw; -1 when unknown.
  default int toWaitStatus() {
    return switch (this) {
      case Exited(int code) -> code << 8;
      case Signalled(int signal) -> signal;
      case Unknown _ -> -1;
    };
  }

  /// In the words of the original: `exited with status 1`, `terminated with signal Killed`.
  default String describe() {
    return switch (this) {
      case Exited(int code) -> "exited with status " + code;
      case Signalled(int signal) -> "terminated with signal " + signalName(signal);
      case Unknown(String why) -> "ended with an unknown status (" + why + ")";
    };
  }

  private static String signalName(int signal) {
    return switch (signal) {
      case 1 -> "Hangup";
      case 2 -> "Interrupt";
      case 3 -> "Quit";
      case 4 -> "Illegal instruction";
      case 5 -> "Trace/breakpoint trap";
      case 6 -> "Aborted";
      case 7 -> "Bus error";
      case 8 -> "Floating point exception";
      case 9 -> "Killed";
      case 10 -> "User defined signal 1";
      case 11 -> "Segmentation fault";
      case 12 -> "User defined signal 2";
      case 13 -> "Broken pipe";
      case 14 -> "Alarm clock";
      case 15 -> "Terminated";
      default -> "Unknown signal " + signal;
    };
  }
}
