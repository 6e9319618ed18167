// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import com.google.protobuf.Message;
import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.model.resources.Thousandths;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Role;
import io.meseta.wire.v1.TimeInfo;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.WeightInfo;
import io.meseta.wire.v1.master.Response;
import java.time.Instant;
import java.util.List;

/// The cluster as the v1 API shows it. The JSON form always has the lists that the protobuf form
/// leaves out when they are empty.
public final class V1Answers {
  private V1Answers() {}

  public static Response.GetAgents agents(Documents documents) {
    var result = Response.GetAgents.newBuilder();
    documents.snapshot().agents().forEach(agent -> result.addAgents(agent(agent)));
    result.addAllRecoveredAgents(documents.snapshot().recoveredAgents());
    return result.build();
  }

  private static Response.GetAgents.Agent agent(AgentView agent) {
    var result =
        Response.GetAgents.Agent.newBuilder()
            .setAgentInfo(agent.info())
            .setActive(agent.active())
            .setDeactivated(agent.deactivated())
            .setVersion(agent.version())
            .setPid(agent.pid().toString())
            .setRegisteredTime(time(agent.registeredTime()))
            .addAllTotalResources(full(agent.total()))
            .addAllAllocatedResources(full(agent.usedTotal()))
            .addAllOfferedResources(full(agent.offeredTotal()))
            .addAllCapabilities(agent.capabilities());
    agent.reregisteredTime().ifPresent(time -> result.setReregisteredTime(time(time)));
    return result.build();
  }

  private static List<Resource> full(Resources resources) {
    return ResourceWire.encode(resources, Format.ENDPOINT);
  }

  private static TimeInfo time(Instant time) {
    return TimeInfo.newBuilder()
        .setNanoseconds(time.getEpochSecond() * 1_000_000_000L + time.getNano())
        .build();
  }

  public static Response.GetFrameworks frameworks(Documents documents) {
    var result = Response.GetFrameworks.newBuilder();
    for (var framework : documents.snapshot().frameworks()) {
      result.addFrameworks(framework(framework));
    }
    for (var framework : documents.snapshot().completedFrameworks()) {
      result.addCompletedFrameworks(framework(framework));
    }
    return result.build();
  }

  private static Response.GetFrameworks.Framework framework(FrameworkView framework) {
    var result =
        Response.GetFrameworks.Framework.newBuilder()
            .setFrameworkInfo(framework.info())
            .setActive(framework.active())
            .setConnected(framework.connected())
            .setRecovered(framework.recovered())
            .setRegisteredTime(time(framework.registeredTime()))
            .setReregisteredTime(time(framework.reregisteredTime()))
            .addAllOffers(framework.offers())
            .addAllAllocatedResources(full(FrameworkDocument.used(framework)))
            .addAllOfferedResources(full(FrameworkDocument.offered(framework)))
            .setOfferConstraints(framework.constraints());
    framework.unregisteredTime().ifPresent(time -> result.setUnregisteredTime(time(time)));
    return result.build();
  }

  public static Response.GetTasks tasks(Documents documents) {
    var result = Response.GetTasks.newBuilder();
    for (var framework : documents.snapshot().frameworks()) {
      result
          .addAllTasks(framework.tasks())
          .addAllUnreachableTasks(framework.unreachableTasks())
          .addAllCompletedTasks(framework.completedTasks());
    }
    for (var framework : documents.snapshot().completedFrameworks()) {
      result
          .addAllUnreachableTasks(framework.unreachableTasks())
          .addAllCompletedTasks(framework.completedTasks());
    }
    return result.build();
  }

  public static Response.GetExecutors executors(Documents documents) {
    var result = Response.GetExecutors.newBuilder();
    for (var framework : documents.snapshot().frameworks()) {
      for (var executor : framework.executors()) {
        result
            .addExecutorsBuilder()
            .setExecutorInfo(executor.info())
            .getAgentIdBuilder()
            .setValue(executor.agentId());
      }
    }
    return result.build();
  }

  public static Response.GetState state(Documents documents) {
    return Response.GetState.newBuilder()
        .setGetTasks(tasks(documents))
        .setGetExecutors(executors(documents))
        .setGetFrameworks(frameworks(documents))
        .setGetAgents(agents(documents))
        .build();
  }

  public static Response.GetRoles roles(Documents documents) {
    var result = Response.GetRoles.newBuilder();
    new RoleTable(documents.snapshot())
        .roles()
        .forEach((name, role) -> {
          var wire = Role.newBuilder().setName(name).setWeight(role.weight);
          role.frameworks.forEach(id -> wire.addFrameworks(FrameworkID.newBuilder().setValue(id)));
          role.allocated
              .plus(role.offered)
              .toMap()
              .forEach((resource, amount) ->
                  wire.addResources(
                      Resource.newBuilder()
                          .setName(resource)
                          .setType(Value.Type.SCALAR)
                          .setScalar(
                              Value.Scalar.newBuilder().setValue(Thousandths.toDouble(amount)))));
          result.addRoles(wire);
        });
    return result.build();
  }

  public static Response.GetWeights weights(Documents documents) {
    var result = Response.GetWeights.newBuilder();
    documents
        .snapshot()
        .weights()
        .forEach((role, weight) ->
            result.addWeightInfos(WeightInfo.newBuilder().setRole(role).setWeight(weight)));
    return result.build();
  }

  /// The JSON of an answer whose lists are shown even when empty; others are written as they are.
  public static byte[] json(Response response) {
    var out = new JsonOut();
    switch (response.getType()) {
      case GET_STATE -> {
        out.object().field("type", response.getType().name()).object("get_state");
        var state = response.getGetState();
        tasks(out, state.getGetTasks());
        executors(out, state.getGetExecutors());
        frameworks(out, state.getGetFrameworks());
        agents(out, state.getGetAgents());
        out.end().end();
      }
      case GET_TASKS -> {
        out.object().field("type", response.getType().name());
        tasks(out, response.getGetTasks());
        out.end();
      }
      case GET_EXECUTORS -> {
        out.object().field("type", response.getType().name());
        executors(out, response.getGetExecutors());
        out.end();
      }
      case GET_FRAMEWORKS -> {
        out.object().field("type", response.getType().name());
        frameworks(out, response.getGetFrameworks());
        out.end();
      }
      case GET_AGENTS -> {
        out.object().field("type", response.getType().name());
        agents(out, response.getGetAgents());
        out.end();
      }
      default -> out.message(response);
    }
    return out.bytes();
  }

  private static void tasks(JsonOut out, Response.GetTasks tasks) {
    out.object("get_tasks");
    list(out, "tasks", tasks.getTasksList());
    list(out, "unreachable_tasks", tasks.getUnreachableTasksList());
    list(out, "completed_tasks", tasks.getCompletedTasksList());
    out.end();
  }

  private static void executors(JsonOut out, Response.GetExecutors executors) {
    out.object("get_executors");
    list(out, "executors", executors.getExecutorsList());
    out.end();
  }

  private static void frameworks(JsonOut out, Response.GetFrameworks frameworks) {
    out.object("get_frameworks");
    list(out, "frameworks", frameworks.getFrameworksList());
    list(out, "completed_frameworks", frameworks.getCompletedFrameworksList());
    out.end();
  }

  private static void agents(JsonOut out, Response.GetAgents agents) {
    out.object("get_agents");
    list(out, "agents", agents.getAgentsList());
    list(out, "recovered_agents", agents.getRecoveredAgentsList());
    out.end();
  }

  private static void list(JsonOut out, String name, List<? extends Message> messages) {
    out.array(name);
    messages.forEach(out::message);
    out.end();
  }
}
