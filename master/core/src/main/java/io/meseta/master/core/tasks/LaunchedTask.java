// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.model.resources.Resources;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;

/// A task on a registered agent. Owned by [Tasks]; the message in it is immutable and replaced, so
/// that views may keep it.
public final class LaunchedTask {
  private Task task;
  private final Resources resources;
  private boolean active;
  private boolean doubted;

  /// @param resources marked with the role that they are allocated to
  LaunchedTask(Task task, Resources resources) {
    this.task = task;
    this.resources = resources;
    this.active = holds(task);
  }

  private static boolean holds(Task task) {
    return !TaskStates.isTerminal(task.getState()) && task.getState() != TaskState.TASK_UNREACHABLE;
  }

  public Task task() {
    return task;
  }

  void replace(Task next) {
    task = next;
    active &= holds(next);
  }

  public String id() {
    return task.getTaskId().getValue();
  }

  public String frameworkId() {
    return task.getFrameworkId().getValue();
  }

  public String agentId() {
    return task.getAgentId().getValue();
  }

  public Resources resources() {
    return resources;
  }

  /// Whether it holds its resources: until it ends, acknowledged or not. They are given back once,
  /// so what was said of it afterwards does not count.
  public boolean active() {
    return active;
  }

  /// Its agent came back without a word of it, or with its end, which an update has still to tell.
  public void doubt(boolean gone) {
    doubted = gone;
  }

  /// Whether its agent has said that it has the task: not while it is on its way there, nor once
  /// the agent came back without it.
  public boolean confirmed() {
    return !doubted && task.getState() != TaskState.TASK_STAGING;
  }

  /// The state that the framework was last told, or will be.
  public TaskState reportedState() {
    return task.hasStatusUpdateState() ? task.getStatusUpdateState() : task.getState();
  }
}
