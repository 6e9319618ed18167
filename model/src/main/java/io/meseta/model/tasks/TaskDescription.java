// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.tasks;

import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;

/// The `Task` that masters, agents and readers see of a `TaskInfo`.
public final class TaskDescription {
  private TaskDescription() {}

  /// A task about to be launched: TASK_STAGING, without statuses.
  public static Task staging(TaskInfo info, FrameworkID framework) {
    var task =
        Task.newBuilder()
            .setName(info.getName())
            .setTaskId(info.getTaskId())
            .setFrameworkId(framework)
            .setAgentId(info.getAgentId())
            .setState(TaskState.TASK_STAGING)
            .addAllResources(info.getResourcesList())
            .putAllLimits(info.getLimitsMap());
    if (info.hasExecutor()) {
      task.setExecutorId(info.getExecutor().getExecutorId());
    }
    if (info.hasLabels()) {
      task.setLabels(info.getLabels());
    }
    if (info.hasDiscovery()) {
      task.setDiscovery(info.getDiscovery());
    }
    if (info.hasContainer()) {
      task.setContainer(info.getContainer());
    }
    if (info.hasHealthCheck()) {
      task.setHealthCheck(info.getHealthCheck());
    }
    if (info.hasKillPolicy()) {
      task.setKillPolicy(info.getKillPolicy());
    }
    if (info.getCommand().hasUser()) {
      task.setUser(info.getCommand().getUser());
    } else if (info.getExecutor().getCommand().hasUser()) {
      task.setUser(info.getExecutor().getCommand().getUser());
    }
    return task.build();
  }
}
