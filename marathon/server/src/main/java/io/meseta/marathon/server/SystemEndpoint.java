// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.http.Answer;
import io.meseta.http.Prometheus;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.marathon.core.ApiCall;
import io.meseta.marathon.core.json.Docs;
import io.meseta.zk.Leadership;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import tools.jackson.databind.JsonNode;

/// `/ping`, `/v2/info`, `/v2/leader`, `/v2/plugins`, `/v2/events`, `/metrics`, `/`, `/help`.
final class SystemEndpoint {
  static final String VERSION = "1.11.24";

  private final Api api;
  private final MarathonFlags flags;
  private final Leadership leadership;
  private final EventHub events;
  private final Meters meters;
  private final Runnable abdicate;
  private final Router router;
  private final int port;

  /// @param abdicate ends this server soon
  SystemEndpoint(
      Router router,
      Api api,
      MarathonFlags flags,
      int port,
      Leadership leadership,
      EventHub events,
      Meters meters,
      Runnable abdicate) {
    this.meters = meters;
    this.router = router;
    this.api = api;
    this.flags = flags;
    this.port = port;
    this.leadership = leadership;
    this.events = events;
    this.abdicate = abdicate;
  }

  void register() {
    router.on("GET", "/ping", api.here(SystemEndpoint::ping));
    router.on("GET", "/", SystemEndpoint::root);
    router.on("*", "/", api.here(SystemEndpoint::unknown));
    router.on("GET", "/help", request -> Api.done(found("/api-console/index.html")));
    router.on("GET", "/api-console", request -> Api.done(console()));
    router.on("GET", "/v2/info", api.here(this::info));
    router.on("GET", "/v2/leader", api.here(this::leader));
    router.on("DELETE", "/v2/leader", api.here(this::leave));
    router.on("GET", "/v2/plugins", api.here(SystemEndpoint::plugins));
    router.on("GET", "/v2/events", this::stream);
    for (var absent : new String[] {"/v2/pods", "/logging"}) {
      router.on("*", absent, request -> Api.done(absent(request)));
    }
    router.on("GET", "/metrics", api.here(this::metrics));
    router.on("GET", "/metrics/prometheus", api.here(this::prometheus));
  }

  private static CompletionStage<Answer> ping(Request request) {
    var accept = request.header("accept").orElse("*/*");
    if (accept.contains("*/*") || accept.contains("text/plain") || accept.contains("text/html")) {
      var type = accept.contains("text/html") ? "text/html" : "text/plain";
      return Api.done(Answer.of(200, type, "pong".getBytes(StandardCharsets.UTF_8)));
    }
    if (accept.contains("application/json")) {
      return Api.done(Answer.json("\"pong\"".getBytes(StandardCharsets.UTF_8)));
    }
    return Api.done(Answer.empty(204));
  }

  private static CompletionStage<Answer> root(Request request) {
    return request.path().equals("/") ? Api.done(found("/ui/")) : Api.notFound(request);
  }

  private static Answer absent(Request request) {
    return Api.message(501, request.path() + " is not in this Marathon yet");
  }

  /// What "/" catches of other methods is for paths that do not exist.
  private static CompletionStage<Answer> unknown(Request request) {
    return request.path().equals("/")
        ? Api.done(Api.message(405, "Method not allowed (expected: GET)").header("Allow", "GET"))
        : Api.notFound(request);
  }

  private static Answer found(String location) {
    return Answer.empty(302).header("Location", location);
  }

  /// A page that lists what can be asked.
  private Answer console() {
    var page = new StringBuilder("<!doctype html><title>Marathon API</title><h1>Marathon API</h1>");
    page.append("<table>");
    router
        .routes()
        .forEach((path, methods) ->
            page.append("<tr><td>")
                .append(String.join(", ", methods))
                .append("<td><code>")
                .append(path)
                .append("</code>"));
    page.append("</table>");
    return Answer.of(
        200, "text/html; charset=utf-8", page.toString().getBytes(StandardCharsets.UTF_8));
  }

  private CompletionStage<Answer> info(Request request) {
    return api.document(new ApiCall.FrameworkState())
        .thenApply(state -> {
          var document = Info.json(flags, port, state.path("master").stringValue(""));
          var id = state.path("frameworkId").stringValue("");
          if (id.isEmpty()) {
            document.putNull("frameworkId");
          } else {
            document.put("frameworkId", id);
          }
          document.put("name", flags.frameworkName());
          document.put("version", VERSION);
          document.put("buildref", "meseta");
          document.put("elected", true);
          document.put("leader", leadership.leader().orElse(""));
          return Answer.json(Docs.bytes(document));
        });
  }

  private CompletionStage<Answer> leader(Request request) {
    var leader = leadership.leader();
    if (leader.isEmpty()) {
      return Api.done(Api.message(404, "There is no leader"));
    }
    var document = Docs.object();
    document.put("leader", leader.get());
    return Api.done(Answer.json(Docs.bytes(document)));
  }

  private CompletionStage<Answer> leave(Request request) {
    if (request.query("backup").isPresent() || request.query("restore").isPresent()) {
      return Api.done(Api.message(422, "backup and restore are not supported (expected: neither)"));
    }
    abdicate.run();
    return Api.done(Api.message(200, "Leadership abdicated"));
  }

  private static CompletionStage<Answer> plugins(Request request) {
    var document = Docs.object();
    document.putArray("plugins");
    return Api.done(Answer.json(Docs.bytes(document)));
  }

  /// A standby has no events; it says who has.
  private CompletionStage<Answer> stream(Request request) {
    if (!api.leading()) {
      var leader = leadership.leader();
      if (leader.isEmpty()) {
        return Api.done(Api.message(503, "There is no leader"));
      }
      var query = request.rawQuery().isEmpty() ? "" : "?" + request.rawQuery();
      return Api.done(found("http://" + leader.get() + "/v2/events" + query));
    }
    boolean accepted =
        request.header("accept").filter(each -> each.contains("text/event-stream")).isPresent();
    if (!accepted) {
      return Api.done(
          Api.message(405, "Events are only sent to clients that accept text/event-stream"));
    }
    var stream =
        events.attach(
            request.queries("event_type"), request.remote().getAddress().getHostAddress());
    return Api.done(
        stream == null
            ? Api.message(503, "Too many clients read events already")
            : Answer.stream("text/event-stream;charset=UTF-8", stream));
  }

  private CompletionStage<Answer> metrics(Request request) {
    return api.document(new ApiCall.Counts())
        .thenApply(counts -> {
          var document = Docs.object();
          document.put("version", "5.0.0");
          var counters = document.putObject("counters");
          meters.counters().forEach((name, count) -> counters.putObject(name).put("count", count));
          var gauges = document.putObject("gauges");
          gauge(gauges, "marathon.apps.active.gauge", counts, "apps");
          gauge(gauges, "marathon.groups.active.gauge", counts, "groups");
          gauge(gauges, "marathon.deployments.active.gauge", counts, "deployments");
          gauge(gauges, "marathon.instances.running.gauge", counts, "running");
          gauge(gauges, "marathon.instances.staged.gauge", counts, "staged");
          gauge(gauges, "marathon.instances.scheduled.gauge", counts, "scheduled");
          gauges.putObject("marathon.pods.active.gauge").put("value", 0);
          gauges.putObject("marathon.uptime.gauge.seconds").put("value", meters.uptimeSeconds());
          gauge(gauges, "marathon.instances.inflight-kills.gauge", counts, "kills");
          gauges.putObject("marathon.http.event-streams.active.gauge").put("value", events.size());
          document.putObject("histograms");
          document.putObject("meters");
          document.putObject("timers");
          return Answer.json(Docs.bytes(document));
        });
  }

  private static void gauge(
      tools.jackson.databind.node.ObjectNode gauges, String name, JsonNode counts, String field) {
    gauges.putObject(name).set("value", counts.get(field));
  }

  private CompletionStage<Answer> prometheus(Request request) {
    return api.document(new ApiCall.Counts())
        .thenApply(counts -> {
          var text = new Prometheus();
          text.gauge("marathon_apps_active", "Apps", Map.of(), counts.get("apps").asInt());
          text.gauge("marathon_groups_active", "Groups", Map.of(), counts.get("groups").asInt());
          text.gauge(
              "marathon_deployments_active",
              "Deployments under way",
              Map.of(),
              counts.get("deployments").asInt());
          for (var state : new String[] {"running", "staged", "scheduled"}) {
            text.gauge(
                "marathon_instances",
                "Instances by state",
                Map.of("state", state),
                counts.get(state).asInt());
          }
          meters
              .counters()
              .forEach((name, count) ->
                  text.counter(
                      name.replace(".counter", "").replaceAll("[.-]", "_") + "_total",
                      "Since the start of this server",
                      Map.of(),
                      count));
          text.gauge("marathon_event_streams_active", "Readers of events", Map.of(), events.size());
          return text.answer();
        });
  }
}
