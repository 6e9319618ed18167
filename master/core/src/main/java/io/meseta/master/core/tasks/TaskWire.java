// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.master.core.agents.Agent;
import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.HealthCheck;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.AllocationInfo;
import io.meseta.wire.v1.TaskInfo;
import java.util.ArrayList;
import java.util.List;

/// Brings what schedulers send into the form that servers use: resources with a stack of
/// reservations and marked with the role they are allocated to.
final class TaskWire {
  private TaskWire() {}

  static TaskInfo normalize(TaskInfo task, FrameworkID framework, String role) throws Invalid {
    var result = task.toBuilder().clearResources();
    result.addAllResources(normalize(task.getResourcesList(), role));
    if (task.hasExecutor()) {
      result.setExecutor(normalize(task.getExecutor(), framework, role));
    }
    return result.build();
  }

  /// Schedulers of old leave out what kind of health check they mean, where only one is described.
  /// Those that launch groups are younger, and the original asks them to say it.
  static TaskInfo withHealthCheckType(TaskInfo task) {
    var check = task.getHealthCheck();
    if (check.hasType() || check.hasCommand() == check.hasHttp()) {
      return task;
    }
    var type = check.hasCommand() ? HealthCheck.Type.COMMAND : HealthCheck.Type.HTTP;
    return task.toBuilder().setHealthCheck(check.toBuilder().setType(type)).build();
  }

  static ExecutorInfo normalize(ExecutorInfo executor, FrameworkID framework, String role)
      throws Invalid {
    var result = executor.toBuilder().clearResources();
    result.addAllResources(normalize(executor.getResourcesList(), role));
    if (!executor.hasFrameworkId()) {
      result.setFrameworkId(framework);
    }
    return result.build();
  }

  private static List<Resource> normalize(List<Resource> resources, String role) throws Invalid {
    var result = new ArrayList<Resource>(resources.size());
    for (var resource : ResourceWire.convert(resources, Format.POST)) {
      result.add(
          resource.getAllocationInfo().hasRole()
              ? resource
              : resource.toBuilder()
                  .setAllocationInfo(AllocationInfo.newBuilder().setRole(role))
                  .build());
    }
    return result;
  }

  /// The task as the agent reads it.
  ///
  /// @throws Invalid when an agent before RESERVATION_REFINEMENT would have to read refined
  ///   reservations
  static TaskInfo forAgent(TaskInfo task, Agent agent) throws Invalid {
    if (agent.has(AgentInfo.Capability.Type.RESERVATION_REFINEMENT)) {
      return task;
    }
    var result = task.toBuilder().clearResources();
    result.addAllResources(old(task.getResourcesList()));
    if (task.hasExecutor()) {
      result.setExecutor(forAgent(task.getExecutor(), agent));
    }
    return result.build();
  }

  static ExecutorInfo forAgent(ExecutorInfo executor, Agent agent) throws Invalid {
    return agent.has(AgentInfo.Capability.Type.RESERVATION_REFINEMENT)
        ? executor
        : executor.toBuilder()
            .clearResources()
            .addAllResources(old(executor.getResourcesList()))
            .build();
  }

  private static List<Resource> old(List<Resource> resources) throws Invalid {
    for (var resource : resources) {
      if (resource.getReservationsCount() > 1) {
        throw new Invalid(
            "Agent without RESERVATION_REFINEMENT capability cannot be sent refined reservations");
      }
    }
    return ResourceWire.convert(resources, Format.PRE);
  }
}
