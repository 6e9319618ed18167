// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.FrameworkView;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// How many tasks are, or ended, in which state.
final class TaskCounts {
  private static final List<TaskState> SHOWN =
      List.of(
          TaskState.TASK_STAGING,
          TaskState.TASK_STARTING,
          TaskState.TASK_RUNNING,
          TaskState.TASK_KILLING,
          TaskState.TASK_FINISHED,
          TaskState.TASK_KILLED,
          TaskState.TASK_FAILED,
          TaskState.TASK_LOST,
          TaskState.TASK_ERROR,
          TaskState.TASK_UNREACHABLE);

  private final Map<TaskState, Long> counts = new EnumMap<>(TaskState.class);

  void add(FrameworkView framework) {
    framework.tasks().forEach(this::add);
    framework.unreachableTasks().forEach(this::add);
    framework.completedTasks().forEach(this::add);
  }

  void add(Task task) {
    counts.merge(task.getState(), 1L, Long::sum);
  }

  long get(TaskState state) {
    return counts.getOrDefault(state, 0L);
  }

  void write(JsonOut out) {
    SHOWN.forEach(state -> out.field(state.name(), get(state)));
  }
}
