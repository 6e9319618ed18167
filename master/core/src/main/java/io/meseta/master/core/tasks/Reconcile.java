// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.master.core.Master;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.scheduler.Call;

/// Tells a scheduler what the master knows about its tasks: all of them when it names none. About a
/// task whose agent may still come back after a master failover it says nothing. Original:
/// src/master/master.cpp, Master::reconcile.
public final class Reconcile {
  private final Master master;

  public Reconcile(Master master) {
    this.master = master;
  }

  public void on(Framework framework, Call.Reconcile call) {
    master.counters.add("messages_reconcile_tasks");
    if (call.getTasksCount() == 0) {
      for (var task : framework.tasks()) {
        latest(framework, task);
      }
      return;
    }
    int early = 0;
    for (var task : call.getTasksList()) {
      early += one(framework, task) ? 0 : 1;
    }
    if (early > 0) {
      master.out.note(
          "framework "
              + framework.id()
              + ": "
              + early
              + " of "
              + call.getTasksCount()
              + " tasks are not reconciled: some agents have not re-registered yet");
    }
  }

  private void latest(Framework framework, LaunchedTask task) {
    master.tasks.report(
        framework,
        Statuses.withDetails(
                task.task(),
                task.reportedState(),
                Reason.REASON_RECONCILIATION,
                "Reconciliation: Latest task state",
                master.now())
            .build());
  }

  /// Whether there is an answer: while agents may still come back with the task there is none.
  boolean one(Framework framework, Call.Reconcile.Task asked) {
    var taskId = asked.getTaskId().getValue();
    var agentId = asked.getAgentId().getValue();
    var known = framework.task(taskId, agentId).orElse(null);
    var agents = master.agents;
    if (known != null) {
      latest(framework, known);
    } else if (asked.hasAgentId() ? agents.isRecovered(agentId) : agents.anyRecovered()) {
      return false;
    } else if (asked.hasAgentId() && agents.get(agentId).isPresent()) {
      report(framework, taskId, agentId, TaskState.TASK_GONE, "Task is unknown to the agent");
    } else if (asked.hasAgentId() && agents.unreachableSince(agentId).isPresent()) {
      var status =
          status(framework, taskId, agentId, TaskState.TASK_UNREACHABLE, "Task is unreachable");
      status.setUnreachableTime(
          RegistryOperation.time(agents.unreachableSince(agentId).orElseThrow()));
      master.tasks.report(framework, status.build());
    } else if (asked.hasAgentId() && agents.isGone(agentId)) {
      report(framework, taskId, agentId, TaskState.TASK_GONE_BY_OPERATOR, "Task is gone");
    } else {
      report(framework, taskId, agentId, TaskState.TASK_UNKNOWN, "Task is unknown");
    }
    return true;
  }

  private void report(
      Framework framework, String taskId, String agentId, TaskState state, String message) {
    master.tasks.report(framework, status(framework, taskId, agentId, state, message).build());
  }

  private TaskStatus.Builder status(
      Framework framework, String taskId, String agentId, TaskState state, String message) {
    return Statuses.unknown(
        taskId,
        agentId,
        TaskStates.forFramework(state, framework.partitionAware()),
        Reason.REASON_RECONCILIATION,
        "Reconciliation: " + message,
        master.now());
  }
}
