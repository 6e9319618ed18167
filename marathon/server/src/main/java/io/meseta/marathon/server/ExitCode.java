// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

/// The codes Marathon ends with.
final class ExitCode {
  static final int LEADERSHIP_LOST = 103;
  static final int ABDICATED = 104;
  static final int SCHEDULER_ERROR = 106;
  static final int UNCAUGHT = 107;
  static final int BIND = 111;
  static final int FLAGS = 112;

  private ExitCode() {}
}
