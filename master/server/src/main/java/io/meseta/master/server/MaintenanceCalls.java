// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.http.Answer;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.MachineID;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.master.Call;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// `/maintenance/schedule`, `/machine/down`, `/machine/up`. Original: src/master/http.cpp.
final class MaintenanceCalls {
  private final Node node;

  MaintenanceCalls(Node node) {
    this.node = node;
  }

  void register(Router router) {
    router.on("POST", "/maintenance/schedule", this::schedule);
    router.on(
        "POST",
        "/machine/down",
        request -> machines(request, OperatorRequest.StartMaintenance::new));
    router.on(
        "POST", "/machine/up", request -> machines(request, OperatorRequest.StopMaintenance::new));
  }

  private CompletionStage<Answer> change(Request from, OperatorRequest request) {
    return node.call(id -> new MasterEvent.OperatorCall(id, from.principal(), request));
  }

  private CompletionStage<Answer> schedule(Request request) {
    try {
      return change(
          request,
          new OperatorRequest.UpdateMaintenance(
              Json.parse(request.body(), Schedule.newBuilder()).build()));
    } catch (JsonException e) {
      return Router.done(Answer.text(400, e.getMessage()));
    }
  }

  private CompletionStage<Answer> machines(
      Request request, Function<List<MachineID>, OperatorRequest> asked) {
    var text = new String(request.body(), StandardCharsets.UTF_8).strip();
    if (!text.startsWith("[")) {
      return Router.done(
          Answer.text(400, "Expecting a JSON array of machines, as in [{\"hostname\":\"h1\"}]"));
    }
    try {
      return change(
          request,
          asked.apply(
              Json.parse(JsonArrays.wrap("machines", text), Call.StartMaintenance.newBuilder())
                  .getMachinesList()));
    } catch (JsonException e) {
      return Router.done(Answer.text(400, e.getMessage()));
    }
  }
}
