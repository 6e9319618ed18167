// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.checks;

/// What a [Probe] saw.
public sealed interface ProbeResult {
  /// A task may have one check of each kind.
  enum Kind {
    /// Decides whether the task is healthy.
    HEALTH,
    /// Only reported.
    CHECK
  }

  /// The command ended by itself.
  record ExitCode(int code) implements ProbeResult {}

  /// The server answered.
  record HttpStatus(int status) implements ProbeResult {}

  /// Whether the connection was made.
  record TcpConnect(boolean succeeded) implements ProbeResult {}

  /// There was no result, such as after a timeout.
  record Failed(String why) implements ProbeResult {}
}
