// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.flags.Durations;
import io.meseta.flags.Flags;
import io.meseta.http.Absent;
import io.meseta.http.Answer;
import io.meseta.http.Handler;
import io.meseta.http.Help;
import io.meseta.http.Jsonp;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.http.files.FilesEndpoint;
import io.meseta.http.system.SystemEndpoints;
import io.meseta.model.acls.Action;
import io.meseta.wire.json.JsonOut;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// The agent's HTTP endpoints, each also below `/slave(1)`.
final class Endpoints {
  private static final int PER_SECOND = 2;

  private final Readers readers;
  private final RateLimit metricsLimit = new RateLimit(PER_SECOND, Duration.ofSeconds(20));
  private final RateLimit statisticsLimit = new RateLimit(PER_SECOND, Duration.ofSeconds(20));

  private Endpoints(Readers readers) {
    this.readers = readers;
  }

  static void install(Router router, Readers readers) {
    var all = new Endpoints(readers);
    router
        .alias("/slave(1)")
        .on("*", "/health", request -> Router.done(Answer.empty(200)))
        .onBlocking("GET", "/version", request -> Jsonp.answer(request, version()))
        .onBlocking(
            "GET",
            "/flags",
            request ->
                readers.access.permits(request, Action.VIEW_FLAGS)
                    ? Jsonp.answer(request, all.flags())
                    : Access.forbidden())
        .onBlocking("GET", "/state", all::state)
        .onBlocking("GET", "/containers", all.guarded("/containers", all::containers))
        .onBlocking(
            "GET",
            "/containerizer/debug",
            all.guarded(
                "/containerizer/debug",
                request ->
                    Jsonp.answer(
                        request, new JsonOut().object().array("pending").end().end().bytes())))
        .onBlocking(
            "GET", "/monitor/statistics", all.guarded("/monitor/statistics", all::statistics))
        .onBlocking(
            "GET", "/monitor/statistics.json", all.guarded("/monitor/statistics", all::statistics))
        .onBlocking("GET", "/metrics/snapshot", all.guarded("/metrics/snapshot", all::metrics))
        .onBlocking(
            "GET",
            "/metrics",
            all.guarded(
                "/metrics/snapshot",
                request ->
                    all.with(agent ->
                        Metrics.prometheus(Metrics.of(agent, readers.containerizer().fetcher())))))
        .on("POST", "/api/v1/executor", new ExecutorEndpoint(readers))
        .onBlocking("POST", "/api/v1", new OperatorEndpoint(readers));
    FilesEndpoint.register(
        router,
        request ->
            readers
                .snapshot()
                .map(agent ->
                    Sandboxes.of(agent, readers.flags, readers.access.seenBy(request.principal()))),
        Answer.text(503, "Agent has not finished recovery"),
        Jsonp::answer,
        request ->
            request.path().contains("/files/debug")
                ? readers.access.endpoint(request, "/files/debug")
                : Optional.empty());
    SystemEndpoints.register(
        router,
        List.of("slave(1)", "files", "logging", "metrics", "system"),
        request -> readers.access.endpoint(request, "/logging/toggle"),
        Jsonp::answer,
        Durations::parse);
    Absent.register(router, "agent", "/slave(1)", "/api/v1/resource_provider");
    help(new Help("Endpoints of the agent", "slave(1)", router)).register();
  }

  private static Help help(Help help) {
    return SystemEndpoints.describe(help)
        .say("/api/v1", "Operator calls of the v1 API, as JSON or protobuf.")
        .say("/api/v1/executor", "Executor calls of the v1 API; SUBSCRIBE answers with a stream.")
        .say("/health", "200 as long as this process answers.")
        .say("/version", "The version of Mesos that this agent speaks as.")
        .say("/flags", "The flags in force.")
        .say("/state", "Everything: frameworks, executors, tasks, resources.")
        .say(
            "/containers",
            "The containers and what they use; container_id, or framework_id and executor_id.")
        .say("/containerizer/debug", "What the containerizer waits for.")
        .say("/monitor/statistics", "What each executor uses; at most two requests a second.")
        .say("/metrics", "All figures in Prometheus' text format.")
        .say("/metrics/snapshot", "All figures as one JSON object; at most two requests a second.")
        .say("/files/browse", "The content of the folder path=PATH, such as a sandbox.")
        .say(
            "/files/read", "A piece of the file path=PATH: offset, length; offset=-1 for its size.")
        .say("/files/download", "The whole file path=PATH.")
        .say("/files/debug", "Which virtual paths there are, and what they stand for.");
  }

  /// Answers with a snapshot, or 503 while there is none.
  private Answer with(Function<AgentSnapshot, Answer> answer) {
    return readers
        .snapshot()
        .filter(agent -> agent.phase() != Agent.Phase.RECOVERING)
        .map(answer)
        .orElseGet(() -> Answer.text(503, "Agent has not finished recovery"));
  }

  /// Refuses an endpoint to whoever may not use it.
  private Handler.Blocking guarded(String path, Handler.Blocking handler) {
    return request -> {
      var refusal = readers.access.endpoint(request, path);
      return refusal.isPresent() ? refusal.get() : handler.on(request);
    };
  }

  private Answer state(Request request) {
    var visible = readers.access.seenBy(request.principal());
    return with(agent ->
        Jsonp.answer(
            request,
            StateDocument.write(
                visible.of(agent), visible.flags() ? effective() : Map.of(), readers.flags)));
  }

  private AgentSnapshot containers(Request request, AgentSnapshot agent) {
    return readers.access.seenBy(request.principal()).containers(agent);
  }

  Map<String, String> effective() {
    return new TreeMap<>(Flags.effective(readers.flags));
  }

  private byte[] flags() {
    var out = new JsonOut().object().object("flags");
    effective().forEach(out::field);
    return out.end().end().bytes();
  }

  private static byte[] version() {
    var version = Version.info();
    var out =
        new JsonOut()
            .object()
            .field("build_date", version.getBuildDate())
            .field("build_time", version.getBuildTime())
            .field("build_user", version.getBuildUser());
    if (version.hasGitSha()) {
      out.field("git_sha", version.getGitSha());
    }
    return out.field("version", version.getVersion()).end().bytes();
  }

  private Answer containers(Request request) {
    var container = request.query("container_id").orElse("");
    var framework = request.query("framework_id").orElse("");
    var executor = request.query("executor_id").orElse("");
    boolean legal =
        container.isEmpty()
            ? executor.isEmpty() || !framework.isEmpty()
            : framework.isEmpty() && executor.isEmpty();
    if (!legal) {
      return Answer.text(
          400,
          "Supported query parameters are container_id only, framework_id only, or executor_id with framework_id");
    }
    return with(agent ->
        Jsonp.answer(
            request,
            new ContainerReports(containers(request, agent), readers)
                .containers(container, framework, executor)));
  }

  private Answer statistics(Request request) throws InterruptedException {
    if (!statisticsLimit.acquire()) {
      return Answer.text(503, "Too many requests for statistics are waiting");
    }
    return with(agent ->
        Jsonp.answer(
            request, new ContainerReports(containers(request, agent), readers).statistics()));
  }

  private Answer metrics(Request request) throws InterruptedException {
    var timeout = request.query("timeout");
    if (timeout.isPresent()) {
      try {
        var unused = Durations.parse(timeout.get());
      } catch (IllegalArgumentException e) {
        return Answer.text(
            400, "Invalid timeout '" + timeout.get() + "': " + e.getMessage() + "\n");
      }
    }
    if (!metricsLimit.acquire()) {
      return Answer.text(503, "Too many requests for metrics are waiting");
    }
    return readers
        .snapshot()
        .map(agent -> {
          var out = new JsonOut().object();
          Metrics.of(agent, readers.containerizer().fetcher()).forEach(out::field);
          return Jsonp.answer(request, out.end().bytes());
        })
        .orElseGet(() -> Answer.text(503, "Agent has not finished recovery"));
  }
}
