// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.meseta.wire.internal.AcknowledgeOperationStatusMessage;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.CheckpointResourcesMessage;
import io.meseta.wire.internal.DrainSlaveMessage;
import io.meseta.wire.internal.FrameworkToExecutorMessage;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.ReconcileOperationsMessage;
import io.meseta.wire.internal.RunTaskGroupMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.ShutdownExecutorMessage;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The messages that an agent takes, by name.
final class Messages {
  private static final Map<String, Parser<? extends Message>> PARSERS = new LinkedHashMap<>();

  static {
    add(
        PingSlaveMessage.getDefaultInstance(),
        SlaveRegisteredMessage.getDefaultInstance(),
        SlaveReregisteredMessage.getDefaultInstance(),
        RunTaskMessage.getDefaultInstance(),
        RunTaskGroupMessage.getDefaultInstance(),
        KillTaskMessage.getDefaultInstance(),
        ShutdownExecutorMessage.getDefaultInstance(),
        ShutdownFrameworkMessage.getDefaultInstance(),
        UpdateFrameworkMessage.getDefaultInstance(),
        StatusUpdateAcknowledgementMessage.getDefaultInstance(),
        ApplyOperationMessage.getDefaultInstance(),
        CheckpointResourcesMessage.getDefaultInstance(),
        AcknowledgeOperationStatusMessage.getDefaultInstance(),
        ReconcileOperationsMessage.getDefaultInstance(),
        DrainSlaveMessage.getDefaultInstance(),
        FrameworkToExecutorMessage.getDefaultInstance(),
        ShutdownMessage.getDefaultInstance());
  }

  private Messages() {}

  private static void add(Message... messages) {
    for (var message : messages) {
      PARSERS.put(message.getDescriptorForType().getFullName(), message.getParserForType());
    }
  }

  /// Empty for a name that agents do not take.
  ///
  /// @throws InvalidProtocolBufferException for a body that does not parse or lacks a required
  ///   field
  static Optional<Message> parse(String name, byte[] body) throws InvalidProtocolBufferException {
    var parser = PARSERS.get(name);
    return parser == null ? Optional.empty() : Optional.of(parser.parseFrom(body));
  }
}
