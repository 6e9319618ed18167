// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.server;

import io.meseta.chronos.core.ChronosEvent.ApiCall;
import io.meseta.http.Answer;
import io.meseta.http.Handler;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.http.StandbyProxy;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/// The REST interface below `/v1/scheduler` (and `/scheduler`, as 2.x had it). A standby hands
/// everything on.
final class Api {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Supplier<Optional<Runner>> runner;
  private final StandbyProxy proxy;
  private final ExecutorService threads;
  private final Supplier<Optional<String>> leader;

  Api(
      Supplier<Optional<Runner>> runner,
      StandbyProxy proxy,
      ExecutorService threads,
      Supplier<Optional<String>> leader) {
    this.runner = runner;
    this.proxy = proxy;
    this.threads = threads;
    this.leader = leader;
  }

  void register(Router router) {
    router.on("GET", "/ping", request -> Router.done(Answer.text(200, "pong")));
    router.assets("/", "console/chronos");
    router.assets("/lib", "console/lib");
    router.on("GET", "/leader", this::leader);
    router.on("GET", "/metrics", core(request -> new ApiCall.Metrics()));
    router.on("GET", "/logging", Api::absent);
    router.on("PUT", "/logging", Api::absent);
    for (var base : new String[] {"/v1/scheduler", "/scheduler"}) {
      router.on("GET", base, request -> Router.done(nothing(request)));
      router.on("GET", base + "/leader", this::leader);
      router.on("POST", base + "/iso8601", post(false));
      router.on("PUT", base + "/iso8601", post(false));
      router.on("POST", base + "/dependency", post(true));
      router.on("PUT", base + "/dependency", post(true));
      router.on("GET", base + "/jobs", core(request -> new ApiCall.ListJobs()));
      router.on("GET", base + "/jobs/summary", core(request -> new ApiCall.Summary()));
      router.on("GET", base + "/jobs/search", this::search);
      router.on("GET", base + "/job", this::getJob);
      router.on("PUT", base + "/job", this::putJob);
      router.on(
          "DELETE",
          base + "/job",
          request ->
              request.tail().contains("/")
                  ? Router.done(nothing(request))
                  : core(r -> new ApiCall.Delete(r.tail())).on(request));
      router.on("GET", base + "/stats", core(request -> new ApiCall.Ranking(request.tail())));
      router.on("DELETE", base + "/task/kill", core(request -> new ApiCall.Kill(request.tail())));
      router.on("GET", base + "/graph/dot", core(request -> new ApiCall.GraphDot()));
      router.on("GET", base + "/graph/csv", core(request -> new ApiCall.GraphCsv()));
    }
    router.notFound(request -> Router.done(nothing(request)));
    router.failed(
        failure -> error(500, "Internal Server Error", "Internal error; the log says more."));
    router.after((request, answer) -> answer.header("Access-Control-Allow-Origin", "*"));
  }

  /// Takes a job; what is said not to be JSON is refused, as in the original.
  private Handler post(boolean dependent) {
    var asking = core(request -> new ApiCall.Post(dependent, request.body()));
    return request ->
        request.saysJson()
            ? asking.on(request)
            : Router.done(
                error(
                    415,
                    "Unsupported Media Type",
                    "Content-Type: "
                        + request.header("content-type").orElse("")
                        + " (expected: application/json)"));
  }

  /// A job, or behind the word `stat` how long its runs took.
  private CompletionStage<Answer> getJob(Request request) {
    var tail = request.tail();
    if (tail.startsWith("stat/") && tail.indexOf('/', 5) < 0) {
      return core(r -> new ApiCall.JobStats(tail.substring(5))).on(request);
    }
    return tail.contains("/")
        ? Router.done(nothing(request))
        : core(r -> new ApiCall.Get(tail)).on(request);
  }

  /// Runs a job now, or behind the word `success` counts a success of it.
  private CompletionStage<Answer> putJob(Request request) {
    var tail = request.tail();
    if (tail.startsWith("success/") && tail.indexOf('/', 8) < 0) {
      return core(r -> new ApiCall.MarkSuccess(tail.substring(8))).on(request);
    }
    if (tail.startsWith("stat/")) {
      return Router.done(
          error(405, "Method Not Allowed", "PUT " + request.path() + " (expected: GET)")
              .header("Allow", "GET"));
    }
    return tail.contains("/")
        ? Router.done(nothing(request))
        : core(r -> new ApiCall.RunNow(tail, r.query("arguments").filter(a -> !a.isEmpty())))
            .on(request);
  }

  private static CompletionStage<Answer> absent(Request request) {
    return Router.done(
        error(
            501,
            "Not Implemented",
            request.path() + " is not in this Chronos yet: the log holds INFO and above"));
  }

  private static Answer nothing(Request request) {
    return error(404, "Not Found", "There is nothing at " + request.path());
  }

  private CompletionStage<Answer> leader(Request request) {
    var body = JSON.createObjectNode().put("leader", leader.get().orElse(""));
    return Router.done(Answer.json(JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8)));
  }

  private CompletionStage<Answer> search(Request request) {
    try {
      int limit = request.query("limit").map(Integer::parseInt).orElse(10);
      int offset = request.query("offset").map(Integer::parseInt).orElse(0);
      return core(r ->
              new ApiCall.Search(
                  r.query("name"),
                  r.query("command"),
                  r.query("any"),
                  Math.max(0, limit),
                  Math.max(0, offset)))
          .on(request);
    } catch (NumberFormatException e) {
      return Router.done(
          error(
              400,
              "Bad Request",
              "limit and offset: expected whole numbers, got " + request.rawQuery()));
    }
  }

  /// Asks the core when this server leads, else the leader.
  private Handler core(Function<Request, ApiCall> call) {
    return request -> {
      var leading = runner.get();
      if (leading.isPresent()) {
        if (leading.get().away() && !request.method().equals("GET")) {
          return Router.done(
              error(
                  503,
                  "Service Unavailable",
                  "ZooKeeper does not answer: nothing can be changed until it does"));
        }
        return leading.get().ask(call.apply(request));
      }
      return CompletableFuture.supplyAsync(
          () -> {
            try {
              return proxy.forward(request);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              return error(503, "Service Unavailable", "Chronos is ending.");
            }
          },
          threads);
    };
  }

  static Answer error(int code, String status, String message) {
    var body = JSON.createObjectNode().put("status", status).put("message", message);
    return Answer.of(
        code, "application/json", JSON.writeValueAsString(body).getBytes(StandardCharsets.UTF_8));
  }
}
