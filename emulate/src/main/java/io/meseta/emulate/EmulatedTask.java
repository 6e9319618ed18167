// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate;

import com.google.protobuf.ByteString;
import io.meseta.wire.internal.StatusUpdate;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// A task that does nothing. Its updates go out one after the other, each when the one before was
/// acknowledged.
final class EmulatedTask {
  final EmulatedAgent agent;
  final FrameworkID framework;
  final TaskID id;
  private final Task description;
  private final ArrayDeque<StatusUpdate> pending = new ArrayDeque<>(1);
  private TaskState state;

  EmulatedTask(EmulatedAgent agent, FrameworkID framework, AgentID agentId, TaskInfo info) {
    this(agent, describe(framework, agentId, info));
  }

  EmulatedTask(EmulatedAgent agent, Task description) {
    this.agent = agent;
    this.framework = description.getFrameworkId();
    this.id = description.getTaskId();
    this.description = description;
    this.state = description.getState();
  }

  private static Task describe(FrameworkID framework, AgentID agentId, TaskInfo info) {
    var task =
        Task.newBuilder()
            .setName(info.getName())
            .setTaskId(info.getTaskId())
            .setFrameworkId(framework)
            .setAgentId(agentId)
            .setState(TaskState.TASK_STAGING)
            .addAllResources(info.getResourcesList());
    if (info.hasLabels()) {
      task.setLabels(info.getLabels());
    }
    if (info.hasExecutor()) {
      task.setExecutorId(info.getExecutor().getExecutorId());
    }
    return task.build();
  }

  boolean ended() {
    return state != TaskState.TASK_STAGING && state != TaskState.TASK_RUNNING;
  }

  /// The task is now in this state; true when the update can be sent at once.
  boolean become(TaskState next, ByteString uuid, double now, AgentID agentId) {
    state = next;
    var status =
        TaskStatus.newBuilder()
            .setTaskId(id)
            .setState(next)
            .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
            .setAgentId(agentId)
            .setTimestamp(now)
            .setUuid(uuid);
    var update =
        StatusUpdate.newBuilder()
            .setFrameworkId(framework)
            .setSlaveId(agentId)
            .setTimestamp(now)
            .setUuid(uuid);
    if (description.hasExecutorId()) {
      status.setExecutorId(description.getExecutorId());
      update.setExecutorId(description.getExecutorId());
    }
    pending.add(update.setStatus(status).build());
    return pending.size() == 1;
  }

  /// What must be sent now; null when everything is acknowledged.
  @Nullable StatusUpdateMessage owed(String pid) {
    var update = pending.peek();
    return update == null
        ? null
        : StatusUpdateMessage.newBuilder()
            .setUpdate(update.toBuilder().setLatestState(state))
            .setPid(pid)
            .build();
  }

  /// Whether `uuid` is of the update under way, which is done with then.
  boolean acknowledged(ByteString uuid) {
    var update = pending.peek();
    if (update == null || !update.getUuid().equals(uuid)) {
      return false;
    }
    pending.remove();
    return true;
  }

  boolean done() {
    return ended() && pending.isEmpty();
  }

  /// What the agent says of it when it registers again.
  Task describe() {
    var task = description.toBuilder().setState(state);
    var update = pending.peek();
    if (update != null) {
      task.setStatusUpdateState(update.getStatus().getState())
          .setStatusUpdateUuid(update.getUuid());
    }
    return task.build();
  }
}
