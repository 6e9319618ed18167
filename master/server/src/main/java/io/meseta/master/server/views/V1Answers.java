// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import com.google.protobuf.Message;
import io.meseta.master.core.view.Snapshot;
import io.meseta.master.core.view.V1Views;
import io.meseta.model.resources.Thousandths;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Role;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.WeightInfo;
import io.meseta.wire.v1.master.Event;
import io.meseta.wire.v1.master.Response;
import java.util.List;

/// The cluster as the v1 API shows it. The JSON form always has the lists that the protobuf form
/// leaves out when they are empty.
public final class V1Answers {
  private V1Answers() {}

  public static Response.GetAgents agents(Snapshot snapshot) {
    var result = Response.GetAgents.newBuilder();
    snapshot.agents().forEach(agent -> result.addAgents(V1Views.agent(agent)));
    result.addAllRecoveredAgents(snapshot.recoveredAgents());
    return result.build();
  }

  public static Response.GetFrameworks frameworks(Snapshot snapshot) {
    var result = Response.GetFrameworks.newBuilder();
    for (var framework : snapshot.frameworks()) {
      result.addFrameworks(V1Views.framework(framework));
    }
    for (var framework : snapshot.completedFrameworks()) {
      result.addCompletedFrameworks(V1Views.framework(framework));
    }
    return result.build();
  }

  public static Response.GetTasks tasks(Snapshot snapshot) {
    var result = Response.GetTasks.newBuilder();
    for (var framework : snapshot.frameworks()) {
      result
          .addAllTasks(framework.tasks())
          .addAllUnreachableTasks(framework.unreachableTasks())
          .addAllCompletedTasks(framework.completedTasks());
    }
    for (var framework : snapshot.completedFrameworks()) {
      result
          .addAllUnreachableTasks(framework.unreachableTasks())
          .addAllCompletedTasks(framework.completedTasks());
    }
    return result.build();
  }

  public static Response.GetExecutors executors(Snapshot snapshot) {
    var result = Response.GetExecutors.newBuilder();
    for (var framework : snapshot.frameworks()) {
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

  public static Response.GetState state(Snapshot snapshot) {
    return Response.GetState.newBuilder()
        .setGetTasks(tasks(snapshot))
        .setGetExecutors(executors(snapshot))
        .setGetFrameworks(frameworks(snapshot))
        .setGetAgents(agents(snapshot))
        .build();
  }

  public static Response.GetRoles roles(Snapshot snapshot) {
    var result = Response.GetRoles.newBuilder();
    new RoleTable(snapshot)
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

  public static Response.GetWeights weights(Snapshot snapshot) {
    var result = Response.GetWeights.newBuilder();
    snapshot
        .weights()
        .forEach((role, weight) ->
            result.addWeightInfos(WeightInfo.newBuilder().setRole(role).setWeight(weight)));
    return result.build();
  }

  /// The JSON of an answer whose lists are shown even when empty; others are written as they are.
  public static byte[] json(Response response) {
    var out = new JsonOut();
    switch (response.getType()) {
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
      default -> out.message(response);
    }
    return out.bytes();
  }

  /// The event that an operator's stream begins with.
  public static Event subscribed(Snapshot snapshot, double heartbeatSeconds) {
    return Event.newBuilder()
        .setType(Event.Type.SUBSCRIBED)
        .setSubscribed(
            Event.Subscribed.newBuilder()
                .setGetState(state(snapshot))
                .setHeartbeatIntervalSeconds(heartbeatSeconds))
        .build();
  }

  /// As [#json(Response)], for events.
  public static byte[] json(Event event) {
    var out = new JsonOut();
    if (event.getType() != Event.Type.SUBSCRIBED) {
      return out.message(event).bytes();
    }
    out.object().field("type", event.getType().name()).object("subscribed");
    state(out, event.getSubscribed().getGetState());
    out.field("heartbeat_interval_seconds", event.getSubscribed().getHeartbeatIntervalSeconds());
    return out.end().end().bytes();
  }

  private static void state(JsonOut out, Response.GetState state) {
    out.object("get_state");
    tasks(out, state.getGetTasks());
    executors(out, state.getGetExecutors());
    frameworks(out, state.getGetFrameworks());
    agents(out, state.getGetAgents());
    out.end();
  }

  private static void tasks(JsonOut out, Response.GetTasks tasks) {
    out.object("get_tasks");
    list(out, "tasks", tasks.getTasksList());
    list(out, "unreachable_tasks", tasks.getUnreachableTasksList());
    list(out, "completed_tasks", tasks.getCompletedTasksList());
    out.end();
  }

  static void executors(JsonOut out, Response.GetExecutors executors) {
    out.object("get_executors");
    list(out, "executors", executors.getExecutorsList());
    out.end();
  }

  static void frameworks(JsonOut out, Response.GetFrameworks frameworks) {
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
