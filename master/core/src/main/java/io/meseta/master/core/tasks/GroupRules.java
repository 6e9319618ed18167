// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.tasks.Launch.Needs;
import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.ContainerInfo;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.HealthCheck;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// Whether a task group may be launched. Original: src/master/validation.cpp, namespace group.
final class GroupRules {
  /// Thousandths of a cpu, and of a megabyte.
  private static final long MIN_CPUS = 10;

  private static final long MIN_MEM = 32_000;

  private final TaskRules taskRules = new TaskRules();

  Needs check(
      List<TaskInfo> tasks,
      ExecutorInfo executor,
      Framework framework,
      Agent agent,
      Resources available)
      throws Invalid {
    var ids = new HashSet<String>();
    for (var task : tasks) {
      try {
        taskRules.check(task, framework, agent);
        if (!ids.add(task.getTaskId().getValue())) {
          throw new Invalid("Task has duplicate ID: " + task.getTaskId().getValue());
        }
        checkTask(task);
      } catch (Invalid e) {
        throw new Invalid("Task '" + task.getTaskId().getValue() + "' is invalid: " + e.reason());
      }
    }
    var executorResources = checkExecutor(tasks, executor, framework, agent);
    var parts = new ArrayList<Resources>();
    for (var task : tasks) {
      parts.add(ResourceWire.decodeTrusted(task.getResourcesList()));
    }
    var own = Resources.sum(parts);
    parts.add(executorResources);
    var all = own.plus(executorResources);
    ResourceRules.checkPersistenceIds(
        "Task group and executor use duplicate persistence ID: ", all);
    ResourceRules.checkRevocable(
        "Task group and executor mix revocable and non-revocable resources: ", all);
    if (ResourceRules.overlap(parts)) {
      throw new Invalid(
          "There are overlapping resources in the task group's task resources "
              + parts.subList(0, parts.size() - 1)
              + " and/or executor resources "
              + executorResources);
    }
    boolean known =
        framework.executors(agent.id()).containsKey(executor.getExecutorId().getValue());
    var needs = new Needs(own, known ? null : executorResources);
    if (!available.contains(needs.total())) {
      throw new Invalid(
          "Total resources "
              + needs.total()
              + " required by task group and its executor are more than available "
              + available);
    }
    checkShareCgroups(tasks, executor, framework, agent);
    return needs;
  }

  private static void checkTask(TaskInfo task) throws Invalid {
    var container = task.getContainer();
    if (container.getNetworkInfosCount() > 0
        && (task.getHealthCheck().getType() == HealthCheck.Type.HTTP
            || task.getHealthCheck().getType() == HealthCheck.Type.TCP)) {
      throw new Invalid(
          "HTTP and TCP health checks are not supported for nested containers not joining"
              + " parent's network");
    }
    if (task.hasContainer() && container.getType() == ContainerInfo.Type.DOCKER) {
      throw new Invalid("Docker ContainerInfo is not supported on the task");
    }
    if (task.getLimitsCount() > 0
        && !(container.hasLinuxInfo() && !container.getLinuxInfo().getShareCgroups())) {
      throw new Invalid(
          "Resource limits may only be set for tasks within a task group when the"
              + " 'share_cgroups' field is set to 'false'.");
    }
  }

  private static Resources checkExecutor(
      List<TaskInfo> tasks, ExecutorInfo executor, Framework framework, Agent agent)
      throws Invalid {
    var resources = ExecutorRules.check(executor, framework, agent);
    if (!executor.hasType()) {
      throw new Invalid("'ExecutorInfo.type' must be set");
    }
    if (executor.getType() == ExecutorInfo.Type.UNKNOWN) {
      throw new Invalid("Unknown executor type");
    }
    if (executor.hasContainer() && executor.getContainer().getType() == ContainerInfo.Type.DOCKER) {
      throw new Invalid("Docker ContainerInfo is not supported on the executor");
    }
    var id = executor.getExecutorId().getValue();
    for (var task : tasks) {
      if (!task.getExecutor().equals(executor)) {
        throw new Invalid(
            "The `ExecutorInfo` of task '"
                + task.getTaskId().getValue()
                + "' is different from executor '"
                + id
                + "'");
      }
    }
    minimum(id, "CPUs", resources.scalar("cpus"), MIN_CPUS, "0.01");
    minimum(id, "memory", resources.scalar("mem"), MIN_MEM, "32MB");
    if (resources.scalar("disk") == 0) {
      throw new Invalid("Executor '" + id + "' uses no disk");
    }
    return resources;
  }

  private static void minimum(String id, String what, long has, long needs, String text)
      throws Invalid {
    if (has < needs) {
      throw new Invalid(
          "Executor '"
              + id
              + "' uses less "
              + what
              + " ("
              + (has == 0 ? "None" : Double.toString(has / 1000.0))
              + ") than the minimum required ("
              + text
              + ")");
    }
  }

  private static void checkShareCgroups(
      List<TaskInfo> tasks, ExecutorInfo executor, Framework framework, Agent agent)
      throws Invalid {
    ExecutorRules.checkShareCgroups(executor);
    var kinds = new HashSet<Boolean>();
    tasks.forEach(task -> kinds.add(task.getContainer().getLinuxInfo().getShareCgroups()));
    for (var launched : framework.tasks()) {
      Task task = launched.task();
      if (launched.agentId().equals(agent.id())
          && task.getExecutorId().equals(executor.getExecutorId())) {
        kinds.add(task.getContainer().getLinuxInfo().getShareCgroups());
      }
    }
    if (kinds.size() > 1) {
      throw new Invalid(
          "If set, the value of 'share_cgroups' must be the same for all tasks in each task"
              + " group and under a single executor");
    }
  }
}
