// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.frameworks.Framework;
import io.meseta.agent.core.frameworks.Frameworks;
import io.meseta.agent.core.recovery.RecoveredState;
import io.meseta.agent.core.status.StatusUpdates;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.internal.StatusUpdateRecord;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskState;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Rebuilds executors and tasks from what the last agent wrote. Each task takes the state of the
/// last update written; what its container is doing the containerizer says next, as after a launch.
public final class Recovery {
  private final Agent agent;
  private final Frameworks frameworks;
  private final Executors executors;
  private final Updates updates;
  private final StatusUpdates status;

  public Recovery(
      Agent agent,
      Frameworks frameworks,
      Executors executors,
      Updates updates,
      StatusUpdates status) {
    this.agent = agent;
    this.frameworks = frameworks;
    this.executors = executors;
    this.updates = updates;
    this.status = status;
  }

  /// @return the containers that must answer before the agent can say what it has
  public Set<String> recover(RecoveredState state) {
    var waiting = new LinkedHashSet<String>();
    for (var recovered : state.frameworks()) {
      if (recovered.runs().stream().allMatch(RecoveredState.Run::over)) {
        continue;
      }
      var framework = frameworks.recover(recovered);
      for (var run : recovered.runs()) {
        if (!run.over()) {
          recover(framework, run, waiting);
        }
      }
      // Only now: a framework whose first executor is done must not count as idle.
      for (var executor : List.copyOf(framework.executors.values())) {
        executors.removeIfDone(framework, executor);
      }
      frameworks.removeIfIdle(framework);
    }
    return waiting;
  }

  private void recover(Framework framework, RecoveredState.Run run, Set<String> waiting) {
    var executorId = run.executor().getExecutorId().getValue();
    boolean command =
        run.tasks().stream().allMatch(task -> task.containerId().equals(run.containerId()));
    var custom =
        run.executor().getType() != ExecutorInfo.Type.DEFAULT
                && run.tasks().stream().allMatch(task -> task.containerId().isEmpty())
            ? new Custom(true)
            : null;
    var executor =
        new Executor(
            run.executor(),
            run.containerId(),
            agent.layout.sandbox(agent.id(), framework.id(), executorId, run.containerId()),
            command && custom == null,
            custom);
    executors.add(framework, executor);
    var group = new LinkedHashSet<String>();
    for (var saved : run.tasks()) {
      var task =
          new TaskRun(
              saved.info(),
              saved.task(),
              saved.containerId(),
              command || custom != null
                  ? executor.sandbox
                  : executor.sandbox + "/tasks/" + saved.info().getTaskId().getValue(),
              true);
      task.phase = custom != null ? TaskRun.Phase.RUNNING : TaskRun.Phase.LAUNCHING;
      executors.add(framework, executor, task);
      group.add(task.id());
      replay(framework, executor, task, saved);
      if (custom != null) {
        custom.everSent = true;
        saved.records().stream()
            .filter(StatusUpdateRecord::hasUpdate)
            .forEach(record -> custom.seen.add(record.getUpdate().getUuid()));
      } else if (task.phase != TaskRun.Phase.OVER) {
        waiting.add(task.containerId);
      }
    }
    executor.groups.add(group);
    if (custom != null) {
      waiting.add(run.containerId());
    } else if (!executor.live()) {
      executor.terminated = true;
    }
  }

  private void replay(
      Framework framework, Executor executor, TaskRun task, RecoveredState.TaskState saved) {
    boolean acknowledged = false;
    var records = new ArrayList<StatusUpdateRecord>();
    for (var record : saved.records()) {
      if (executor.custom == null
          && record.getUpdate().getStatus().getState() == TaskState.TASK_KILLING
          && !framework.can(FrameworkInfo.Capability.Type.TASK_KILLING_STATE)) {
        task.killWritten = true; // a note to ourselves
        continue;
      }
      records.add(record);
    }
    for (var record : records) {
      if (record.getType() == StatusUpdateRecord.Type.UPDATE) {
        var told = record.getUpdate().getStatus();
        var builder = task.task.toBuilder().setState(told.getState());
        int last = builder.getStatusesCount() - 1;
        if (last >= 0 && builder.getStatuses(last).getState() == told.getState()) {
          builder.removeStatuses(last);
        }
        task.task = builder.addStatuses(told).build();
        if (told.getState() == TaskState.TASK_RUNNING) {
          task.lastRunning = told;
        }
      } else if (task.terminal() && lastUuid(task).equals(record.getUuid())) {
        acknowledged = true;
      }
    }
    status.recover(framework.id(), task.id(), updates.path(framework, executor, task), records);
    if (TaskStates.isTerminal(task.state())) {
      // A terminal update is written only after the container's end.
      task.phase = TaskRun.Phase.OVER;
      if (acknowledged) {
        executor.tasks.remove(task.id());
        executors.archive(executor, task);
      }
    }
  }

  private static com.google.protobuf.ByteString lastUuid(TaskRun task) {
    return task.task.getStatuses(task.task.getStatusesCount() - 1).getUuid();
  }
}
