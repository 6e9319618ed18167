// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.master.core.Master;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Event;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Owns tasks and executors: they are always in their agent and, unless that is unknown, in their
/// framework, and hold their resources in the allocator from launch to end.
public final class Tasks {
  /// How many statuses a task remembers; only an executor gone wild reports more.
  private static final int MAX_STATUSES = 100;

  /// What watchers are told even if the state stays the same.
  private static final Set<TaskStatus.Reason> CHECKS =
      EnumSet.of(
          TaskStatus.Reason.REASON_TASK_CHECK_STATUS_UPDATED,
          TaskStatus.Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED);

  private final Master master;
  private final Alike alike = new Alike();

  public Tasks(Master master) {
    this.master = master;
  }

  /// The same task, sharing what it can with others.
  public Task sharing(Task task) {
    return alike.of(task);
  }

  /// Books a task whose resources the allocator already counts as the framework's.
  public LaunchedTask add(Task given, Agent agent, Framework framework) {
    var task = alike.of(given);
    var launched = new LaunchedTask(task, alike.held(task));
    agent.add(launched);
    framework.add(launched);
    master.watchers.taskAdded(task);
    return launched;
  }

  public void add(LaunchedExecutor executor, Agent agent, Framework framework) {
    agent.add(executor);
    framework.add(executor);
  }

  /// Tells the framework; false when it is not there to hear it.
  public boolean report(Framework framework, TaskStatus status) {
    return master.frameworks.send(
        framework,
        Event.newBuilder()
            .setType(Event.Type.UPDATE)
            .setUpdate(Event.Update.newBuilder().setStatus(status))
            .build());
  }

  /// Tells the framework of a task that never became one.
  public void refuse(Framework framework, TaskStatus status) {
    report(framework, status);
    count(status);
  }

  /// The same of a task that may not be launched as it is.
  void refuse(Framework framework, TaskInfo task, TaskStatus.Reason reason, String message) {
    refuse(
        framework,
        Statuses.unknown(
                task.getTaskId().getValue(),
                task.getAgentId().getValue(),
                TaskState.TASK_ERROR,
                reason,
                message,
                master.now())
            .build());
  }

  /// Takes note of a status that the master made up itself.
  public void apply(LaunchedTask launched, TaskStatus status) {
    apply(launched, status, status.getState());
  }

  /// Takes note of a status that the agent reported. Executors are anybody's programs, and not all
  /// agents refuse what only the master can say: the task stays what it was then.
  ///
  /// @param latest the task's state now, which may be ahead of a status that was reported late
  void applyReported(LaunchedTask launched, TaskStatus status, TaskState latest) {
    apply(launched, status, TaskStates.isMastersOnly(latest) ? launched.task().getState() : latest);
  }

  private void apply(LaunchedTask launched, TaskStatus status, TaskState latest) {
    boolean wasActive = launched.active();
    var before = launched.task();
    var after = before.toBuilder();
    if (wasActive) {
      after.setState(latest);
    }
    int count = after.getStatusesCount();
    boolean repeated = count > 0 && after.getStatuses(count - 1).getState() == status.getState();
    if (count > 0 && after.getStatuses(count - 1).getState() == status.getState()) {
      after.removeStatuses(count - 1);
    } else if (count == MAX_STATUSES) {
      after.removeStatuses(0);
    }
    after.addStatuses(alike.of(status.toBuilder().clearData(), before));
    if (status.hasUuid()) {
      after.setStatusUpdateState(status.getState()).setStatusUpdateUuid(status.getUuid());
    }
    launched.replace(after.build());
    if (!repeated || CHECKS.contains(status.getReason())) {
      master.watchers.taskUpdated(launched.task(), status);
    }
    master.frameworks.get(launched.frameworkId()).ifPresent(Framework::touch);
    if (wasActive && !launched.active()) {
      release(launched);
      count(status);
      master
          .frameworks
          .get(launched.frameworkId())
          .ifPresent(framework ->
              framework.counts.add(
                  "tasks/terminal/" + status.getState().name().toLowerCase(Locale.ROOT)));
    }
  }

  /// An unreachable task with the status that it ends with.
  public Task end(Task task, TaskStatus status) {
    count(status);
    return task.toBuilder().setState(status.getState()).addStatuses(status).build();
  }

  private void count(TaskStatus status) {
    var name = status.getState().name().toLowerCase(Locale.ROOT).replaceFirst("task_", "tasks_");
    master.counters.add(name);
    if (status.hasReason()) {
      master.counters.add(
          status.getState().name().toLowerCase(Locale.ROOT)
              + "/"
              + status.getSource().name().toLowerCase(Locale.ROOT).replace("_agent", "_slave")
              + "/"
              + status.getReason().name().toLowerCase(Locale.ROOT).replace("_agent_", "_slave_"));
    }
  }

  private void release(LaunchedTask task) {
    master.agents.get(task.agentId()).ifPresent(Agent::touch);
    master.allocator.recover(
        task.frameworkId(), task.agentId(), task.resources(), Optional.empty(), master.now());
  }

  /// The task ended and nothing more will be heard of it; or its agent or framework went away.
  public void remove(LaunchedTask task) {
    if (task.active()) {
      release(task);
    }
    master.agents.get(task.agentId()).ifPresent(agent -> agent.remove(task));
    master
        .frameworks
        .get(task.frameworkId())
        .ifPresent(
            framework -> framework.complete(task, master.config.maxCompletedTasksPerFramework()));
  }

  /// The task's agent is unreachable; the task may come back.
  public void markUnreachable(LaunchedTask task) {
    master.agents.get(task.agentId()).ifPresent(agent -> agent.remove(task));
    master
        .frameworks
        .get(task.frameworkId())
        .ifPresent(framework ->
            framework.markUnreachable(task, master.config.maxUnreachableTasksPerFramework()));
  }

  public void remove(LaunchedExecutor executor) {
    master.agents.get(executor.agentId()).ifPresent(agent -> agent.remove(executor));
    master
        .frameworks
        .get(executor.frameworkId())
        .ifPresent(framework -> framework.remove(executor));
    master.allocator.recover(
        executor.frameworkId(),
        executor.agentId(),
        executor.resources(),
        Optional.empty(),
        master.now());
  }
}
