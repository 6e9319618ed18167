// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.container;

/// What can be sent to all processes of a container.
public enum Signal {
  /// SIGTERM: please end.
  TERM,
  /// SIGKILL; also ends the preparation of a container that does not run yet.
  KILL
}
