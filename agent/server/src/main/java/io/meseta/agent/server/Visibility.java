// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.model.acls.Acls;
import io.meseta.model.acls.Action;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/// What of the agent one principal may see. What is hidden looks as if it were not there.
final class Visibility {
  private final Acls acls;
  private final Optional<String> principal;

  Visibility(Acls acls, Optional<String> principal) {
    this.acls = acls;
    this.principal = principal;
  }

  private boolean any(Action action) {
    return acls.permits(principal, action, Optional.empty());
  }

  boolean flags() {
    return any(Action.VIEW_FLAGS);
  }

  boolean log() {
    return any(Action.ACCESS_MESOS_LOG);
  }

  boolean sandbox(ExecutorInfo executor, FrameworkInfo framework) {
    return permits(Action.ACCESS_SANDBOX, executor, framework);
  }

  private boolean permits(Action action, ExecutorInfo executor, FrameworkInfo framework) {
    return acls.permits(
        principal,
        action,
        executor.getCommand().hasUser() ? executor.getCommand().getUser() : framework.getUser());
  }

  /// Without hidden frameworks, executors, tasks and what is reserved to hidden roles.
  AgentSnapshot of(AgentSnapshot all) {
    return acls.isEmpty()
        ? all
        : with(
            all,
            info(all.info()),
            resources(all.total()),
            resources(all.allocated()),
            frameworks(all.frameworks()),
            frameworks(all.completedFrameworks()),
            all.operations().stream().filter(this::operation).toList());
  }

  /// With only the executors whose containers may be seen, which is another permission than that to
  /// see the executors.
  AgentSnapshot containers(AgentSnapshot all) {
    return acls.isEmpty()
        ? all
        : with(
            all,
            all.info(),
            all.total(),
            all.allocated(),
            all.frameworks().stream()
                .map(framework ->
                    executors(
                        framework,
                        (executor, owner) ->
                            permits(Action.VIEW_CONTAINER, executor.info(), owner)))
                .toList(),
            all.completedFrameworks(),
            all.operations());
  }

  private static AgentSnapshot with(
      AgentSnapshot all,
      AgentInfo info,
      Resources total,
      Resources allocated,
      List<AgentSnapshot.Framework> frameworks,
      List<AgentSnapshot.Framework> completed,
      List<Operation> operations) {
    return new AgentSnapshot(
        all.phase(),
        info,
        all.self(),
        all.started(),
        all.master(),
        all.drain(),
        all.drainStarted(),
        total,
        allocated,
        frameworks,
        completed,
        operations,
        all.counts(),
        all.gcPending(),
        all.gcMaxAge());
  }

  private boolean role(String role) {
    return role.equals("*") || acls.permits(principal, Action.VIEW_ROLE, role);
  }

  private AgentInfo info(AgentInfo all) {
    var shown = resources(ResourceWire.decodeTrusted(all.getResourcesList()));
    return all.toBuilder()
        .clearResources()
        .addAllResources(ResourceWire.encode(shown, ResourceWire.Format.POST))
        .build();
  }

  /// Each reservation of a stack has a role that must be seen.
  private Resources resources(Resources all) {
    var shown = all;
    for (var item : all.items()) {
      var wire = ResourceWire.encode(Resources.of(item), ResourceWire.Format.POST);
      if (!wire.stream().allMatch(this::resource)) {
        shown = shown.minus(Resources.of(item));
      }
    }
    return shown;
  }

  @SuppressWarnings("deprecation") // the form before reservations could be refined
  private boolean resource(Resource resource) {
    return role(resource.getRole())
        && (!resource.hasAllocationInfo() || role(resource.getAllocationInfo().getRole()))
        && resource.getReservationsList().stream()
            .allMatch(reservation -> role(reservation.getRole()));
  }

  private boolean operation(Operation operation) {
    var info = operation.getInfo();
    return Stream.of(
            info.getReserve().getResourcesList(),
            info.getUnreserve().getResourcesList(),
            info.getCreate().getVolumesList(),
            info.getDestroy().getVolumesList(),
            List.of(info.getGrowVolume().getVolume(), info.getGrowVolume().getAddition()),
            List.of(info.getShrinkVolume().getVolume()),
            List.of(info.getCreateDisk().getSource()),
            List.of(info.getDestroyDisk().getSource()))
        .flatMap(List::stream)
        .allMatch(this::resource);
  }

  private List<AgentSnapshot.Framework> frameworks(List<AgentSnapshot.Framework> all) {
    return all.stream()
        .filter(f -> acls.permits(principal, Action.VIEW_FRAMEWORK, f.info().getUser()))
        .map(f ->
            executors(
                f, (executor, owner) -> permits(Action.VIEW_EXECUTOR, executor.info(), owner)))
        .map(this::tasks)
        .toList();
  }

  private static AgentSnapshot.Framework executors(
      AgentSnapshot.Framework all, BiPredicate<AgentSnapshot.Executor, FrameworkInfo> shown) {
    return new AgentSnapshot.Framework(
        all.info(),
        all.pid(),
        all.executors().stream().filter(e -> shown.test(e, all.info())).toList(),
        all.completedExecutors().stream().filter(e -> shown.test(e, all.info())).toList());
  }

  private AgentSnapshot.Framework tasks(AgentSnapshot.Framework all) {
    return new AgentSnapshot.Framework(
        all.info(),
        all.pid(),
        all.executors().stream().map(e -> tasks(e, all.info())).toList(),
        all.completedExecutors().stream().map(e -> tasks(e, all.info())).toList());
  }

  private AgentSnapshot.Executor tasks(AgentSnapshot.Executor all, FrameworkInfo framework) {
    return new AgentSnapshot.Executor(
        all.info(),
        all.command(),
        all.over(),
        all.containerId(),
        all.sandbox(),
        all.containers(),
        all.queued().stream().filter(task -> queued(task, framework)).toList(),
        tasks(all.launched(), framework),
        tasks(all.terminated(), framework),
        tasks(all.completed(), framework));
  }

  private List<Task> tasks(List<Task> all, FrameworkInfo framework) {
    return all.stream()
        .filter(task -> task(task.hasUser() ? task.getUser() : framework.getUser()))
        .toList();
  }

  private boolean queued(TaskInfo task, FrameworkInfo framework) {
    return task(
        task.getCommand().hasUser()
            ? task.getCommand().getUser()
            : task.getExecutor().getCommand().hasUser()
                ? task.getExecutor().getCommand().getUser()
                : framework.getUser());
  }

  private boolean task(String user) {
    return acls.permits(principal, Action.VIEW_TASK, user);
  }
}
