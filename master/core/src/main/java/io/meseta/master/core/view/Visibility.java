// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.view;

import io.meseta.model.acls.Acls;
import io.meseta.model.acls.Action;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.roles.Roles;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.maintenance.ClusterStatus;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.master.Event;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// What of the master one principal may see. What is hidden looks as if it were not there.
public final class Visibility {
  private final Acls acls;
  private final Optional<String> principal;

  /// @param principal empty for whoever has not said who they are
  public Visibility(Acls acls, Optional<String> principal) {
    this.acls = acls;
    this.principal = principal;
  }

  /// Whether everything can be seen without asking.
  public boolean isTotal() {
    return acls.isEmpty();
  }

  public boolean role(String role) {
    return acls.permits(principal, Action.VIEW_ROLE, role);
  }

  public boolean framework(FrameworkInfo info) {
    return acls.permits(principal, Action.VIEW_FRAMEWORK, info.getUser());
  }

  public boolean task(Task task, FrameworkInfo framework) {
    return acls.permits(
        principal, Action.VIEW_TASK, task.hasUser() ? task.getUser() : framework.getUser());
  }

  public boolean executor(ExecutorInfo executor, FrameworkInfo framework) {
    return acls.permits(
        principal,
        Action.VIEW_EXECUTOR,
        executor.getCommand().hasUser() ? executor.getCommand().getUser() : framework.getUser());
  }

  /// The snapshot without what is hidden. Costs as much as there are tasks.
  public Snapshot of(Snapshot all) {
    if (isTotal()) {
      return all;
    }
    var shown = new LinkedHashSet<String>();
    all.frameworks().stream()
        .filter(framework -> framework(framework.info()))
        .forEach(framework -> shown.add(framework.id()));
    return new Snapshot(
        all.at(),
        all.electedTime(),
        all.agents().stream().map(this::agent).toList(),
        all.recoveredAgents().stream().map(this::recovered).toList(),
        all.unreachable(),
        frameworks(all.frameworks()),
        frameworks(all.completedFrameworks()),
        keep(all.weights(), this::role),
        all.operations().stream()
            .filter(operation ->
                !operation.hasFrameworkId()
                    || shown.contains(operation.getFrameworkId().getValue()))
            .filter(this::operation)
            .toList(),
        keep(all.quotas(), role -> acls.permits(principal, Action.GET_QUOTA, role)),
        acls.permits(principal, Action.GET_MAINTENANCE_SCHEDULE, Optional.empty())
            ? all.schedule()
            : Schedule.getDefaultInstance(),
        acls.permits(principal, Action.GET_MAINTENANCE_STATUS, Optional.empty())
            ? all.maintenance()
            : ClusterStatus.getDefaultInstance(),
        all.counters(),
        all.refusals(),
        all.watchers(),
        all.queuedRegistryOperations(),
        this::role);
  }

  private List<FrameworkView> frameworks(List<FrameworkView> all) {
    return all.stream()
        .filter(framework -> framework(framework.info()))
        .map(this::framework)
        .toList();
  }

  private FrameworkView framework(FrameworkView all) {
    return new FrameworkView(
        all.info(),
        all.roles(),
        all.active(),
        all.connected(),
        all.recovered(),
        all.registeredTime(),
        all.reregisteredTime(),
        all.unregisteredTime(),
        tasks(all.tasks(), all.info()),
        tasks(all.unreachableTasks(), all.info()),
        tasks(all.completedTasks(), all.info()),
        all.executors().stream().filter(executor -> executor(executor.info(), all.info())).toList(),
        all.offers(),
        all.constraints(),
        all.suppressedRoles(),
        all.pid(),
        all.counts());
  }

  private List<Task> tasks(List<Task> all, FrameworkInfo framework) {
    return all.stream().filter(task -> task(task, framework)).toList();
  }

  /// Without what is reserved to roles that are hidden, or held by them.
  private AgentView agent(AgentView all) {
    var parts = Stream.concat(Stream.of(all.total()), all.offered().stream());
    var used = all.used().values().stream().flatMap(List::stream);
    return Stream.concat(parts, used).allMatch(part -> part.items().stream().allMatch(this::item))
        ? all
        : all.showing(this::item);
  }

  /// Whoever may not see one of the roles that a resource is reserved to, one after the other, does
  /// not see the resource.
  private boolean item(ResourceItem item) {
    var holder = item.key().allocationRole();
    return (holder == null || role(holder))
        && item.key().reservations().stream().allMatch(reservation -> role(reservation.getRole()));
  }

  /// The same for a resource in any of the formats.
  @SuppressWarnings("deprecation") // the form before reservations could be refined
  private boolean resource(Resource resource) {
    return (!resource.hasRole() || resource.getRole().equals(Roles.ANY) || role(resource.getRole()))
        && (!resource.hasAllocationInfo() || role(resource.getAllocationInfo().getRole()))
        && resource.getReservationsList().stream()
            .allMatch(reservation -> role(reservation.getRole()));
  }

  private boolean operation(Operation operation) {
    var info = operation.getInfo();
    return Stream.of(
            info.getReserve().getSourceList(),
            info.getReserve().getResourcesList(),
            info.getUnreserve().getResourcesList(),
            info.getCreate().getVolumesList(),
            info.getDestroy().getVolumesList(),
            List.of(info.getGrowVolume().getVolume(), info.getGrowVolume().getAddition()),
            List.of(info.getShrinkVolume().getVolume()))
        .flatMap(List::stream)
        .allMatch(this::resource);
  }

  private static <V> Map<String, V> keep(Map<String, V> all, Predicate<String> shown) {
    var result = new LinkedHashMap<>(all);
    result.keySet().removeIf(shown.negate());
    return result;
  }

  private AgentInfo recovered(AgentInfo info) {
    return info.getResourcesList().stream().allMatch(this::resource)
        ? info
        : AgentView.shown(info, this::item);
  }

  /// The event without what may not be seen of it.
  public Event shown(Event event) {
    if (isTotal() || event.getType() != Event.Type.AGENT_ADDED) {
      return event;
    }
    var result = event.toBuilder();
    var agent = result.getAgentAddedBuilder().getAgentBuilder();
    var all = event.getAgentAdded().getAgent();
    agent
        .setAgentInfo(recovered(all.getAgentInfo()))
        .clearTotalResources()
        .addAllTotalResources(resources(all.getTotalResourcesList()))
        .clearAllocatedResources()
        .addAllAllocatedResources(resources(all.getAllocatedResourcesList()))
        .clearOfferedResources()
        .addAllOfferedResources(resources(all.getOfferedResourcesList()));
    return result.build();
  }

  private List<Resource> resources(List<Resource> all) {
    return all.stream().filter(this::resource).toList();
  }

  /// Whether an event may be seen at all.
  ///
  /// @param frameworks finds what is known of a framework
  public boolean event(
      Event event,
      Function<String, Optional<FrameworkInfo>> frameworks,
      BiFunction<String, String, Optional<Task>> tasks) {
    return switch (event.getType()) {
      case TASK_ADDED -> {
        var task = event.getTaskAdded().getTask();
        yield frameworks
            .apply(task.getFrameworkId().getValue())
            .filter(info -> framework(info) && task(task, info))
            .isPresent();
      }
      case TASK_UPDATED -> {
        var update = event.getTaskUpdated();
        var id = update.getFrameworkId().getValue();
        var info = frameworks.apply(id);
        var task = tasks.apply(id, update.getStatus().getTaskId().getValue());
        yield info.isPresent()
            && task.isPresent()
            && framework(info.get())
            && task(task.get(), info.get());
      }
      case FRAMEWORK_ADDED ->
          framework(event.getFrameworkAdded().getFramework().getFrameworkInfo());
      case FRAMEWORK_UPDATED ->
          framework(event.getFrameworkUpdated().getFramework().getFrameworkInfo());
      case FRAMEWORK_REMOVED -> framework(event.getFrameworkRemoved().getFrameworkInfo());
      default -> true;
    };
  }
}
