// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.master.core.frameworks.FrameworkRules;
import io.meseta.model.acls.Acls;
import io.meseta.model.acls.Action;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/// Puts what is about to happen to the rules. Each answer is empty, or what is not allowed.
/// Original: src/master/authorization.cpp.
public final class Permissions {
  private final Acls acls;
  private final Function<String, Optional<FrameworkInfo>> frameworks;

  /// @param frameworks finds a framework by its id
  Permissions(Acls acls, Function<String, Optional<FrameworkInfo>> frameworks) {
    this.acls = acls;
    this.frameworks = frameworks;
  }

  private static Optional<String> principal(FrameworkInfo info) {
    return info.hasPrincipal() ? Optional.of(info.getPrincipal()) : Optional.empty();
  }

  /// A framework must be allowed all its roles.
  public Optional<String> register(FrameworkInfo info) {
    var roles = FrameworkRules.roles(info);
    for (var role : roles) {
      if (!acls.permits(principal(info), Action.REGISTER_FRAMEWORK, role)) {
        return Optional.of(
            "Not authorized to register framework "
                + info.getId().getValue()
                + " with roles { "
                + String.join(", ", new TreeSet<>(roles))
                + " }");
      }
    }
    return Optional.empty();
  }

  /// Tasks run as a user: their command's, their executor's, or else their framework's.
  public Optional<String> runTask(FrameworkInfo framework, TaskInfo task) {
    var user =
        task.hasCommand() && task.getCommand().hasUser()
            ? task.getCommand().getUser()
            : task.hasExecutor() && task.getExecutor().getCommand().hasUser()
                ? task.getExecutor().getCommand().getUser()
                : framework.getUser();
    return acls.permits(principal(framework), Action.RUN_TASK, user)
        ? Optional.empty()
        : Optional.of(
            "Not authorized to launch task "
                + task.getTaskId().getValue()
                + " of framework "
                + framework.getId().getValue()
                + " under user '"
                + user
                + "'");
  }

  public Optional<String> operation(FrameworkInfo framework, Operation operation) {
    return operation(principal(framework), operation);
  }

  private Optional<String> operation(Optional<String> principal, Operation operation) {
    var problems = new ArrayList<String>();
    switch (operation.getType()) {
      case RESERVE -> {
        for (var resource : operation.getReserve().getSourceList()) {
          check(problems, principal, Action.UNRESERVE_RESOURCES, reserver(resource));
        }
        for (var resource : operation.getReserve().getResourcesList()) {
          check(problems, principal, Action.RESERVE_RESOURCES, role(resource));
        }
      }
      case UNRESERVE -> {
        for (var resource : operation.getUnreserve().getResourcesList()) {
          check(problems, principal, Action.UNRESERVE_RESOURCES, reserver(resource));
        }
      }
      case CREATE -> {
        for (var volume : operation.getCreate().getVolumesList()) {
          check(problems, principal, Action.CREATE_VOLUME, role(volume));
        }
      }
      case DESTROY -> {
        for (var volume : operation.getDestroy().getVolumesList()) {
          check(
              problems,
              principal,
              Action.DESTROY_VOLUME,
              volume.getDisk().getPersistence().getPrincipal());
        }
      }
      case GROW_VOLUME ->
          check(
              problems,
              principal,
              Action.RESIZE_VOLUME,
              role(operation.getGrowVolume().getVolume()));
      case SHRINK_VOLUME ->
          check(
              problems,
              principal,
              Action.RESIZE_VOLUME,
              role(operation.getShrinkVolume().getVolume()));
      default -> {}
    }
    return problems.stream().findFirst();
  }

  @SuppressWarnings("deprecation") // the form before reservations could be refined
  private static String role(Resource resource) {
    int count = resource.getReservationsCount();
    return count > 0 ? resource.getReservations(count - 1).getRole() : resource.getRole();
  }

  private static String reserver(Resource resource) {
    int count = resource.getReservationsCount();
    return count > 0
        ? resource.getReservations(count - 1).getPrincipal()
        : resource.getReservation().getPrincipal();
  }

  /// What an operator wants.
  Optional<String> operator(Optional<String> principal, OperatorRequest request) {
    return switch (request) {
      case OperatorRequest.Teardown(var id) ->
          frameworks
              .apply(id)
              .flatMap(info ->
                  one(principal, Action.TEARDOWN_FRAMEWORK, Optional.of(info.getPrincipal())));
      case OperatorRequest.MarkAgentGone gone -> any(principal, Action.MARK_AGENT_GONE);
      case OperatorRequest.DrainAgent(var id, var config) ->
          any(principal, Action.DRAIN_AGENT)
              .or(() ->
                  config.getMarkGone() ? any(principal, Action.MARK_AGENT_GONE) : Optional.empty());
      case OperatorRequest.DeactivateAgent deactivate -> any(principal, Action.DEACTIVATE_AGENT);
      case OperatorRequest.ReactivateAgent reactivate -> any(principal, Action.REACTIVATE_AGENT);
      case OperatorRequest.Apply(var agentId, var operation) -> operation(principal, operation);
      case OperatorRequest.UpdateQuotas(var configs, boolean force) ->
          all(
              principal,
              Action.UPDATE_QUOTA,
              configs.stream().map(config -> config.getRole()).toList());
      case OperatorRequest.SetQuota(var quota) ->
          one(principal, Action.UPDATE_QUOTA, Optional.of(quota.getRole()));
      case OperatorRequest.RemoveQuota(var role) ->
          one(principal, Action.UPDATE_QUOTA, Optional.of(role));
      case OperatorRequest.UpdateWeights(var weights) ->
          all(principal, Action.UPDATE_WEIGHT, List.copyOf(weights.keySet()));
      case OperatorRequest.UpdateMaintenance update ->
          any(principal, Action.UPDATE_MAINTENANCE_SCHEDULE);
      case OperatorRequest.StartMaintenance start -> any(principal, Action.START_MAINTENANCE);
      case OperatorRequest.StopMaintenance stop -> any(principal, Action.STOP_MAINTENANCE);
    };
  }

  private void check(
      List<String> problems, Optional<String> principal, Action action, String object) {
    one(principal, action, Optional.of(object)).ifPresent(problems::add);
  }

  private Optional<String> all(Optional<String> principal, Action action, List<String> objects) {
    var problems = new ArrayList<String>();
    objects.forEach(object -> check(problems, principal, action, object));
    return problems.stream().findFirst();
  }

  private Optional<String> any(Optional<String> principal, Action action) {
    return one(principal, action, Optional.empty());
  }

  private Optional<String> one(Optional<String> principal, Action action, Optional<String> object) {
    return acls.permits(principal, action, object)
        ? Optional.empty()
        : Optional.of(
            "Not authorized to perform action "
                + action
                + " on "
                + object.map(name -> "'" + name + "'").orElse("ANY object"));
  }
}
