// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.TimerKey;
import io.meseta.agent.core.checks.Checks;
import io.meseta.agent.core.checks.ProbeResult;
import io.meseta.agent.core.container.ContainerEvent;
import io.meseta.agent.core.container.ExitStatus;
import io.meseta.agent.core.container.Signal;
import io.meseta.agent.core.recovery.Write;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// What the containers say, turned into the states of their tasks.
public final class ContainerNews {
  private final Agent agent;
  private final Executors executors;
  private final CustomExecutors customs;
  private final Updates updates;
  private final Kills kills;
  private final Checks checks;

  public ContainerNews(
      Agent agent,
      Executors executors,
      CustomExecutors customs,
      Updates updates,
      Kills kills,
      Checks checks) {
    this.customs = customs;
    this.agent = agent;
    this.executors = executors;
    this.updates = updates;
    this.kills = kills;
    this.checks = checks;
  }

  public void on(ContainerEvent event) {
    var custom = executors.custom(event.id());
    if (custom.isPresent()) {
      customs.on(custom.get(), event);
      return;
    }
    var found = executors.byContainer(event.id());
    if (found.isEmpty() || found.get().task().phase == TaskRun.Phase.OVER) {
      if (!(event instanceof ContainerEvent.Started)) {
        agent.out.add(new Effect.ForgetContainer(event.id()));
      }
      return;
    }
    switch (event) {
      case ContainerEvent.Started(_, long pid) -> started(found.get(), pid);
      case ContainerEvent.Refused(_, _, var message) -> refused(found.get(), message);
      case ContainerEvent.Exited(_, var status) -> exited(found.get(), status);
    }
  }

  private void started(Executors.Found found, long pid) {
    var task = found.task();
    if (task.phase == TaskRun.Phase.RUNNING || task.phase == TaskRun.Phase.KILLING) {
      return;
    }
    task.pid = pid;
    task.phase = TaskRun.Phase.RUNNING;
    if (found.framework().checkpoints()) {
      var run =
          agent.layout.metaRun(
              agent.id(),
              found.framework().id(),
              found.executor().id(),
              found.executor().containerId);
      agent.out.persist(
          new Write.Put(
              run + "/pids/forked.pid",
              com.google.protobuf.ByteString.copyFrom(
                  Long.toString(pid), StandardCharsets.US_ASCII),
              false));
    }
    if (task.killedBy != null) {
      task.phase = TaskRun.Phase.KILLING;
      agent.out.add(new Effect.SignalContainer(task.containerId, Signal.KILL));
      return;
    }
    if (task.state() == TaskState.TASK_KILLING || task.killWritten) {
      kills.kill(found, TaskRun.KilledBy.REQUEST, null); // what the last agent began
      return;
    }
    if (task.state() == TaskState.TASK_STAGING) {
      report(found, updates.executorStatus(found.executor(), task, TaskState.TASK_STARTING));
    }
    if (task.state() == TaskState.TASK_STARTING) {
      report(found, updates.executorStatus(found.executor(), task, TaskState.TASK_RUNNING));
    }
    checks.start(
        task.containerId,
        task.info,
        new Checks.Place(
            task.sandbox,
            Launches.user(found.framework(), task),
            TaskEnvironment.of(agent, found.framework(), found.executor(), task),
            "127.0.0.1"),
        agent.now);
    if (task.info.hasMaxCompletionTime()) {
      agent.out.setTimer(
          new TimerKey.Deadline(task.containerId),
          Duration.ofNanos(task.info.getMaxCompletionTime().getNanoseconds()).minus(age(task)));
    }
  }

  /// How long a task that was found again runs already.
  private Duration age(TaskRun task) {
    return task.task.getStatusesList().stream()
        .filter(status -> status.getState() == TaskState.TASK_RUNNING)
        .findFirst()
        .map(status ->
            Duration.ofMillis(Math.round((agent.timestamp() - status.getTimestamp()) * 1000)))
        .filter(age -> !age.isNegative())
        .orElse(Duration.ZERO);
  }

  private void refused(Executors.Found found, String message) {
    agent.count("slave/container_launch_errors");
    var task = found.task();
    var update =
        task.killedBy != null
            ? updates.agentStatus(
                found.executor(),
                task,
                TaskState.TASK_KILLED,
                TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH,
                "Killed while it was being launched")
            : updates.agentStatus(
                found.executor(),
                task,
                TaskState.TASK_FAILED,
                TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED,
                "Failed to launch container: " + message);
    over(found, update);
  }

  private void exited(Executors.Found found, ExitStatus status) {
    var task = found.task();
    TaskStatus.Builder update;
    if (status instanceof ExitStatus.Unknown(var why)) {
      update = unknown(found, why);
    } else {
      var state =
          task.killedBy == TaskRun.KilledBy.DEADLINE
              ? TaskState.TASK_FAILED
              : task.killedBy != null
                  ? TaskState.TASK_KILLED
                  : status.equals(new ExitStatus.Exited(0))
                      ? TaskState.TASK_FINISHED
                      : TaskState.TASK_FAILED;
      update =
          updates
              .executorStatus(found.executor(), task, state)
              .setMessage("Command " + status.describe());
      if (task.killedBy == TaskRun.KilledBy.DEADLINE) {
        update.setReason(TaskStatus.Reason.REASON_MAX_COMPLETION_TIME_REACHED);
      }
      if (task.killedBy == TaskRun.KilledBy.HEALTH) {
        update.setHealthy(false);
      }
    }
    over(found, update);
  }

  /// Nobody knows how it ended.
  private TaskStatus.Builder unknown(Executors.Found found, String why) {
    var task = found.task();
    boolean killed =
        task.killedBy != null || task.killWritten || task.state() == TaskState.TASK_KILLING;
    if (!killed && task.recovered && task.state() == TaskState.TASK_STAGING) {
      var state =
          TaskStates.forFramework(
              TaskState.TASK_DROPPED,
              found.framework().can(FrameworkInfo.Capability.Type.PARTITION_AWARE));
      return updates.agentStatus(
          found.executor(),
          task,
          state,
          TaskStatus.Reason.REASON_AGENT_RESTARTED,
          "The agent was restarted before the task was: " + why);
    }
    return updates.agentStatus(
        found.executor(),
        task,
        killed ? TaskState.TASK_KILLED : TaskState.TASK_FAILED,
        TaskStatus.Reason.REASON_EXECUTOR_TERMINATED,
        "Abnormal executor termination: " + why);
  }

  private void over(Executors.Found found, TaskStatus.Builder update) {
    var task = found.task();
    checks.stop(task.containerId);
    agent.out.cancelTimer(new TimerKey.Deadline(task.containerId));
    kills.over(task.containerId);
    if (found.framework().terminating || task.terminal()) {
      agent.out.add(new Effect.ForgetContainer(task.containerId));
    }
    report(found, update);
    executors.containerOver(found.framework(), found.executor(), task);
    kills.endGroup(found);
  }

  private void report(Executors.Found found, TaskStatus.Builder update) {
    updates.report(found.framework(), found.executor(), found.task(), update.build());
  }

  /// A check has a result.
  public void probed(String containerId, ProbeResult.Kind kind, ProbeResult result) {
    var found = executors.byContainer(containerId);
    var verdict = checks.probed(containerId, kind, result, agent.now);
    if (found.isEmpty() || verdict.isEmpty() || found.get().task().phase != TaskRun.Phase.RUNNING) {
      return;
    }
    var task = found.get().task();
    var before = task.lastRunning;
    var update = updates.executorStatus(found.get().executor(), task, TaskState.TASK_RUNNING);
    if (before != null && before.hasHealthy()) {
      update.setHealthy(before.getHealthy());
    }
    if (before != null && before.hasCheckStatus()) {
      update.setCheckStatus(before.getCheckStatus());
    }
    switch (verdict.get()) {
      case Checks.Verdict.Health(boolean healthy, boolean kill, String why) -> {
        if (!why.isEmpty()) {
          update.setMessage("Health check failed: " + why);
        }
        report(
            found.get(),
            update
                .setHealthy(healthy)
                .setReason(TaskStatus.Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED));
        if (kill) {
          kills.kill(found.get(), TaskRun.KilledBy.HEALTH, null);
        }
      }
      case Checks.Verdict.Status(var status) ->
          report(
              found.get(),
              update
                  .setCheckStatus(status)
                  .setReason(TaskStatus.Reason.REASON_TASK_CHECK_STATUS_UPDATED));
    }
  }
}
