// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.flags.Durations;
import io.meseta.http.Answer;
import io.meseta.http.Handler;
import io.meseta.http.Help;
import io.meseta.http.Jsonp;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.http.files.FilesEndpoint;
import io.meseta.http.system.SystemEndpoints;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.master.server.auth.Access;
import io.meseta.master.server.views.ConstraintsDocument;
import io.meseta.master.server.views.Documents;
import io.meseta.master.server.views.Metrics;
import io.meseta.master.server.views.PrometheusNames;
import io.meseta.master.server.views.RegistryDocument;
import io.meseta.master.server.views.SmallDocuments;
import io.meseta.master.server.views.StateDocuments;
import io.meseta.master.server.views.TaskPages;
import io.meseta.model.acls.Action;
import io.meseta.wire.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/// Every endpoint of the master.
final class Routes {
  private final MasterFlags flags;
  private final Node node;
  private final Reading reading;

  Routes(MasterFlags flags, Node node, Leadership leadership, Access access, Executor executor) {
    this.flags = flags;
    this.node = node;
    this.reading = new Reading(flags, node, leadership, access, executor);
  }

  void register(Router router) {
    router.alias("/master");
    router.on("POST", "/api/v1/scheduler", new SchedulerEndpoint(node, flags.maxStreamBytes()));
    router.on("POST", "/api/v1", new OperatorEndpoint(node, reading, flags.maxStreamBytes()));
    router.on("*", "/health", request -> Router.done(Answer.empty(200)));
    // What only shows something is shown however it is asked for, as in the original.
    router.on("*", "/version", request -> json(request, SmallDocuments.version(Identity.VERSION)));
    router.on("GET", "/flags", this::flags);
    if (!reading.isRestricted()) {
      router.on("*", "/flags", this::flags);
    }
    router.on("*", "/state", longView((request, d) -> StateDocuments.state(d)));
    router.on("*", "/state-summary", view((request, d) -> StateDocuments.summary(d)));
    router.on(
        "*", "/slaves", view((request, d) -> StateDocuments.slaves(d, request.query("slave_id"))));
    router.on(
        "*",
        "/frameworks",
        longView((request, d) -> StateDocuments.frameworks(d, request.query("framework_id"))));
    router.on("*", "/tasks", this::tasks);
    router.on("*", "/roles", view((request, d) -> SmallDocuments.roles(d.snapshot())));
    router.on("GET", "/weights", view((request, d) -> SmallDocuments.weights(d.snapshot())));
    router.on(
        "GET", "/maintenance/schedule", view((request, d) -> Json.write(d.snapshot().schedule())));
    router.on(
        "GET", "/maintenance/status", view((request, d) -> Json.write(d.snapshot().maintenance())));
    router.on("GET", "/quota", view((request, d) -> QuotaCalls.document(d.snapshot())));
    router.on(
        "*",
        "/metrics/snapshot",
        request ->
            endpoint(request, "/metrics/snapshot")
                .or(() -> timeout(request))
                .map(Router::done)
                .orElseGet(() ->
                    reading.renderNow(
                        kind(request),
                        d ->
                            Jsonp.answer(
                                request, Metrics.document(reading.metrics(d.snapshot()))))));
    router.on(
        "GET",
        "/metrics",
        request ->
            endpoint(request, "/metrics/snapshot")
                .map(Router::done)
                .orElseGet(() -> prometheus(request)));
    router.on("POST", "/teardown", this::teardown);
    router.on("GET", "/offers/why", new WhyEndpoint(node, reading));
    new ResourceCalls(node).register(router);
    new QuotaCalls(node).register(router);
    new MaintenanceCalls(node).register(router);
    FilesEndpoint.register(
        router,
        request -> Optional.of(reading.files()),
        Answer.text(503, "The master is starting"),
        Jsonp::answer,
        request ->
            request.path().startsWith("/files/debug")
                ? endpoint(request, "/files/debug")
                : reading.permits(request.principal(), Action.ACCESS_MESOS_LOG, Optional.empty())
                    ? Optional.empty()
                    : Optional.of(forbidden()));
    SystemEndpoints.register(
        router,
        List.of("master", "files", "logging", "metrics", "registrar(1)", "system"),
        request -> endpoint(request, "/logging/toggle"),
        Jsonp::answer,
        Durations::parse);
    router.on("*", "/registrar(1)/registry", this::registry);
    router.on(
        "*",
        "/allocator/offer_constraints_debug",
        view((request, d) -> ConstraintsDocument.write(d.snapshot())));
    HelpTexts.add(new Help("Endpoints of the master", "master", router)).register();
    router.assets("/", "console/master");
    router.assets("/lib", "console/lib");
    router.on("POST", "/", request -> Router.done(Answer.text(404, "404 Not Found.")));
  }

  static Answer forbidden() {
    return Answer.text(403, "403 Forbidden.");
  }

  /// The refusal of an endpoint that the principal may not use.
  private Optional<Answer> endpoint(Request request, String path) {
    return reading.permits(request.principal(), Action.GET_ENDPOINT, Optional.of(path))
        ? Optional.empty()
        : Optional.of(forbidden());
  }

  /// The refusal of a timeout that is none. Figures are read at once, so a good one changes
  /// nothing.
  private static Optional<Answer> timeout(Request request) {
    var text = request.query("timeout");
    if (text.isPresent()) {
      try {
        var unused = Durations.parse(text.get());
      } catch (IllegalArgumentException e) {
        return Optional.of(
            Answer.text(400, "Invalid timeout '" + text.get() + "': " + e.getMessage() + ".\n"));
      }
    }
    return Optional.empty();
  }

  private CompletionStage<Answer> registry(Request request) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return Jsonp.answer(
                request,
                Json.writeSorted(RegistryDocument.of(node.identity().info(), node.registry())));
          } catch (Exception e) {
            return Answer.text(500, "The registry cannot be read: " + e.getMessage() + "\n");
          }
        },
        reading.executor());
  }

  private interface Renderer {
    byte[] render(Request request, Documents documents);
  }

  private Handler view(Renderer renderer) {
    return request ->
        reading.render(
            request.principal(),
            kind(request),
            documents -> Jsonp.answer(request, renderer.render(request, documents)));
  }

  private interface LongRenderer {
    List<byte[]> render(Request request, Documents documents);
  }

  /// For documents that grow with the cluster.
  private Handler longView(LongRenderer renderer) {
    return request ->
        reading.render(
            request.principal(),
            kind(request),
            documents -> Jsonp.answer(request, renderer.render(request, documents)));
  }

  /// Requests for the same thing have the same answer.
  private static String kind(Request request) {
    return request.method() + " " + request.path() + "?" + request.rawQuery();
  }

  private static CompletionStage<Answer> json(Request request, byte[] document) {
    return Router.done(Jsonp.answer(request, document));
  }

  private CompletionStage<Answer> flags(Request request) {
    return reading.permits(request.principal(), Action.VIEW_FLAGS, Optional.empty())
        ? json(request, SmallDocuments.flags(reading.flags()))
        : Router.done(forbidden());
  }

  private CompletionStage<Answer> tasks(Request request) {
    var query =
        new TaskPages.Query(
            number(request, "limit", 100),
            number(request, "offset", 0),
            request.query("order").filter("asc"::equals).isPresent(),
            request.query("framework_id"),
            request.query("task_id"));
    return reading.render(
        request.principal(),
        kind(request),
        documents -> Jsonp.answer(request, TaskPages.render(documents, query)));
  }

  /// As in the original, whose clients rely on it: what is no number counts as not given, and
  /// nothing is too much for a negative one.
  private static int number(Request request, String name, int otherwise) {
    try {
      int given = request.query(name).map(Integer::parseInt).orElse(otherwise);
      return given < 0 ? Integer.MAX_VALUE : given;
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  private CompletionStage<Answer> prometheus(Request request) {
    return reading.renderNow(
        "prometheus", documents -> PrometheusNames.document(reading.metrics(documents.snapshot())));
  }

  private CompletionStage<Answer> teardown(Request request) {
    var id = request.form().get("frameworkId");
    return id == null
        ? Router.done(Answer.text(400, "Missing 'frameworkId' query parameter in the request body"))
        : node.call(requestId ->
            new MasterEvent.OperatorCall(
                requestId, request.principal(), new OperatorRequest.Teardown(id)));
  }
}
