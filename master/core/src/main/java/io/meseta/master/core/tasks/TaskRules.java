// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.tasks.Launch.Needs;
import io.meseta.model.IdRules;
import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.AgentInfo.Capability;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.TaskInfo;
import java.util.List;

/// Whether a task may be launched, in the order in which the original checks. Original:
/// src/master/validation.cpp, namespace task.
final class TaskRules {

  /// Everything but the executor.
  void check(TaskInfo task, Framework framework, Agent agent) throws Invalid {
    var id = task.getTaskId().getValue();
    var idProblem = IdRules.problem(id);
    if (idProblem.isPresent()) {
      throw new Invalid(idProblem.get());
    }
    if (framework.task(id).isPresent()) {
      throw new Invalid("Task has duplicate ID: " + id);
    }
    if (framework.hasUnreachableTask(id)) {
      throw new Invalid("Task reuses the ID of an unreachable task: " + id);
    }
    if (!task.getAgentId().getValue().equals(agent.id())) {
      throw new Invalid(
          "Task uses invalid agent "
              + task.getAgentId().getValue()
              + " while agent "
              + agent.id()
              + " is expected");
    }
    if (task.getKillPolicy().getGracePeriod().getNanoseconds() < 0) {
      throw new Invalid("Task's 'kill_policy.grace_period' must be non-negative");
    }
    if (task.getMaxCompletionTime().getNanoseconds() < 0) {
      throw new Invalid("Task's `max_completion_time` must be non-negative");
    }
    if (task.hasCheck()) {
      CommandRules.check("Task uses invalid check: ", task.getCheck());
    }
    if (task.hasHealthCheck()) {
      CommandRules.check("Task uses invalid health check: ", task.getHealthCheck());
    }
    if (task.getResourcesCount() == 0) {
      throw new Invalid("Task uses no resources");
    }
    var resources = ResourceRules.check("Task", task.getResourcesList());
    if (task.hasCommand()) {
      CommandRules.check("Task's `CommandInfo` is invalid: ", task.getCommand());
    }
    if (task.hasContainer()) {
      CommandRules.check("Task's `ContainerInfo` is invalid: ", task.getContainer());
    }
    checkLimits(task, resources, agent);
  }

  private static void checkLimits(TaskInfo task, Resources resources, Agent agent) throws Invalid {
    var limits = task.getLimitsMap();
    if (limits.isEmpty()) {
      return;
    }
    if (!agent.has(Capability.Type.TASK_RESOURCE_LIMITS)) {
      throw new Invalid("Agent is not capable of handling task resource limits");
    }
    if (!List.of("cpus", "mem").containsAll(limits.keySet())) {
      throw new Invalid("Only cpus and mem may be included in a task's resource limits");
    }
    checkLimit(task, "cpus", "CPU", "cpu", resources.cpus());
    checkLimit(task, "mem", "memory", "memory", resources.mem());
  }

  private static void checkLimit(
      TaskInfo task, String name, String title, String word, double request) throws Invalid {
    var limit = task.getLimitsMap().get(name);
    if (limit == null) {
      return;
    }
    if (request == 0) {
      throw new Invalid(
          "When a "
              + title
              + " limit is specified, a "
              + title
              + " request must also be"
              + " specified");
    }
    if (!(limit.getValue() >= request)) {
      throw new Invalid(
          "The " + word + " limit must be greater than or equal to the " + word + " request");
    }
  }

  /// The executor, and whether everything fits into what is `available`.
  Needs checkExecutor(TaskInfo task, Framework framework, Agent agent, Resources available)
      throws Invalid {
    if (task.hasExecutor() == task.hasCommand()) {
      throw new Invalid(
          "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present");
    }
    var own = ResourceWire.decodeTrusted(task.getResourcesList());
    var needs = new Needs(own, null);
    if (task.hasExecutor()) {
      var executor = task.getExecutor();
      var resources = ExecutorRules.check(executor, framework, agent);
      if (executor.hasType() && executor.getType() != ExecutorInfo.Type.CUSTOM) {
        throw new Invalid("'ExecutorInfo.type' must be 'CUSTOM'");
      }
      if (!executor.hasCommand()) {
        throw new Invalid("'ExecutorInfo.command' must be set");
      }
      if (!resources.shared().isEmpty()) {
        throw new Invalid(
            "Executor resources " + resources + " should not contain any shared resources");
      }
      ExecutorRules.checkShareCgroups(executor);
      if (ResourceRules.overlap(List.of(own, resources))) {
        throw new Invalid(
            "There are overlapping resources in the task resources "
                + own
                + " and executor resources "
                + resources);
      }
      var both = own.plus(resources);
      ResourceRules.checkPersistenceIds(
          "Task and its executor use duplicate persistence ID: ", both);
      ResourceRules.checkRevocable(
          "Task and its executor mix revocable and non-revocable resources: ", both);
      boolean known =
          framework.executors(agent.id()).containsKey(executor.getExecutorId().getValue());
      needs = new Needs(own, known ? null : resources);
    }
    if (!available.contains(needs.total())) {
      throw new Invalid(
          "Total resources "
              + needs.total()
              + " required by task and its executor is more than available "
              + available);
    }
    var linux = task.getContainer().getLinuxInfo();
    if (linux.hasShareCgroups() && !linux.getShareCgroups()) {
      throw new Invalid("Only tasks in a task group may have 'share_cgroups' set to 'false'");
    }
    return needs;
  }
}
