// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.frameworks.FrameworkCalls;
import io.meseta.master.core.offers.Accept;
import io.meseta.master.core.offers.Decline;
import io.meseta.master.core.operations.OperationCalls;
import io.meseta.master.core.tasks.Reconcile;
import io.meseta.master.core.tasks.TaskCalls;
import io.meseta.wire.v1.allocator.InverseOfferStatus;
import io.meseta.wire.v1.scheduler.Call;
import java.util.Locale;

/// Every call of a subscribed scheduler: who may call, then what is called. Original:
/// src/master/http.cpp, Master::Http::scheduler.
final class SchedulerCalls {
  private final Master master;
  private final Accept accept;
  private final Decline decline;
  private final FrameworkCalls frameworkCalls;
  private final TaskCalls taskCalls;
  private final Reconcile reconcile;
  private final OperationCalls operationCalls;

  SchedulerCalls(Master master) {
    this.master = master;
    this.accept = new Accept(master);
    this.decline = new Decline(master);
    this.frameworkCalls = new FrameworkCalls(master);
    this.reconcile = new Reconcile(master);
    this.operationCalls = new OperationCalls(master);
    this.taskCalls = new TaskCalls(master, reconcile);
  }

  Effect.Reply on(MasterEvent.SchedulerCall event) {
    var call = event.call();
    var id = call.getFrameworkId().getValue();
    var framework = master.frameworks.get(id).orElse(null);
    if (framework == null) {
      return reply(event, 400, "Framework cannot be found");
    }
    if (event.principal().isPresent()
        && !event.principal().get().equals(framework.info().getPrincipal())) {
      return reply(
          event,
          400,
          "Authenticated principal '"
              + event.principal().get()
              + "' does not match principal '"
              + framework.info().getPrincipal()
              + "' set in `FrameworkInfo`");
    }
    if (!framework.connected()) {
      return reply(event, 403, "Framework is not subscribed");
    }
    if (framework.streamId().isEmpty()) {
      return reply(event, 403, "Framework is not connected via HTTP");
    }
    if (event.streamId().isEmpty()) {
      return reply(
          event, 400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header");
    }
    if (!event.streamId().equals(framework.streamId())) {
      return reply(
          event,
          400,
          "The stream ID '"
              + event.streamId().get()
              + "' included in this request didn't match the stream ID currently associated with"
              + " framework ID "
              + id);
    }
    framework.counts.add("calls");
    framework.counts.add("calls/" + call.getType().name().toLowerCase(Locale.ROOT));
    return call.getType() == Call.Type.UPDATE_FRAMEWORK
        ? frameworkCalls.update(event.requestId(), framework, call.getUpdateFramework())
        : reply(event, carryOut(framework, call) ? 202 : 501, "");
  }

  /// Whether there is such a call.
  boolean carryOut(Framework framework, Call call) {
    switch (call.getType()) {
      case TEARDOWN -> {
        master.counters.add("messages_unregister_framework");
        master.frameworks.remove(framework);
      }
      case ACCEPT -> accept.on(framework, call.getAccept());
      case DECLINE -> decline.on(framework, call.getDecline());
      case REVIVE -> frameworkCalls.revive(framework, call.getRevive());
      case SUPPRESS -> frameworkCalls.suppress(framework, call.getSuppress());
      case KILL -> taskCalls.kill(framework, call.getKill());
      case SHUTDOWN -> taskCalls.shutdown(framework, call.getShutdown());
      case ACKNOWLEDGE -> taskCalls.acknowledge(framework, call.getAcknowledge());
      case RECONCILE -> reconcile.on(framework, call.getReconcile());
      case MESSAGE -> taskCalls.message(framework, call.getMessage());
      case REQUEST -> master.counters.add("messages_resource_request");
      case ACCEPT_INVERSE_OFFERS ->
          master
              .machines
              .inverseOffers()
              .answer(
                  framework,
                  call.getAcceptInverseOffers().getInverseOfferIdsList(),
                  InverseOfferStatus.Status.ACCEPT,
                  call.getAcceptInverseOffers().getFilters());
      case DECLINE_INVERSE_OFFERS ->
          master
              .machines
              .inverseOffers()
              .answer(
                  framework,
                  call.getDeclineInverseOffers().getInverseOfferIdsList(),
                  InverseOfferStatus.Status.DECLINE,
                  call.getDeclineInverseOffers().getFilters());
      case ACKNOWLEDGE_OPERATION_STATUS ->
          operationCalls.acknowledge(framework, call.getAcknowledgeOperationStatus());
      case RECONCILE_OPERATIONS ->
          operationCalls.reconcile(framework, call.getReconcileOperations());
      case SUBSCRIBE, UNKNOWN, UPDATE_FRAMEWORK -> {
        return false;
      }
    }
    return true;
  }

  Effect.Reply update(Framework framework, Call.UpdateFramework call) {
    return frameworkCalls.update(0, framework, call);
  }

  private static Effect.Reply reply(MasterEvent.SchedulerCall event, int status, String message) {
    return new Effect.Reply(event.requestId(), status, message);
  }
}
