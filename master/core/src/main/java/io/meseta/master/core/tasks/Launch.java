// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.master.core.Master;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.offers.Budget;
import io.meseta.model.Invalid;
import io.meseta.model.resources.Resources;
import io.meseta.model.tasks.TaskDescription;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskStatus;
import org.jspecify.annotations.Nullable;

/// The LAUNCH operation: each task stands for itself; a bad one becomes TASK_ERROR and the others
/// go on.
public final class Launch {
  private final Master master;
  private final TaskRules rules = new TaskRules();

  public Launch(Master master) {
    this.master = master;
  }

  /// Takes what the tasks need from `budget`.
  public void on(
      Framework framework, Agent agent, String role, Operation operation, Budget budget) {
    for (var task : operation.getLaunch().getTaskInfosList()) {
      var forbidden = master.permissions.runTask(framework.info(), task);
      if (forbidden.isPresent()) {
        master.tasks.refuse(
            framework, task, TaskStatus.Reason.REASON_TASK_UNAUTHORIZED, forbidden.get());
        continue;
      }
      try {
        if (operation.hasId()) {
          throw new Invalid("The `id` field cannot be set on LAUNCH operations");
        }
        var normal =
            TaskWire.withHealthCheckType(TaskWire.normalize(task, framework.info().getId(), role));
        rules.check(normal, framework, agent);
        var needs = rules.checkExecutor(normal, framework, agent, budget.forTasks());
        launch(normal, TaskWire.forAgent(normal, agent), needs, framework, agent);
        master.allocator.take(framework.id(), agent.id(), budget.take(needs.total()));
      } catch (Invalid e) {
        master.tasks.refuse(framework, task, TaskStatus.Reason.REASON_TASK_INVALID, e.reason());
      }
    }
  }

  /// What a launch takes.
  ///
  /// @param executor of the executor, when it is started with the task; else null
  record Needs(Resources task, @Nullable Resources executor) {
    Resources total() {
      return executor == null ? task : task.plus(executor);
    }
  }

  private void launch(TaskInfo task, TaskInfo sent, Needs needs, Framework framework, Agent agent) {
    if (needs.executor() != null) {
      master.tasks.add(
          new LaunchedExecutor(framework.id(), agent.id(), task.getExecutor(), needs.executor()),
          agent,
          framework);
    }
    master.tasks.add(TaskDescription.staging(task, framework.info().getId()), agent, framework);
    master.out.send(
        agent.pid(),
        RunTaskMessage.newBuilder()
            .setFramework(framework.info())
            .setPid(framework.pid().toString())
            .setTask(sent)
            .addAllResourceVersionUuids(agent.resourceVersions())
            .setLaunchExecutor(!task.hasExecutor() || needs.executor() != null)
            .build());
  }
}
