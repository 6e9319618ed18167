// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.TimerKey;
import io.meseta.agent.core.checks.Checks;
import io.meseta.agent.core.container.Signal;
import io.meseta.agent.core.frameworks.Framework;
import io.meseta.agent.core.frameworks.Frameworks;
import io.meseta.agent.core.status.StatusUpdates;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.ShutdownExecutorMessage;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.KillPolicy;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Ends tasks: SIGTERM to all processes of the container, SIGKILL when the grace period is over.
///
/// The period is that of the call, else the task's kill policy, else three seconds; never longer
/// than a drain allows. A second kill of a task that is being killed changes only the period,
/// counted from the first.
public final class Kills {
  static final Duration DEFAULT_GRACE = Duration.ofSeconds(3);

  private final Agent agent;
  private final Frameworks frameworks;
  private final Executors executors;
  private final CustomExecutors customs;
  private final Updates updates;
  private final StatusUpdates status;
  private final Checks checks;
  private final Map<String, Instant> since = new HashMap<>();

  public Kills(
      Agent agent,
      Frameworks frameworks,
      Executors executors,
      CustomExecutors customs,
      Updates updates,
      StatusUpdates status,
      Checks checks) {
    this.agent = agent;
    this.frameworks = frameworks;
    this.executors = executors;
    this.customs = customs;
    this.updates = updates;
    this.status = status;
    this.checks = checks;
  }

  /// The scheduler wants a task dead.
  public void kill(KillTaskMessage message) {
    if (agent.phase == Agent.Phase.RECOVERING || agent.phase == Agent.Phase.TERMINATING) {
      return;
    }
    var framework = frameworks.find(message.getFrameworkId().getValue());
    if (framework.isEmpty() || framework.get().terminating) {
      return;
    }
    var found =
        executors.byTask(message.getFrameworkId().getValue(), message.getTaskId().getValue());
    if (found.isEmpty()) {
      updates.reportUnknown(
          message.getFrameworkId(),
          framework.get().can(FrameworkInfo.Capability.Type.PARTITION_AWARE),
          message.getTaskId(),
          TaskStatus.Reason.REASON_EXECUTOR_TERMINATED,
          "Cannot find executor");
      return;
    }
    kill(
        found.get(),
        TaskRun.KilledBy.REQUEST,
        message.hasKillPolicy() ? message.getKillPolicy() : null);
  }

  /// An executor with all its tasks.
  public void shutdown(ShutdownExecutorMessage message) {
    frameworks
        .find(message.getFrameworkId().getValue())
        .ifPresent(framework -> {
          var executor = framework.executors.get(message.getExecutorId().getValue());
          if (executor != null) {
            shutdown(framework, executor);
          }
        });
  }

  private void shutdown(Framework framework, Executor executor) {
    if (executor.custom != null) {
      customs.shutdown(framework, executor);
      return;
    }
    executor.shuttingDown = true;
    var grace =
        executor.info.hasShutdownGracePeriod()
            ? Duration.ofNanos(executor.info.getShutdownGracePeriod().getNanoseconds())
            : agent.config.executorShutdownGracePeriod();
    var policy = KillPolicy.newBuilder();
    policy.getGracePeriodBuilder().setNanoseconds(grace.toNanos());
    for (var task : List.copyOf(executor.tasks.values())) {
      kill(
          new Executors.Found(framework, executor, task),
          TaskRun.KilledBy.REQUEST,
          task.info.hasKillPolicy() ? null : policy.build());
    }
  }

  /// The framework is gone: its executors follow, and nothing is said of their tasks any more.
  public void shutdownFramework(Framework framework) {
    framework.terminating = true;
    status.forget(framework.id());
    for (var executor : List.copyOf(framework.executors.values())) {
      if (executor.terminated) {
        executor.tasks.clear();
        executors.removeIfDone(framework, executor);
      } else {
        shutdown(framework, executor);
      }
    }
    frameworks.removeIfIdle(framework);
  }

  /// Everything, for the end of the agent or a drain.
  public void killAll() {
    for (var framework : frameworks.copy()) {
      for (var executor : List.copyOf(framework.executors.values())) {
        for (var task : List.copyOf(executor.tasks.values())) {
          kill(new Executors.Found(framework, executor, task), TaskRun.KilledBy.REQUEST, null);
        }
      }
    }
  }

  /// All executors with all their tasks, said as usual.
  public void shutdownAll() {
    for (var framework : frameworks.copy()) {
      for (var executor : List.copyOf(framework.executors.values())) {
        if (!executor.terminated) {
          shutdown(framework, executor);
        }
      }
    }
  }

  /// Begins to kill one task, if it is not over already.
  void kill(Executors.Found found, TaskRun.KilledBy why, @Nullable KillPolicy policy) {
    var task = found.task();
    if (found.executor().custom != null) {
      customs.kill(found, policy);
      return;
    }
    switch (task.phase) {
      case QUEUED -> {
        task.killedBy = why;
        updates.killedBeforeDelivery(found);
        executors.containerOver(found.framework(), found.executor(), task);
        endGroup(found);
      }
      case LAUNCHING -> {
        task.killedBy = why;
        updates.remember(
            found.framework(),
            found.executor(),
            task,
            updates.executorStatus(found.executor(), task, TaskState.TASK_KILLING).build());
        updates.whenWritten(
            found.framework(),
            () -> {
              if (task.phase == TaskRun.Phase.LAUNCHING) {
                agent.out.add(new Effect.SignalContainer(task.containerId, Signal.KILL));
              }
            });
      }
      case RUNNING -> {
        task.phase = TaskRun.Phase.KILLING;
        task.killedBy = why;
        if (why != TaskRun.KilledBy.DEADLINE) {
          var killing =
              updates.executorStatus(found.executor(), task, TaskState.TASK_KILLING).build();
          if (found.framework().can(FrameworkInfo.Capability.Type.TASK_KILLING_STATE)) {
            updates.report(found.framework(), found.executor(), task, killing);
          } else {
            updates.remember(found.framework(), found.executor(), task, killing);
          }
        }
        checks.stop(task.containerId);
        agent.out.cancelTimer(new TimerKey.Deadline(task.containerId));
        since.put(task.containerId, agent.now);
        task.killPolicy = policy;
        // Written first: an agent that is restarted meanwhile must know why the task ended.
        updates.whenWritten(
            found.framework(),
            () -> {
              if (task.phase == TaskRun.Phase.KILLING) {
                task.signalled = true;
                agent.out.add(new Effect.SignalContainer(task.containerId, Signal.TERM));
                agent.out.setTimer(
                    new TimerKey.KillEscalation(task.containerId),
                    grace(task, why, task.killPolicy));
              }
            });
      }
      case KILLING -> {
        if (policy != null && !task.signalled) {
          task.killPolicy = policy; // counts when it is written
        } else if (policy != null && policy.hasGracePeriod()) {
          var elapsed =
              Duration.between(since.getOrDefault(task.containerId, agent.now), agent.now);
          var left = grace(task, why, policy).minus(elapsed);
          agent.out.setTimer(
              new TimerKey.KillEscalation(task.containerId),
              left.isNegative() ? Duration.ZERO : left);
        }
      }
      case OVER -> {}
    }
  }

  private Duration grace(TaskRun task, TaskRun.KilledBy why, @Nullable KillPolicy policy) {
    if (why == TaskRun.KilledBy.DEADLINE) {
      return Duration.ZERO;
    }
    var grace =
        policy != null && policy.hasGracePeriod()
            ? Duration.ofNanos(policy.getGracePeriod().getNanoseconds())
            : task.info.getKillPolicy().hasGracePeriod()
                ? Duration.ofNanos(task.info.getKillPolicy().getGracePeriod().getNanoseconds())
                : DEFAULT_GRACE;
    if (agent.drain != null && agent.drain.hasMaxGracePeriod()) {
      var most = Duration.ofNanos(agent.drain.getMaxGracePeriod().getNanoseconds());
      grace = most.compareTo(grace) < 0 ? most : grace;
    }
    return grace.isNegative() ? Duration.ZERO : grace;
  }

  /// The grace period is over.
  public void escalate(String containerId) {
    executors
        .byContainer(containerId)
        .filter(found -> found.task().phase == TaskRun.Phase.KILLING)
        .ifPresent(found -> agent.out.add(new Effect.SignalContainer(containerId, Signal.KILL)));
  }

  /// The task has run for as long as it may.
  public void deadline(String containerId) {
    executors
        .byContainer(containerId)
        .ifPresent(found -> kill(found, TaskRun.KilledBy.DEADLINE, null));
  }

  /// A task of a group ended otherwise than well: so do the others.
  void endGroup(Executors.Found found) {
    if (found.executor().command || found.task().state() == TaskState.TASK_FINISHED) {
      return;
    }
    for (var id : List.copyOf(found.executor().groupOf(found.task().id()))) {
      var other = found.executor().tasks.get(id);
      if (other != null && other.killedBy == null && other.live()) {
        kill(
            new Executors.Found(found.framework(), found.executor(), other),
            TaskRun.KilledBy.GROUP,
            null);
      }
    }
  }

  void over(String containerId) {
    if (since.remove(containerId) != null) {
      agent.out.cancelTimer(new TimerKey.KillEscalation(containerId));
    }
  }
}
