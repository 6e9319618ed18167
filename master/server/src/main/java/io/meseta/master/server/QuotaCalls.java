// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.http.Answer;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.master.core.view.Snapshot;
import io.meseta.master.server.ContentTypes.Refused;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.master.Call;
import io.meseta.wire.v1.quota.QuotaInfo;
import io.meseta.wire.v1.quota.QuotaRequest;
import io.meseta.wire.v1.quota.QuotaStatus;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;

/// `/quota` and changes of `/weights`. Original: src/master/quota_handler.cpp, weights_handler.cpp.
final class QuotaCalls {
  private final Node node;

  QuotaCalls(Node node) {
    this.node = node;
  }

  void register(Router router) {
    router.on("POST", "/quota", this::set);
    router.on("DELETE", "/quota", this::remove);
    router.on("PUT", "/weights", this::weights);
  }

  @SuppressWarnings("deprecation") // still spoken by old clients
  static OperatorRequest set(Call call) throws Refused {
    OperatorEndpoint.present(call.hasSetQuota(), "set_quota");
    return new OperatorRequest.SetQuota(call.getSetQuota().getQuotaRequest());
  }

  @SuppressWarnings("deprecation") // still spoken by old clients
  static OperatorRequest remove(Call call) throws Refused {
    OperatorEndpoint.present(call.hasRemoveQuota(), "remove_quota");
    return new OperatorRequest.RemoveQuota(call.getRemoveQuota().getRole());
  }

  @SuppressWarnings("deprecation") // `infos` is what old clients read
  static QuotaStatus status(Snapshot snapshot) {
    var result = QuotaStatus.newBuilder();
    for (var config : snapshot.quotas().values()) {
      var info = QuotaInfo.newBuilder().setRole(config.getRole());
      new TreeMap<>(config.getGuaranteesMap())
          .forEach((name, value) ->
              info.addGuarantee(
                  Resource.newBuilder().setName(name).setType(Value.Type.SCALAR).setScalar(value)));
      result.addInfos(info).addConfigs(config);
    }
    return result.build();
  }

  static byte[] document(Snapshot snapshot) {
    return Json.write(status(snapshot));
  }

  private CompletionStage<Answer> change(Request from, OperatorRequest request) {
    return node.call(id -> new MasterEvent.OperatorCall(id, from.principal(), request));
  }

  private CompletionStage<Answer> set(Request request) {
    try {
      return change(
          request,
          new OperatorRequest.SetQuota(
              Json.parse(request.body(), QuotaRequest.newBuilder()).build()));
    } catch (JsonException e) {
      return Router.done(
          Answer.text(
              400,
              (e.kind() == JsonException.Kind.SYNTAX
                      ? "Failed to parse set quota request JSON '"
                      : "Failed to validate set quota request JSON '")
                  + shown(request)
                  + "': "
                  + e.getMessage()));
    }
  }

  private static String shown(Request request) {
    var text = new String(request.body(), StandardCharsets.UTF_8);
    return text.length() > 200 ? text.substring(0, 200) + "..." : text;
  }

  private CompletionStage<Answer> remove(Request request) {
    var role = request.tail();
    return role.isEmpty()
        ? Router.done(
            Answer.text(
                400,
                "Failed to parse remove quota request for path '"
                    + request.path()
                    + "': expected /quota/ROLE"))
        : change(request, new OperatorRequest.RemoveQuota(role));
  }

  private CompletionStage<Answer> weights(Request request) {
    var text = new String(request.body(), StandardCharsets.UTF_8);
    try {
      if (!text.strip().startsWith("[")) {
        throw new JsonException(
            JsonException.Kind.SYNTAX, "expected an array of {\"role\", \"weight\"}");
      }
      var weights = new LinkedHashMap<String, Double>();
      Json.parse(JsonArrays.wrap("weight_infos", text), Call.UpdateWeights.newBuilder())
          .getWeightInfosList()
          .forEach(info -> weights.put(info.getRole(), info.getWeight()));
      return change(request, new OperatorRequest.UpdateWeights(weights));
    } catch (JsonException e) {
      return Router.done(
          Answer.text(
              400,
              "Failed to parse update weights request JSON '"
                  + shown(request)
                  + "': "
                  + e.getMessage()));
    }
  }
}
