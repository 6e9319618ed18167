// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.AgentConfig;
import io.meseta.agent.core.frameworks.Framework;
import io.meseta.agent.core.frameworks.Frameworks;
import io.meseta.agent.core.gc.Sandboxes;
import io.meseta.agent.core.recovery.Write;
import io.meseta.agent.core.status.StatusUpdates;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.StatusUpdate;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Owner of all executors: knows which container belongs to which task, and when an executor is
/// over.
public final class Executors {
  /// A task with all that it belongs to.
  public record Found(Framework framework, Executor executor, TaskRun task) {}

  /// A custom executor with its framework.
  public record Owner(Framework framework, Executor executor) {}

  private final Agent agent;
  private final Frameworks frameworks;
  private final Sandboxes sandboxes;
  private final Map<String, Found> byContainer = new HashMap<>();
  private final Map<String, Owner> customs = new HashMap<>();

  public Executors(Agent agent, Frameworks frameworks, Sandboxes sandboxes) {
    this.agent = agent;
    this.frameworks = frameworks;
    this.sandboxes = sandboxes;
  }

  /// The task that runs in a container.
  public Optional<Found> byContainer(String containerId) {
    return Optional.ofNullable(byContainer.get(containerId));
  }

  /// The task of that name.
  public Optional<Found> byTask(String frameworkId, String taskId) {
    return frameworks
        .find(frameworkId)
        .flatMap(framework -> {
          var own = framework.executors.get(taskId);
          if (own != null && own.command && own.tasks.containsKey(taskId)) {
            return Optional.of(new Found(framework, own, own.tasks.get(taskId)));
          }
          for (var executor : framework.shared.values()) {
            var task = executor.tasks.get(taskId);
            if (task != null) {
              return Optional.of(new Found(framework, executor, task));
            }
          }
          return Optional.empty();
        });
  }

  /// The custom executor that runs in a container.
  public Optional<Owner> custom(String containerId) {
    return Optional.ofNullable(customs.get(containerId));
  }

  void add(Framework framework, Executor executor) {
    framework.executors.put(executor.id(), executor);
    if (!executor.command) {
      framework.shared.put(executor.id(), executor);
    }
    if (executor.custom != null) {
      customs.put(executor.containerId, new Owner(framework, executor));
    }
  }

  void add(Framework framework, Executor executor, TaskRun task) {
    executor.tasks.put(task.id(), task);
    if (executor.custom != null) {
      return; // runs in the executor's container
    }
    byContainer.put(task.containerId, new Found(framework, executor, task));
  }

  /// Completes an update with what is known when it is sent, and remembers in the task that it was.
  public StatusUpdate complete(StatusUpdate update) {
    var found =
        byTask(update.getFrameworkId().getValue(), update.getStatus().getTaskId().getValue());
    if (found.isEmpty()) {
      return update;
    }
    var task = found.get().task();
    task.task =
        task.task.toBuilder()
            .setStatusUpdateState(update.getStatus().getState())
            .setStatusUpdateUuid(update.getUuid())
            .build();
    return update.toBuilder().setLatestState(task.state()).build();
  }

  /// The container of a task is over: perhaps the executor is too.
  void containerOver(Framework framework, Executor executor, TaskRun task) {
    task.phase = TaskRun.Phase.OVER;
    if (executor.terminated || executor.live()) {
      return;
    }
    terminated(framework, executor, 0);
  }

  /// Nothing of the executor runs any more.
  void terminated(Framework framework, Executor executor, int waitStatus) {
    executor.terminated = true;
    agent.count("slave/executors_terminated");
    if (!executor.command && agent.masterPid != null) {
      agent.out.send(
          agent.masterPid,
          ExitedExecutorMessage.newBuilder()
              .setSlaveId(agent.info.getId())
              .setFrameworkId(framework.info.getId())
              .setExecutorId(executor.info.getExecutorId())
              .setStatus(waitStatus)
              .build());
    }
    if (framework.terminating) {
      // Nobody acknowledges: what is owed is owed to nobody.
      for (var each : executor.tasks.values()) {
        archive(executor, each);
      }
      executor.tasks.clear();
    }
    removeIfDone(framework, executor);
  }

  /// An update was acknowledged.
  public void acknowledged(StatusUpdates.Acknowledged acknowledged) {
    if (!acknowledged.terminal()) {
      return;
    }
    var update = acknowledged.update();
    byTask(update.getFrameworkId().getValue(), update.getStatus().getTaskId().getValue())
        .ifPresent(found -> {
          var executor = found.executor();
          executor.tasks.remove(found.task().id());
          archive(executor, found.task());
          removeIfDone(found.framework(), executor);
        });
  }

  /// The task needs nothing more: it is only remembered.
  void archive(Executor executor, TaskRun task) {
    byContainer.remove(task.containerId);
    executor.completed.add(task.task);
    while (executor.completed.size() > AgentConfig.MAX_COMPLETED_TASKS_PER_EXECUTOR) {
      executor.completed.poll();
    }
  }

  /// Forgets an executor that is over and owes nothing.
  void removeIfDone(Framework framework, Executor executor) {
    if (!executor.terminated || !executor.tasks.isEmpty()) {
      return;
    }
    framework.executors.remove(executor.id());
    framework.shared.remove(executor.id());
    customs.remove(executor.containerId);
    sandboxes.schedule(executor.sandbox);
    if (framework.checkpoints()) {
      var run =
          agent.layout.metaRun(agent.id(), framework.id(), executor.id(), executor.containerId);
      agent.out.persist(
          new Write.Put(run + "/executor.sentinel", com.google.protobuf.ByteString.EMPTY, false));
      sandboxes.schedule(run);
    }
    framework.completedExecutors.add(executor);
    while (framework.completedExecutors.size() > agent.config.maxCompletedExecutorsPerFramework()) {
      framework.completedExecutors.poll();
    }
    frameworks.removeIfIdle(framework);
  }

  /// Whether any container of any framework is, or may be, alive.
  public boolean anyLive() {
    return frameworks.all().stream()
        .flatMap(framework -> framework.executors.values().stream())
        .anyMatch(Executor::live);
  }
}
