// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.agent.core.frameworks.Framework;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import java.util.ArrayList;
import java.util.List;

/// Snapshots of frameworks and executors.
public final class Views {
  private Views() {}

  public static AgentSnapshot.Framework of(Framework framework) {
    return new AgentSnapshot.Framework(
        framework.info,
        framework.pid,
        framework.executors.values().stream().map(Views::of).toList(),
        framework.completedExecutors.stream().map(Views::of).toList());
  }

  private static AgentSnapshot.Executor of(Executor executor) {
    var queued = new ArrayList<TaskInfo>();
    var launched = new ArrayList<Task>();
    var terminated = new ArrayList<Task>();
    var containers = new ArrayList<AgentSnapshot.Container>();
    for (var task : executor.tasks()) {
      if (task.queued()) {
        queued.add(task.info);
      } else if (task.terminal()) {
        terminated.add(task.task());
      } else {
        launched.add(task.task());
      }
      if (executor.custom == null
          && (task.phase() == TaskRun.Phase.RUNNING || task.phase() == TaskRun.Phase.KILLING)) {
        containers.add(
            new AgentSnapshot.Container(task.containerId, task.id(), task.pid, task.sandbox));
      }
    }
    if (executor.custom != null && executor.custom.pid > 0 && !executor.custom.over) {
      containers.add(
          new AgentSnapshot.Container(
              executor.containerId, "", executor.custom.pid, executor.sandbox));
    }
    return new AgentSnapshot.Executor(
        executor.info,
        executor.command,
        executor.terminated(),
        executor.containerId,
        executor.sandbox,
        containers,
        queued,
        launched,
        terminated,
        List.copyOf(executor.completed));
  }

  /// What an executor and its unfinished tasks hold.
  public static Resources allocated(AgentSnapshot.Executor executor) {
    if (executor.over()) {
      return Resources.EMPTY;
    }
    var parts = new ArrayList<Resources>();
    parts.add(ResourceWire.decodeTrusted(executor.info().getResourcesList()));
    executor
        .queued()
        .forEach(task -> parts.add(ResourceWire.decodeTrusted(task.getResourcesList())));
    executor
        .launched()
        .forEach(task -> parts.add(ResourceWire.decodeTrusted(task.getResourcesList())));
    return Resources.sum(parts);
  }

  /// See [#allocated(AgentSnapshot.Executor)].
  public static Resources allocated(List<AgentSnapshot.Framework> frameworks) {
    return Resources.sum(
        frameworks.stream()
            .flatMap(framework -> framework.executors().stream())
            .map(Views::allocated)
            .toList());
  }
}
