// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.v0;

import com.google.protobuf.Message;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.FrameworkErrorMessage;
import io.meseta.wire.internal.FrameworkRegisteredMessage;
import io.meseta.wire.internal.FrameworkReregisteredMessage;
import io.meseta.wire.internal.LostSlaveMessage;
import io.meseta.wire.internal.RescindResourceOfferMessage;
import io.meseta.wire.internal.ResourceOffersMessage;
import io.meseta.wire.internal.StatusUpdate;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Event;
import java.util.Optional;
import java.util.function.Function;

/// The events of the v1 API as messages to a driver. Original: src/internal/evolve.cpp, the other
/// way round.
public final class DriverEvents {
  private DriverEvents() {}

  /// Empty for what drivers are not told: heartbeats, inverse offers, feedback on operations.
  ///
  /// @param agentPid finds the address of an agent by its id
  public static Optional<Message> of(
      FrameworkID framework, Event event, Function<String, Upid> agentPid) {
    return switch (event.getType()) {
      case OFFERS -> {
        var message = ResourceOffersMessage.newBuilder();
        for (var offer : event.getOffers().getOffersList()) {
          message
              .addOffers(offer)
              .addPids(agentPid.apply(offer.getAgentId().getValue()).toString());
        }
        yield Optional.of(message.build());
      }
      case RESCIND ->
          Optional.of(
              RescindResourceOfferMessage.newBuilder()
                  .setOfferId(event.getRescind().getOfferId())
                  .build());
      case UPDATE -> Optional.of(update(framework, event.getUpdate().getStatus()));
      case MESSAGE ->
          Optional.of(
              ExecutorToFrameworkMessage.newBuilder()
                  .setSlaveId(event.getMessage().getAgentId())
                  .setFrameworkId(framework)
                  .setExecutorId(event.getMessage().getExecutorId())
                  .setData(event.getMessage().getData())
                  .build());
      case FAILURE -> Optional.of(failure(framework, event.getFailure()));
      case ERROR -> Optional.of(error(event.getError().getMessage()));
      default -> Optional.empty();
    };
  }

  /// A status that the master made up: nobody may acknowledge it, which the missing address says.
  private static StatusUpdateMessage update(FrameworkID framework, TaskStatus status) {
    var update =
        StatusUpdate.newBuilder()
            .setFrameworkId(framework)
            .setStatus(status)
            .setTimestamp(status.getTimestamp());
    if (status.hasExecutorId()) {
      update.setExecutorId(status.getExecutorId());
    }
    if (status.hasAgentId()) {
      update.setSlaveId(status.getAgentId());
    }
    return StatusUpdateMessage.newBuilder().setUpdate(update).setPid(Upid.NONE.toString()).build();
  }

  private static Message failure(FrameworkID framework, Event.Failure failure) {
    return failure.hasExecutorId()
        ? ExitedExecutorMessage.newBuilder()
            .setSlaveId(failure.getAgentId())
            .setFrameworkId(framework)
            .setExecutorId(failure.getExecutorId())
            .setStatus(failure.getStatus())
            .build()
        : LostSlaveMessage.newBuilder().setSlaveId(failure.getAgentId()).build();
  }

  /// Makes the driver abort.
  public static FrameworkErrorMessage error(String message) {
    return FrameworkErrorMessage.newBuilder().setMessage(message).build();
  }

  /// The driver is the framework's scheduler now.
  ///
  /// @param again whether this very driver was it before
  public static Message subscribed(FrameworkID framework, MasterInfo master, boolean again) {
    return again
        ? FrameworkReregisteredMessage.newBuilder()
            .setFrameworkId(framework)
            .setMasterInfo(master)
            .build()
        : FrameworkRegisteredMessage.newBuilder()
            .setFrameworkId(framework)
            .setMasterInfo(master)
            .build();
  }
}
