// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.InverseOffer;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Event;
import java.util.List;

/// What a framework hears. Every method is called on the client's one thread, in the order of the
/// stream; all are optional.
public interface Scheduler {
  /// A subscription stands (again); `id` is to be kept and given to a later client of the same
  /// framework. What happened meanwhile is unknown: reconcile.
  default void subscribed(SchedulerClient client, FrameworkID id, MasterInfo master) {}

  /// The subscription is gone and the client tries again. Offers of before are void.
  default void disconnected(SchedulerClient client, String reason) {}

  /// There is no subscription yet, or no longer: the master at `where` does not answer or refuses,
  /// for now. The client goes on trying; of the same problem this tells at once and then every 30
  /// s. Without an override it is logged as a warning.
  default void unreachable(SchedulerClient client, String where, String problem) {
    Log.LOGGER.log(
        System.Logger.Level.WARNING,
        "No subscription at " + where + ": " + problem + "; trying on");
  }

  /// Resources to use ([Calls#launch]) or to give back ([Calls#decline]).
  default void offers(SchedulerClient client, List<Offer> offers) {}

  /// An offer is no longer valid.
  default void rescinded(SchedulerClient client, OfferID offer) {}

  /// Agents are wanted back for maintenance.
  default void inverseOffers(SchedulerClient client, List<InverseOffer> offers) {}

  /// An inverse offer is no longer valid.
  default void inverseOfferRescinded(SchedulerClient client, OfferID offer) {}

  /// News of a task. When this returns the client acknowledges, unless built otherwise.
  default void update(SchedulerClient client, TaskStatus status) {}

  /// News of an offer operation that had an id. Acknowledge it with [Calls#acknowledgeOperation].
  default void operationUpdate(SchedulerClient client, OperationStatus status) {}

  /// A message of an executor.
  default void message(SchedulerClient client, AgentID agent, ExecutorID executor, byte[] data) {}

  /// An agent was lost, or an executor ended.
  default void failure(SchedulerClient client, Event.Failure failure) {}

  /// The master is alive.
  default void heartbeat(SchedulerClient client) {}

  /// The master refused this framework for good; the client closes after this.
  default void error(SchedulerClient client, String message) {}

  /// Every event of the stream, before it is handed to the method of its type. Override it to
  /// receive the messages themselves.
  default void event(SchedulerClient client, Event event) {
    switch (event.getType()) {
      case SUBSCRIBED ->
          subscribed(
              client,
              event.getSubscribed().getFrameworkId(),
              event.getSubscribed().getMasterInfo());
      case OFFERS -> offers(client, event.getOffers().getOffersList());
      case INVERSE_OFFERS -> inverseOffers(client, event.getInverseOffers().getInverseOffersList());
      case RESCIND -> rescinded(client, event.getRescind().getOfferId());
      case RESCIND_INVERSE_OFFER ->
          inverseOfferRescinded(client, event.getRescindInverseOffer().getInverseOfferId());
      case UPDATE -> update(client, event.getUpdate().getStatus());
      case UPDATE_OPERATION_STATUS ->
          operationUpdate(client, event.getUpdateOperationStatus().getStatus());
      case MESSAGE -> {
        var message = event.getMessage();
        message(
            client, message.getAgentId(), message.getExecutorId(), message.getData().toByteArray());
      }
      case FAILURE -> failure(client, event.getFailure());
      case ERROR -> error(client, event.getError().getMessage());
      case HEARTBEAT -> heartbeat(client);
      case UNKNOWN -> {} // of a newer master
    }
  }
}
