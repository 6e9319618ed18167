// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.Task;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What runs tasks of one framework: for a command task one of its own, for task groups one that
/// the framework names and that lives as long as it has tasks.
public final class Executor {
  public final ExecutorInfo info;
  public final String containerId;
  public final String sandbox;

  /// Whether it was made up for a command task; masters do not know such executors.
  public final boolean command;

  /// Set when the framework brought it: a program of its own.
  final @Nullable Custom custom;

  final Map<String, TaskRun> tasks = new LinkedHashMap<>();
  final List<Set<String>> groups = new ArrayList<>();
  final ArrayDeque<Task> completed = new ArrayDeque<>();

  /// All its containers are over; only acknowledgements are missing.
  boolean terminated;

  boolean shuttingDown;

  Executor(
      ExecutorInfo info,
      String containerId,
      String sandbox,
      boolean command,
      @Nullable Custom custom) {
    this.custom = custom;
    this.info = info;
    this.containerId = containerId;
    this.sandbox = sandbox;
    this.command = command;
  }

  public String id() {
    return info.getExecutorId().getValue();
  }

  public boolean terminated() {
    return terminated;
  }

  /// In order of arrival, those with something owed included.
  public Iterable<TaskRun> tasks() {
    return tasks.values();
  }

  public Iterable<Task> completedTasks() {
    return completed;
  }

  Custom custom() {
    if (custom == null) {
      throw new IllegalStateException(id() + " is built in");
    }
    return custom;
  }

  boolean live() {
    if (custom != null) {
      return !custom.over;
    }
    return tasks.values().stream().anyMatch(TaskRun::live);
  }

  /// The tasks that live and die with `taskId`.
  Set<String> groupOf(String taskId) {
    for (var group : groups) {
      if (group.contains(taskId)) {
        return group;
      }
    }
    return new LinkedHashSet<>();
  }
}
