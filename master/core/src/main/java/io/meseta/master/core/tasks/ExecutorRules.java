// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.model.IdRules;
import io.meseta.model.Invalid;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.ContainerInfo;
import io.meseta.wire.v1.ExecutorInfo;

/// What an `ExecutorInfo` may say, in a task or a task group.
final class ExecutorRules {
  private ExecutorRules() {}

  /// Gives its resources.
  static Resources check(ExecutorInfo executor, Framework framework, Agent agent) throws Invalid {
    var id = executor.getExecutorId().getValue();
    var idProblem = IdRules.problem(id);
    if (idProblem.isPresent()) {
      throw new Invalid("Executor ID is invalid: " + idProblem.get());
    }
    checkType(executor);
    if (executor.getShutdownGracePeriod().getNanoseconds() < 0) {
      throw new Invalid("ExecutorInfo's 'shutdown_grace_period' must be non-negative");
    }
    if (executor.hasCommand()) {
      CommandRules.check("Executor's `CommandInfo` is invalid: ", executor.getCommand());
    }
    if (executor.hasContainer()) {
      CommandRules.check("Executor's `ContainerInfo` is invalid: ", executor.getContainer());
    }
    if (!executor.getFrameworkId().getValue().equals(framework.id())) {
      throw new Invalid(
          "ExecutorInfo has an invalid FrameworkID (Actual: "
              + executor.getFrameworkId().getValue()
              + " vs Expected: "
              + framework.id()
              + ")");
    }
    var resources = ResourceRules.check("Executor", executor.getResourcesList());
    var present = framework.executors(agent.id()).get(id);
    if (present != null && !present.info().equals(executor)) {
      throw new Invalid(
          "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.\n"
              + "------------------------------------------------------------\n"
              + "Existing ExecutorInfo:\n"
              + present.info()
              + "\n------------------------------------------------------------\n"
              + "ExecutorInfo:\n"
              + executor
              + "\n------------------------------------------------------------\n");
    }
    return resources;
  }

  private static void checkType(ExecutorInfo executor) throws Invalid {
    switch (executor.getType()) {
      case DEFAULT -> {
        if (executor.hasCommand()) {
          throw new Invalid("'ExecutorInfo.command' must not be set for 'DEFAULT' executor");
        }
        if (executor.hasContainer()
            && executor.getContainer().getType() != ContainerInfo.Type.MESOS) {
          throw new Invalid("'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor");
        }
        if (executor.getContainer().getMesos().hasImage()) {
          throw new Invalid(
              "'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor");
        }
      }
      case CUSTOM -> {
        if (!executor.hasCommand()) {
          throw new Invalid("'ExecutorInfo.command' must be set for 'CUSTOM' executor");
        }
      }
      case UNKNOWN -> {}
    }
  }

  static void checkShareCgroups(ExecutorInfo executor) throws Invalid {
    var linux = executor.getContainer().getLinuxInfo();
    if (linux.hasShareCgroups() && linux.getShareCgroups()) {
      throw new Invalid("The 'share_cgroups' field cannot be set to 'true' on executor containers");
    }
  }
}
