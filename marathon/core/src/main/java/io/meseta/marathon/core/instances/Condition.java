// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.instances;

/// What an instance is doing.
public enum Condition {
  SCHEDULED("Scheduled", "TASK_STAGING"),
  PROVISIONED("Provisioned", "TASK_STAGING"),
  STAGING("Staging", "TASK_STAGING"),
  STARTING("Starting", "TASK_STARTING"),
  RUNNING("Running", "TASK_RUNNING"),
  KILLING("Killing", "TASK_KILLING"),
  UNREACHABLE("Unreachable", "TASK_UNREACHABLE"),
  UNREACHABLE_INACTIVE("UnreachableInactive", "TASK_UNREACHABLE"),
  FINISHED("Finished", "TASK_FINISHED"),
  FAILED("Failed", "TASK_FAILED"),
  ERROR("Error", "TASK_ERROR"),
  KILLED("Killed", "TASK_KILLED"),
  GONE("Gone", "TASK_GONE"),
  DROPPED("Dropped", "TASK_DROPPED"),
  UNKNOWN("Unknown", "TASK_UNKNOWN");

  private final String text;
  private final String taskState;

  Condition(String text, String taskState) {
    this.text = text;
    this.taskState = taskState;
  }

  /// The name clients see in events.
  public String text() {
    return text;
  }

  /// The name clients see in tasks.
  public String taskState() {
    return taskState;
  }

  /// Whether a task may exist at this moment.
  public boolean hasTask() {
    return switch (this) {
      case PROVISIONED, STAGING, STARTING, RUNNING, KILLING, UNREACHABLE, UNREACHABLE_INACTIVE ->
          true;
      default -> false;
    };
  }

  /// Whether the task has ended.
  public boolean terminal() {
    return this != SCHEDULED && !hasTask();
  }
}
