// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.http.Answer;
import io.meseta.http.Handler;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.master.core.Effect;
import io.meseta.model.acls.Action;
import io.meseta.wire.json.JsonOut;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// `GET /offers/why?framework_id=`: for each agent and role the offer there is, or the first thing
/// that stands in its way. Not in the original.
final class WhyEndpoint implements Handler {
  private final Node node;
  private final Reading reading;

  WhyEndpoint(Node node, Reading reading) {
    this.node = node;
    this.reading = reading;
  }

  @Override
  public CompletionStage<Answer> on(Request request) {
    var id = request.query("framework_id").filter(given -> !given.isEmpty());
    if (id.isEmpty()) {
      return Router.done(Answer.text(400, "Missing 'framework_id' query parameter: whose offers?"));
    }
    // It shows the cluster from inside; whoever may not see all of it gets nothing.
    if (!reading.permits(request.principal(), Action.GET_ENDPOINT, Optional.of("/offers/why"))) {
      return Router.done(Routes.forbidden());
    }
    return node.why(id.get(), request.query("agent_id"))
        .handle((reasons, failure) ->
            failure != null
                ? Answer.text(503, "The master is overloaded")
                : reasons
                    .map(rows -> Answer.json(document(id.get(), rows)))
                    .orElseGet(
                        () -> Answer.text(404, "No framework '" + id.get() + "' is known here")));
  }

  private static byte[] document(String frameworkId, List<Effect.Reason> rows) {
    var out = new JsonOut().object();
    out.field("framework_id", frameworkId);
    out.array("agents");
    for (var row : rows) {
      out.object();
      out.field("agent_id", row.agentId());
      out.field("hostname", row.hostname());
      out.field("role", row.role());
      row.offerId().ifPresent(offer -> out.field("reason", "OFFERED").field("offer_id", offer));
      row.why()
          .ifPresent(why -> {
            out.field("reason", why.reason().name());
            out.field("detail", why.detail());
            if (why.until() != null) {
              out.field("until", why.until().toString());
            }
          });
      if (row.maintenance()) {
        out.field("maintenance", true);
      }
      out.end();
    }
    return out.end().end().bytes();
  }
}
