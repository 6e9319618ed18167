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
import io.meseta.wire.v1.master.Response;
import java.util.List;

/// The cluster as the v1 API shows it. The JSON form always has the lists that the protobuf form
/// leaves out when they are empty.
public final class V1Answers {
  private V1Answers() {}

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

  private static void list(JsonOut out, String name, List<? extends Message> messages) {
    out.array(name);
    messages.forEach(out::message);
    out.end();
  }
}
