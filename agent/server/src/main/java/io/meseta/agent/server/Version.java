// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.wire.build.Build;
import io.meseta.wire.v1.VersionInfo;

/// The version whose behaviour this agent has; peers and tools compare it.
final class Version {
  static final String NUMBER = "1.12.0";

  private Version() {}

  static VersionInfo info() {
    return Build.info(NUMBER);
  }
}
