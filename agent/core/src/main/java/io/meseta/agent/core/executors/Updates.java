// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.checks.Checks;
import io.meseta.agent.core.frameworks.Framework;
import io.meseta.agent.core.recovery.Write;
import io.meseta.agent.core.status.StatusUpdates;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.Uuids;
import io.meseta.wire.internal.StatusUpdate;
import io.meseta.wire.internal.StatusUpdateRecord;
import io.meseta.wire.v1.ContainerID;
import io.meseta.wire.v1.ContainerStatus;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.NetworkInfo;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Says what happens to tasks: changes their state and hands the update over for delivery.
public final class Updates {
  private final Agent agent;
  private final StatusUpdates status;

  public Updates(Agent agent, StatusUpdates status) {
    this.agent = agent;
    this.status = status;
  }

  /// An update as a command executor makes it.
  TaskStatus.Builder executorStatus(Executor executor, TaskRun task, TaskState state) {
    var builder =
        base(task.info.getTaskId(), state)
            .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
            .setExecutorId(executor.info.getExecutorId());
    if (task.info.hasCheck()) {
      builder.setCheckStatus(Checks.noStatus(task.info.getCheck()));
    }
    var container =
        ContainerStatus.newBuilder()
            .setContainerId(
                containerId(executor.custom == null ? task.containerId : executor.containerId))
            .addNetworkInfos(
                NetworkInfo.newBuilder()
                    .addIpAddresses(
                        NetworkInfo.IPAddress.newBuilder()
                            .setProtocol(NetworkInfo.Protocol.IPv4)
                            .setIpAddress(agent.config.ip())));
    if (executor.custom != null && executor.custom.pid > 0) {
      container.setExecutorPid((int) executor.custom.pid);
    }
    if (task.pid > 0) {
      container.setExecutorPid((int) task.pid);
    }
    return builder.setContainerStatus(container);
  }

  /// An update that the agent makes where no executor can.
  TaskStatus.Builder agentStatus(
      Executor executor, TaskRun task, TaskState state, TaskStatus.Reason reason, String message) {
    return base(task.info.getTaskId(), state)
        .setSource(TaskStatus.Source.SOURCE_AGENT)
        .setExecutorId(executor.info.getExecutorId())
        .setReason(reason)
        .setMessage(message);
  }

  /// Reports that a task was killed while it still waited for its executor.
  void killedBeforeDelivery(Executors.Found found) {
    var status =
        agentStatus(
            found.executor(),
            found.task(),
            TaskState.TASK_KILLED,
            TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH,
            "Killed before delivery to the executor");
    report(found.framework(), found.executor(), found.task(), status.build());
  }

  private TaskStatus.Builder base(TaskID taskId, TaskState state) {
    return TaskStatus.newBuilder()
        .setTaskId(taskId)
        .setState(state)
        .setAgentId(agent.info.getId())
        .setTimestamp(agent.timestamp())
        .setUuid(Uuids.bytes(agent.ids.uuid()));
  }

  /// Delivers `status`: from now on the task is in that state.
  void report(Framework framework, Executor executor, TaskRun task, TaskStatus made) {
    report(framework, executor, task, made, () -> {});
  }

  /// As above; `written` is called when the update is on disk, or needs not be.
  void report(
      Framework framework, Executor executor, TaskRun task, TaskStatus made, Runnable written) {
    if (task.terminal() || framework.terminating) {
      return; // nothing follows a terminal state, and nobody acknowledges for a framework that is
      // gone
    }
    var told = drained(framework, made);
    var builder = task.task.toBuilder().setState(told.getState());
    int last = builder.getStatusesCount() - 1;
    if (last >= 0 && builder.getStatuses(last).getState() == told.getState()) {
      builder.removeStatuses(last);
    }
    task.task = builder.addStatuses(told).build();
    if (told.getState() == TaskState.TASK_RUNNING) {
      task.lastRunning = told;
    }
    count(told.getState());
    boolean terminal = TaskStates.isTerminal(told.getState());
    status.add(
        update(framework.info.getId(), told),
        path(framework, executor, task),
        () -> {
          written.run();
          if (terminal && executor.custom == null) {
            // Its end is on disk: the shim's record is not needed for another telling.
            agent.out.add(new io.meseta.agent.core.Effect.ForgetContainer(task.containerId));
          }
        });
  }

  /// Writes down that the task is being killed, for an agent that is restarted meanwhile; the
  /// framework does not want to hear of it.
  void remember(Framework framework, Executor executor, TaskRun task, TaskStatus killing) {
    if (framework.checkpoints() && !task.killWritten) {
      task.killWritten = true;
      var record =
          StatusUpdateRecord.newBuilder()
              .setType(StatusUpdateRecord.Type.UPDATE)
              .setUpdate(update(framework.info.getId(), killing))
              .build();
      agent.out.persist(new Write.Append(path(framework, executor, task), record.toByteString()));
    }
  }

  /// Runs `next` when all that was said of the framework's tasks is on disk.
  void whenWritten(Framework framework, Runnable next) {
    if (framework.checkpoints()) {
      agent.out.persist(List.of(), next);
    } else {
      next.run();
    }
  }

  /// An update for a task that this agent never had, or has no executor of.
  public void reportUnknown(
      FrameworkID frameworkId,
      boolean partitionAware,
      TaskID taskId,
      TaskStatus.Reason reason,
      String message) {
    var made =
        base(taskId, TaskStates.forFramework(TaskState.TASK_DROPPED, partitionAware))
            .setSource(TaskStatus.Source.SOURCE_AGENT)
            .setReason(reason)
            .setMessage(message)
            .build();
    count(made.getState());
    status.add(update(frameworkId, made), "", () -> {});
  }

  /// Where the updates of the task are written; "" when they are not.
  String path(Framework framework, Executor executor, TaskRun task) {
    return framework.checkpoints() ? folder(framework, executor, task) + "/task.updates" : "";
  }

  /// Where all of the task is written.
  String folder(Framework framework, Executor executor, TaskRun task) {
    return agent.layout.metaRun(agent.id(), framework.id(), executor.id(), executor.containerId)
        + "/tasks/"
        + task.id();
  }

  /// While the agent is being drained, kills are said to be by that.
  private TaskStatus drained(Framework framework, TaskStatus made) {
    var drain = agent.drain;
    if (drain == null
        || (made.getState() != TaskState.TASK_KILLING
            && made.getState() != TaskState.TASK_KILLED)) {
      return made;
    }
    var result = made.toBuilder().setReason(TaskStatus.Reason.REASON_AGENT_DRAINING);
    if (drain.getMarkGone()
        && framework.can(FrameworkInfo.Capability.Type.PARTITION_AWARE)
        && made.getState() == TaskState.TASK_KILLED) {
      result.setState(TaskState.TASK_GONE_BY_OPERATOR);
    }
    return result.build();
  }

  private StatusUpdate update(FrameworkID frameworkId, TaskStatus made) {
    var update =
        StatusUpdate.newBuilder()
            .setFrameworkId(frameworkId)
            .setSlaveId(agent.info.getId())
            .setStatus(made)
            .setTimestamp(made.getTimestamp())
            .setUuid(made.getUuid())
            .setLatestState(made.getState());
    if (made.hasExecutorId()) {
      update.setExecutorId(made.getExecutorId());
    }
    return update.build();
  }

  private void count(TaskState state) {
    agent.count("slave/valid_status_updates");
    switch (state) {
      case TASK_FINISHED, TASK_FAILED, TASK_KILLED, TASK_LOST, TASK_GONE ->
          agent.count(
              "slave/tasks_" + state.name().substring("TASK_".length()).toLowerCase(Locale.ROOT));
      default -> {}
    }
  }

  /// `a.b` is container `b` within `a`.
  public static ContainerID containerId(String id) {
    @Nullable ContainerID parent = null;
    for (var part : id.split("\\.")) {
      var builder = ContainerID.newBuilder().setValue(part);
      if (parent != null) {
        builder.setParent(parent);
      }
      parent = builder.build();
    }
    return parent == null ? ContainerID.getDefaultInstance() : parent;
  }
}
