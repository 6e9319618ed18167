// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.model.resources.ResourceWire;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.agent.Response;
import java.util.stream.Stream;

/// The answers of the operator API that show frameworks, executors and tasks.
final class OperatorViews {
  private OperatorViews() {}

  static Response.GetState state(AgentSnapshot agent) {
    return Response.GetState.newBuilder()
        .setGetTasks(tasks(agent))
        .setGetExecutors(executors(agent))
        .setGetFrameworks(frameworks(agent))
        .build();
  }

  static Response.GetFrameworks frameworks(AgentSnapshot agent) {
    var response = Response.GetFrameworks.newBuilder();
    agent.frameworks().forEach(f -> response.addFrameworksBuilder().setFrameworkInfo(f.info()));
    agent
        .completedFrameworks()
        .forEach(f -> response.addCompletedFrameworksBuilder().setFrameworkInfo(f.info()));
    return response.build();
  }

  static Response.GetExecutors executors(AgentSnapshot agent) {
    var response = Response.GetExecutors.newBuilder();
    all(agent)
        .forEach(framework -> {
          framework
              .executors()
              .forEach(e -> response.addExecutorsBuilder().setExecutorInfo(e.info()));
          framework
              .completedExecutors()
              .forEach(e -> response.addCompletedExecutorsBuilder().setExecutorInfo(e.info()));
        });
    return response.build();
  }

  static Response.GetTasks tasks(AgentSnapshot agent) {
    var response = Response.GetTasks.newBuilder();
    all(agent)
        .forEach(framework -> {
          for (var executor : framework.executors()) {
            executor.queued().forEach(task -> response.addQueuedTasks(queued(task, framework)));
            response
                .addAllLaunchedTasks(executor.launched())
                .addAllTerminatedTasks(executor.terminated())
                .addAllCompletedTasks(executor.completed());
          }
          for (var executor : framework.completedExecutors()) {
            response
                .addAllTerminatedTasks(executor.terminated())
                .addAllCompletedTasks(executor.completed());
          }
        });
    return response.build();
  }

  private static Task queued(TaskInfo info, AgentSnapshot.Framework framework) {
    return Task.newBuilder()
        .setName(info.getName())
        .setTaskId(info.getTaskId())
        .setFrameworkId(framework.info().getId())
        .setAgentId(info.getAgentId())
        .setState(TaskState.TASK_STAGING)
        .addAllResources(info.getResourcesList())
        .build();
  }

  static Response.GetAgent agent(AgentSnapshot agent) {
    var response =
        Response.GetAgent.newBuilder()
            .setAgentInfo(
                agent.info().toBuilder()
                    .clearCheckpoint()
                    .clearResources()
                    .addAllResources(
                        ResourceWire.encode(
                            ResourceWire.decodeTrusted(agent.info().getResourcesList()),
                            ResourceWire.Format.POST)));
    agent.drain().ifPresent(response::setDrainConfig);
    return response.build();
  }

  private static Stream<AgentSnapshot.Framework> all(AgentSnapshot agent) {
    return Stream.concat(agent.frameworks().stream(), agent.completedFrameworks().stream());
  }
}
