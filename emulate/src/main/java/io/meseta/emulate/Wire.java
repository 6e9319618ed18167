// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate;

import com.google.protobuf.Message;
import io.meseta.wire.Upid;
import java.util.function.Consumer;

/// How one emulated agent reaches its master.
interface Wire extends AutoCloseable {
  /// The agent's own address.
  Upid self();

  /// @param name the full protobuf name
  void send(Upid to, String name, byte[] body);

  default void send(Upid to, Message message) {
    send(to, message.getDescriptorForType().getFullName(), message.toByteArray());
  }

  /// Has `exited` called when the connection to `to` ends or cannot be made.
  void link(Upid to, Consumer<Upid> exited);

  @Override
  void close();
}
