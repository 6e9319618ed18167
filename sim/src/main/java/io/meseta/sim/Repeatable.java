// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import com.google.protobuf.Message;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.UpdateFrameworkMessage;

/// Which messages a peer may get twice in the protocol as it is: those that the sender repeats
/// until it is answered, and those that say how things are.
final class Repeatable {
  private Repeatable() {}

  /// Whether nothing is amiss for good when one does not arrive although the connection lives.
  static boolean mayBeLost(Message message) {
    return is(message) && !(message instanceof UpdateFrameworkMessage);
  }

  /// Whether it may come after what was sent after it. What says how things are may not: its order
  /// is that of the connection.
  static boolean mayStraggle(Message message) {
    return switch (message) {
      case StatusUpdateAcknowledgementMessage m -> true;
      case PingSlaveMessage m -> true;
      case PongSlaveMessage m -> true;
      case KillTaskMessage m -> true;
      case RegisterSlaveMessage m -> true;
      default -> false;
    };
  }

  static boolean is(Message message) {
    return switch (message) {
      case RegisterSlaveMessage m -> true;
      case ReregisterSlaveMessage m -> true;
      case StatusUpdateMessage m -> true;
      case StatusUpdateAcknowledgementMessage m -> true;
      case PingSlaveMessage m -> true;
      case PongSlaveMessage m -> true;
      case KillTaskMessage m -> true;
      case UpdateFrameworkMessage m -> true;
      default -> false;
    };
  }
}
