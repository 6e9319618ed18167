// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.tasks;

import io.meseta.wire.v1.TaskState;

/// Rules of task states. Original: src/common/protobuf_utils.cpp.
public final class TaskStates {
  private TaskStates() {}

  /// Whether a task in `state` never changes again. Unreachable tasks may come back, so they are
  /// not terminal.
  public static boolean isTerminal(TaskState state) {
    return switch (state) {
      case TASK_FINISHED,
          TASK_FAILED,
          TASK_KILLED,
          TASK_ERROR,
          TASK_LOST,
          TASK_DROPPED,
          TASK_GONE,
          TASK_GONE_BY_OPERATOR ->
          true;
      case TASK_STAGING,
          TASK_STARTING,
          TASK_RUNNING,
          TASK_KILLING,
          TASK_UNREACHABLE,
          TASK_UNKNOWN ->
          false;
    };
  }

  /// Whether only the master says this of a task: its agent knows where it is.
  public static boolean isMastersOnly(TaskState state) {
    return state == TaskState.TASK_UNREACHABLE || state == TaskState.TASK_UNKNOWN;
  }

  /// The state that a framework is told: those without the PARTITION_AWARE capability know only
  /// TASK_LOST for everything that went wrong outside the task.
  public static TaskState forFramework(TaskState state, boolean partitionAware) {
    if (partitionAware) {
      return state;
    }
    return switch (state) {
      case TASK_DROPPED, TASK_UNREACHABLE, TASK_GONE, TASK_GONE_BY_OPERATOR, TASK_UNKNOWN ->
          TaskState.TASK_LOST;
      default -> state;
    };
  }
}
