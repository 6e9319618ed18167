// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.master.core.Master;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.offers.Budget;
import io.meseta.master.core.tasks.Launch.Needs;
import io.meseta.model.Invalid;
import io.meseta.model.tasks.TaskDescription;
import io.meseta.wire.internal.RunTaskGroupMessage;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.TaskGroupInfo;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskStatus;
import java.util.ArrayList;
import java.util.List;

/// The LAUNCH_GROUP operation: all tasks of the group under one executor, or none.
public final class LaunchGroup {
  private final Master master;
  private final GroupRules rules = new GroupRules();

  public LaunchGroup(Master master) {
    this.master = master;
  }

  /// Takes what the group needs from `budget`.
  public void on(
      Framework framework, Agent agent, String role, Operation operation, Budget budget) {
    var call = operation.getLaunchGroup();
    try {
      if (operation.hasId()) {
        throw new Invalid("The `id` field cannot be set on LAUNCH_GROUP operations");
      }
      var id = framework.info().getId();
      var executor = TaskWire.normalize(call.getExecutor(), id, role);
      var tasks = new ArrayList<TaskInfo>();
      for (var task : call.getTaskGroup().getTasksList()) {
        var normal = TaskWire.normalize(task, id, role);
        tasks.add(normal.hasExecutor() ? normal : normal.toBuilder().setExecutor(executor).build());
      }
      for (var task : tasks) {
        var forbidden = master.permissions.runTask(framework.info(), task);
        if (forbidden.isPresent()) {
          refuse(
              framework, call, TaskStatus.Reason.REASON_TASK_GROUP_UNAUTHORIZED, forbidden.get());
          return;
        }
      }
      var needs = rules.check(tasks, executor, framework, agent, budget.forTasks());
      var message = message(tasks, executor, needs, framework, agent);
      launch(tasks, executor, needs, framework, agent);
      master.out.send(agent.pid(), message);
      master.allocator.take(framework.id(), agent.id(), budget.take(needs.total()));
    } catch (Invalid e) {
      refuse(framework, call, TaskStatus.Reason.REASON_TASK_GROUP_INVALID, e.reason());
    }
  }

  private void refuse(
      Framework framework, Operation.LaunchGroup call, TaskStatus.Reason reason, String message) {
    for (var task : call.getTaskGroup().getTasksList()) {
      master.tasks.refuse(framework, task, reason, message);
    }
  }

  private void launch(
      List<TaskInfo> tasks, ExecutorInfo executor, Needs needs, Framework framework, Agent agent) {
    if (needs.executor() != null) {
      master.tasks.add(
          new LaunchedExecutor(framework.id(), agent.id(), executor, needs.executor()),
          agent,
          framework);
    }
    for (var task : tasks) {
      master.tasks.add(TaskDescription.staging(task, framework.info().getId()), agent, framework);
    }
  }

  private static RunTaskGroupMessage message(
      List<TaskInfo> tasks, ExecutorInfo executor, Needs needs, Framework framework, Agent agent)
      throws Invalid {
    var group = TaskGroupInfo.newBuilder();
    for (var task : tasks) {
      group.addTasks(TaskWire.forAgent(task, agent));
    }
    return RunTaskGroupMessage.newBuilder()
        .setFramework(framework.info())
        .setExecutor(TaskWire.forAgent(executor, agent))
        .setTaskGroup(group)
        .addAllResourceVersionUuids(agent.resourceVersions())
        .setLaunchExecutor(needs.executor() != null)
        .build();
  }
}
