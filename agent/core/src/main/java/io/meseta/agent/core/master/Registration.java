// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.master;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.Agent;
import io.meseta.agent.core.frameworks.Frameworks;
import io.meseta.agent.core.operations.Operations;
import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceWire;
import io.meseta.wire.internal.Archive;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/// The two messages by which an agent tells a master what it is and has.
final class Registration {
  private final Agent agent;
  private final Frameworks frameworks;
  private final Operations operations;

  Registration(Agent agent, Frameworks frameworks, Operations operations) {
    this.agent = agent;
    this.frameworks = frameworks;
    this.operations = operations;
  }

  RegisterSlaveMessage first() {
    return RegisterSlaveMessage.newBuilder()
        .setSlave(onWire(agent.info))
        .addAllCheckpointedResources(old(operations.checkpointed()))
        .setVersion(agent.config.version())
        .addAllAgentCapabilities(capabilities())
        .setResourceVersionUuid(operations.version())
        .build();
  }

  ReregisterSlaveMessage again() {
    var message =
        ReregisterSlaveMessage.newBuilder()
            .setSlave(onWire(agent.info))
            .addAllCheckpointedResources(old(operations.checkpointed()))
            .setVersion(agent.config.version())
            .addAllAgentCapabilities(capabilities())
            .setResourceVersionUuid(operations.version());
    for (var framework : frameworks.all()) {
      message.addFrameworks(framework.info);
      for (var executor : framework.executors.values()) {
        for (var task : executor.tasks()) {
          message.addTasks(onWire(task.task()));
        }
        if (!executor.command && !executor.terminated()) {
          message.addExecutorInfos(
              executor.info.toBuilder()
                  .clearResources()
                  .addAllResources(old(executor.info.getResourcesList())));
        }
      }
    }
    for (var framework : frameworks.completed()) {
      var archive = Archive.Framework.newBuilder().setFrameworkInfo(framework.info);
      if (!framework.pid.isEmpty()) {
        archive.setPid(framework.pid);
      }
      for (var executor : framework.completedExecutors) {
        for (var task : executor.completedTasks()) {
          archive.addTasks(onWire(task));
        }
      }
      message.addCompletedFrameworks(archive);
    }
    return message.build();
  }

  private static List<AgentInfo.Capability> capabilities() {
    return Agent.capabilities().stream()
        .map(type -> AgentInfo.Capability.newBuilder().setType(type).build())
        .toList();
  }

  private static AgentInfo onWire(AgentInfo info) {
    return info.toBuilder().clearResources().addAllResources(old(info.getResourcesList())).build();
  }

  private static Task onWire(Task task) {
    var statuses =
        task.getStatusesList().stream()
            .map(status -> status.toBuilder().setData(ByteString.EMPTY).clearData().build())
            .collect(Collectors.toList());
    return task.toBuilder()
        .clearResources()
        .addAllResources(old(task.getResourcesList()))
        .clearStatuses()
        .addAllStatuses(statuses)
        .build();
  }

  /// In the format that all masters read, unless only the new one can say it.
  private static List<Resource> old(Collection<Resource> resources) {
    try {
      var decoded = ResourceWire.decodeTrusted(resources);
      return ResourceWire.fitsPre(decoded)
          ? ResourceWire.convert(resources, ResourceWire.Format.PRE)
          : List.copyOf(resources);
    } catch (Invalid never) { // decodeTrusted accepted it
      return List.copyOf(resources);
    }
  }
}
