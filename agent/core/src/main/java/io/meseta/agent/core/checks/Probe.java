// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.checks;

import io.meseta.wire.v1.CommandInfo;
import java.time.Duration;
import java.util.SortedMap;

/// One look at a task from outside it.
public sealed interface Probe {
  Duration timeout();

  /// Runs a command beside the task, in its sandbox, as its user and with its environment.
  record Command(
      CommandInfo command,
      String sandbox,
      String user,
      SortedMap<String, String> environment,
      Duration timeout)
      implements Probe {}

  /// GET, redirects followed; certificates are not checked, as in the original.
  record Http(String scheme, String host, int port, String path, Duration timeout)
      implements Probe {}

  /// Opens a connection.
  record Tcp(String host, int port, Duration timeout) implements Probe {}
}
