// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.time.Instant;

/// Builds the task statuses that the master itself reports. They carry no uuid: nobody acknowledges
/// them.
public final class Statuses {
  private Statuses() {}

  /// Seconds, as timestamps are on the wire.
  public static double seconds(Instant time) {
    return time.getEpochSecond() + time.getNano() / 1e9;
  }

  /// For a task that the master does not know, or knows only the id of.
  ///
  /// @param agentId empty when it is not known either
  public static TaskStatus.Builder unknown(
      String taskId,
      String agentId,
      TaskState state,
      TaskStatus.Reason reason,
      String message,
      Instant now) {
    var status =
        TaskStatus.newBuilder()
            .setTaskId(TaskID.newBuilder().setValue(taskId))
            .setState(state)
            .setMessage(message)
            .setSource(TaskStatus.Source.SOURCE_MASTER)
            .setReason(reason)
            .setTimestamp(seconds(now));
    if (!agentId.isEmpty()) {
      status.setAgentId(AgentID.newBuilder().setValue(agentId));
    }
    return status;
  }

  /// For a task that the master knows.
  public static TaskStatus.Builder of(
      Task task, TaskState state, TaskStatus.Reason reason, String message, Instant now) {
    var status =
        unknown(
            task.getTaskId().getValue(), task.getAgentId().getValue(), state, reason, message, now);
    if (task.hasExecutorId()) {
      status.setExecutorId(task.getExecutorId());
    }
    return status;
  }

  /// As [#of], with what is known of the task's health and container.
  public static TaskStatus.Builder withDetails(
      Task task, TaskState state, TaskStatus.Reason reason, String message, Instant now) {
    var status = of(task, state, reason, message, now);
    if (task.getStatusesCount() > 0) {
      var last = task.getStatuses(task.getStatusesCount() - 1);
      if (last.hasHealthy()) {
        status.setHealthy(last.getHealthy());
      }
      if (last.hasCheckStatus()) {
        status.setCheckStatus(last.getCheckStatus());
      }
      if (last.hasContainerStatus()) {
        status.setContainerStatus(last.getContainerStatus());
      }
    }
    return status;
  }
}
