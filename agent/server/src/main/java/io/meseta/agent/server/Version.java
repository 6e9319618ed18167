// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.wire.v1.VersionInfo;

/// The version whose behaviour this agent has; peers and tools compare it.
final class Version {
  static final String NUMBER = "1.12.0";

  private Version() {}

  static VersionInfo info() {
    return VersionInfo.newBuilder()
        .setVersion(NUMBER)
        .setBuildDate("2026-01-01 00:00:00 UTC")
        .setBuildTime(1767225600.0)
        .setBuildUser("")
        .build();
  }
}
