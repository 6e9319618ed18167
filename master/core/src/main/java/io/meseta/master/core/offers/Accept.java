// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.offers;

import io.meseta.master.core.Master;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.operations.Apply;
import io.meseta.master.core.tasks.Launch;
import io.meseta.master.core.tasks.LaunchGroup;
import io.meseta.master.core.tasks.Statuses;
import io.meseta.model.Invalid;
import io.meseta.model.resources.Resources;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Accepts offers: checks that they are valid, of one agent and of one role, then applies each
/// operation in order. The operations of one ACCEPT share one running [Resources] value; what they
/// leave untouched is declined with the call's filters, what they made is not.
///
/// One invalid offer drops the call: its tasks become TASK_DROPPED, or TASK_LOST for frameworks
/// without PARTITION_AWARE. Original: src/master/master.cpp, Master::accept and Master::_accept.
public final class Accept {
  private final Master master;
  private final Launch launch;
  private final LaunchGroup launchGroup;
  private final Apply apply;

  public Accept(Master master) {
    this.master = master;
    this.launch = new Launch(master);
    this.launchGroup = new LaunchGroup(master);
    this.apply = new Apply(master);
  }

  public void on(Framework framework, Call.Accept call) {
    master.counters.add("messages_launch_tasks");
    var problem = problem(framework, call.getOfferIdsList());
    if (problem.isPresent()) {
      drop(framework, call, problem.get());
      return;
    }
    var offers =
        call.getOfferIdsList().stream()
            .map(id -> master.offers.get(id.getValue()).orElseThrow())
            .toList();
    offers.forEach(master.offers::remove);
    framework.counts.add("offers/accepted", offers.size());
    var agent = master.agents.get(offers.getFirst().agentId()).orElseThrow();
    var role = offers.getFirst().role();
    var budget = new Budget(Resources.sum(offers.stream().map(Offer::resources).toList()));
    for (var operation : call.getOperationsList()) {
      framework.counts.add("operations");
      framework.counts.add("operations/" + operation.getType().name().toLowerCase(Locale.ROOT));
      switch (operation.getType()) {
        case LAUNCH -> launch.on(framework, agent, role, operation, budget);
        case LAUNCH_GROUP -> launchGroup.on(framework, agent, role, operation, budget);
        case RESERVE,
            UNRESERVE,
            CREATE,
            DESTROY,
            GROW_VOLUME,
            SHRINK_VOLUME,
            CREATE_DISK,
            DESTROY_DISK ->
            apply(framework, agent, role, operation, budget);
        case UNKNOWN -> master.out.note("ignoring an operation of unknown type");
      }
    }
    var made = budget.made();
    master.allocator.recover(framework.id(), agent.id(), made, Optional.empty(), master.now());
    master.allocator.recover(
        framework.id(),
        agent.id(),
        budget.rest().minus(made),
        RefuseSeconds.of(call.getFilters()),
        master.now());
  }

  private void apply(
      Framework framework, Agent agent, String role, Operation operation, Budget budget) {
    if (operation.hasId() && framework.streamId().isEmpty()) {
      master.frameworks.sendError(
          framework.pid(),
          "The 'id' field was set in an offer operation, but operation feedback is not supported"
              + " for the SchedulerDriver API; please use the HTTP scheduler API for this feature");
      return;
    }
    var forbidden = master.permissions.operation(framework.info(), operation);
    if (forbidden.isPresent()) {
      refuse(framework, operation, forbidden.get());
      return;
    }
    try {
      apply.on(framework, agent, role, operation, budget);
    } catch (Invalid e) {
      refuse(framework, operation, e.reason());
    }
  }

  private Optional<String> problem(Framework framework, List<OfferID> ids) {
    if (ids.isEmpty()) {
      return Optional.of("No offers specified");
    }
    var seen = new LinkedHashSet<String>();
    for (var id : ids) {
      if (!seen.add(id.getValue())) {
        return Optional.of("Duplicate offer " + id.getValue() + " in offer list");
      }
    }
    Offer first = null;
    for (var id : seen) {
      var offer = master.offers.get(id).orElse(null);
      if (offer == null) {
        return Optional.of("Offer " + id + " is no longer valid");
      }
      if (!offer.frameworkId().equals(framework.id())) {
        return Optional.of(
            "Offer "
                + id
                + " has invalid framework "
                + offer.frameworkId()
                + " while framework "
                + framework.id()
                + " is expected");
      }
      if (first == null) {
        first = offer;
      }
      if (!offer.role().equals(first.role())) {
        return Optional.of(
            "Aggregated offers must be allocated to the same role. Offer "
                + id
                + " uses role '"
                + offer.role()
                + "' but another is using role '"
                + first.role()
                + "'");
      }
      if (!offer.agentId().equals(first.agentId())) {
        return Optional.of(
            "Aggregated offers must belong to one single agent. Offer "
                + id
                + " uses agent "
                + offer.agentId()
                + " and agent "
                + first.agentId());
      }
    }
    return Optional.empty();
  }

  private void drop(Framework framework, Call.Accept call, String problem) {
    for (var id : call.getOfferIdsList()) {
      master
          .offers
          .get(id.getValue())
          .filter(offer -> offer.frameworkId().equals(framework.id()))
          .ifPresent(offer -> master.offers.discard(offer, Optional.empty()));
    }
    for (var operation : call.getOperationsList()) {
      var tasks = tasks(operation);
      if (tasks.isEmpty()) {
        refuse(framework, operation, "Operation attempted with invalid offers: " + problem);
      }
      for (var task : tasks.orElse(List.of())) {
        master.tasks.refuse(
            framework,
            Statuses.unknown(
                    task.getTaskId().getValue(),
                    task.getAgentId().getValue(),
                    TaskStates.forFramework(TaskState.TASK_DROPPED, framework.partitionAware()),
                    TaskStatus.Reason.REASON_INVALID_OFFERS,
                    "Task launched with invalid offers: " + problem,
                    master.now())
                .build());
      }
    }
  }

  private static Optional<List<TaskInfo>> tasks(Operation operation) {
    return switch (operation.getType()) {
      case LAUNCH -> Optional.of(operation.getLaunch().getTaskInfosList());
      case LAUNCH_GROUP -> Optional.of(operation.getLaunchGroup().getTaskGroup().getTasksList());
      default -> Optional.empty();
    };
  }

  /// Tells the framework that an operation failed, if it named the operation and so wants to know.
  private void refuse(Framework framework, Operation operation, String reason) {
    master.out.note("framework " + framework.id() + ": " + reason);
    master.operations.count(operation, OperationState.OPERATION_ERROR);
    if (!operation.hasId()) {
      return;
    }
    master.frameworks.send(
        framework,
        Event.newBuilder()
            .setType(Event.Type.UPDATE_OPERATION_STATUS)
            .setUpdateOperationStatus(
                Event.UpdateOperationStatus.newBuilder()
                    .setStatus(
                        OperationStatus.newBuilder()
                            .setOperationId(operation.getId())
                            .setState(OperationState.OPERATION_ERROR)
                            .setMessage(reason)))
            .build());
  }
}
