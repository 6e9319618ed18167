// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.http.Answer;
import io.meseta.http.Handler;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.master.Call;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// Operators' reservations and volumes: six calls of `/api/v1`, and the old forms `/reserve`,
/// `/unreserve`, `/create-volumes`, `/destroy-volumes`.
final class ResourceCalls {
  private final Node node;

  ResourceCalls(Node node) {
    this.node = node;
  }

  void register(Router router) {
    router.on("POST", "/reserve", form("resources", Operation.Type.RESERVE));
    router.on("POST", "/unreserve", form("resources", Operation.Type.UNRESERVE));
    router.on("POST", "/create-volumes", form("volumes", Operation.Type.CREATE));
    router.on("POST", "/destroy-volumes", form("volumes", Operation.Type.DESTROY));
  }

  /// What a v1 call asks for; empty when it is none of the six.
  static Optional<OperatorRequest.Apply> of(Call call) {
    return switch (call.getType()) {
      case RESERVE_RESOURCES -> {
        var asked = call.getReserveResources();
        yield apply(
            asked.getAgentId().getValue(),
            operation(Operation.Type.RESERVE)
                .setReserve(
                    Operation.Reserve.newBuilder()
                        .addAllSource(asked.getSourceList())
                        .addAllResources(asked.getResourcesList())));
      }
      case UNRESERVE_RESOURCES ->
          apply(
              call.getUnreserveResources().getAgentId().getValue(),
              operation(Operation.Type.UNRESERVE, call.getUnreserveResources().getResourcesList()));
      case CREATE_VOLUMES ->
          apply(
              call.getCreateVolumes().getAgentId().getValue(),
              operation(Operation.Type.CREATE, call.getCreateVolumes().getVolumesList()));
      case DESTROY_VOLUMES ->
          apply(
              call.getDestroyVolumes().getAgentId().getValue(),
              operation(Operation.Type.DESTROY, call.getDestroyVolumes().getVolumesList()));
      case GROW_VOLUME ->
          apply(
              call.getGrowVolume().getAgentId().getValue(),
              operation(Operation.Type.GROW_VOLUME)
                  .setGrowVolume(
                      Operation.GrowVolume.newBuilder()
                          .setVolume(call.getGrowVolume().getVolume())
                          .setAddition(call.getGrowVolume().getAddition())));
      case SHRINK_VOLUME ->
          apply(
              call.getShrinkVolume().getAgentId().getValue(),
              operation(Operation.Type.SHRINK_VOLUME)
                  .setShrinkVolume(
                      Operation.ShrinkVolume.newBuilder()
                          .setVolume(call.getShrinkVolume().getVolume())
                          .setSubtract(call.getShrinkVolume().getSubtract())));
      default -> Optional.empty();
    };
  }

  private static Optional<OperatorRequest.Apply> apply(String agentId, Operation.Builder what) {
    return Optional.of(new OperatorRequest.Apply(agentId, what.build()));
  }

  private static Operation.Builder operation(Operation.Type type) {
    return Operation.newBuilder().setType(type);
  }

  private static Operation.Builder operation(Operation.Type type, List<Resource> resources) {
    var result = operation(type);
    switch (type) {
      case RESERVE -> result.getReserveBuilder().addAllResources(resources);
      case UNRESERVE -> result.getUnreserveBuilder().addAllResources(resources);
      case CREATE -> result.getCreateBuilder().addAllVolumes(resources);
      case DESTROY -> result.getDestroyBuilder().addAllVolumes(resources);
      default -> throw new IllegalArgumentException(type.name());
    }
    return result;
  }

  private Handler form(String field, Operation.Type type) {
    return request -> form(request, field, type);
  }

  private CompletionStage<Answer> form(Request request, String field, Operation.Type type) {
    var form = request.form();
    for (var name : List.of("slaveId", field)) {
      if (!form.containsKey(name)) {
        return Router.done(
            Answer.text(400, "Missing '" + name + "' query parameter in the request body"));
      }
    }
    try {
      var operation = operation(type, parse(field, form.getOrDefault(field, "")));
      if (type == Operation.Type.RESERVE && form.containsKey("source")) {
        operation
            .getReserveBuilder()
            .addAllSource(parse("source", form.getOrDefault("source", "")));
      }
      var asked = new OperatorRequest.Apply(form.getOrDefault("slaveId", ""), operation.build());
      return node.call(id -> new MasterEvent.OperatorCall(id, request.principal(), asked));
    } catch (JsonException e) {
      return Router.done(Answer.text(400, e.getMessage()));
    }
  }

  /// A JSON array of resources.
  private static List<Resource> parse(String field, String text) throws JsonException {
    var array = text.strip();
    if (!array.startsWith("[")) {
      throw new JsonException(
          JsonException.Kind.SYNTAX,
          "Error parsing '"
              + field
              + "' query parameter in the request body: expected a JSON array, not '"
              + (array.length() > 40 ? array.substring(0, 40) + "..." : array)
              + "'");
    }
    try {
      return Json.parse(JsonArrays.wrap("resources", array), Operation.Reserve.newBuilder())
          .getResourcesList();
    } catch (JsonException e) {
      throw new JsonException(
          e.kind(),
          "Error parsing '" + field + "' query parameter in the request body: " + e.getMessage());
    }
  }
}
