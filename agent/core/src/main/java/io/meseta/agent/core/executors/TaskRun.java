// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.v1.KillPolicy;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import org.jspecify.annotations.Nullable;

/// One task and the container it runs in.
///
/// ```
/// QUEUED --written--> LAUNCHING --Started--> RUNNING --kill--> KILLING
///    |                    |                     |                 |
///    '--- kill ------> OVER <-- Refused, Exited +-----------------'
/// ```
///
/// The task's state on the wire is another thing: it follows by the updates, and ends with the
/// acknowledgement of a terminal one.
public final class TaskRun {
  /// Of the container.
  public enum Phase {
    QUEUED,
    LAUNCHING,
    RUNNING,
    KILLING,
    OVER
  }

  /// Why the task is being killed.
  enum KilledBy {
    REQUEST,
    HEALTH,
    DEADLINE,
    GROUP
  }

  public final TaskInfo info;
  public final String containerId;
  public final String sandbox;
  final boolean recovered;
  Task task;
  Phase phase = Phase.QUEUED;
  @Nullable KilledBy killedBy;
  @Nullable KillPolicy killPolicy;
  @Nullable TaskStatus lastRunning;
  long pid;

  /// Whether SIGTERM was sent.
  boolean signalled;

  /// Whether the disk says that the task is being killed, although its state does not.
  boolean killWritten;

  TaskRun(TaskInfo info, Task task, String containerId, String sandbox, boolean recovered) {
    this.info = info;
    this.task = task;
    this.containerId = containerId;
    this.sandbox = sandbox;
    this.recovered = recovered;
  }

  public String id() {
    return info.getTaskId().getValue();
  }

  public Task task() {
    return task;
  }

  public Phase phase() {
    return phase;
  }

  public TaskState state() {
    return task.getState();
  }

  boolean terminal() {
    return TaskStates.isTerminal(task.getState());
  }

  /// Whether there is, or may be, a process of it.
  boolean live() {
    return phase != Phase.OVER;
  }

  /// Whether its container was asked for but the command does not run yet.
  public boolean queued() {
    return task.getState() == TaskState.TASK_STAGING
        && (phase == Phase.QUEUED || phase == Phase.LAUNCHING);
  }
}
