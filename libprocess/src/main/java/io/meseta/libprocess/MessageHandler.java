// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess;

import io.meseta.wire.Upid;

/// Takes the messages of one process. Called on event loops: hand on, do not work.
@FunctionalInterface
public interface MessageHandler {
  /// @param from who sent it; where replies go
  /// @param name the full protobuf name, such as `mesos.internal.RegisterSlaveMessage`
  /// @param body the binary protobuf; may be malformed
  void on(Upid from, String name, byte[] body);
}
