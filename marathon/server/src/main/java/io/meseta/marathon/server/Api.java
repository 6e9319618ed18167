// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.http.Answer;
import io.meseta.http.Handler;
import io.meseta.http.Request;
import io.meseta.http.StandbyProxy;
import io.meseta.marathon.core.ApiCall;
import io.meseta.marathon.core.json.Docs;
import io.meseta.wire.json.JsonErrors;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What the endpoints share: asking the core, reading bodies, handing on to the leader.
final class Api {
  private final Supplier<Optional<Runner>> runner;
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

  private final StandbyProxy proxy;
  private final ExecutorService threads;

  Api(Supplier<Optional<Runner>> runner, StandbyProxy proxy, ExecutorService threads) {
    this.runner = runner;
    this.proxy = proxy;
    this.threads = threads;
  }

  /// A bad request, thrown by endpoints while reading one.
  static final class BadRequest extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Answer answer;

    BadRequest(Answer answer) {
      super(null, null, false, false);
      this.answer = answer;
    }
  }

  boolean leading() {
    return runner.get().isPresent();
  }

  /// Runs the handler when this server leads, else hands the request on.
  Handler here(Handler handler) {
    return request -> {
      var leader = runner.get();
      if (leader.isEmpty()) {
        return forward(request);
      }
      if (leader.get().away() && !READING.contains(request.method())) {
        return done(
            message(503, "ZooKeeper does not answer: nothing can be changed until it does"));
      }
      try {
        return handler.on(request);
      } catch (BadRequest e) {
        return CompletableFuture.completedFuture(e.answer);
      }
    };
  }

  /// As [#here], for paths whose requests have to be JSON where they have a type at all.
  Handler hereJson(Handler handler) {
    return here(request ->
        request.saysJson()
            ? handler.on(request)
            : done(
                message(
                    415,
                    "Unsupported Media Type",
                    "Content-Type: "
                        + request.header("content-type").orElse("")
                        + " (expected: application/json)")));
  }

  private CompletionStage<Answer> forward(Request request) {
    var answer = new CompletableFuture<Answer>();
    threads.execute(() -> {
      try {
        answer.complete(proxy.forward(request));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        answer.complete(message(503, "Marathon is ending."));
      } catch (RuntimeException e) {
        answer.completeExceptionally(e);
      }
    });
    return answer;
  }

  /// Asks the core; its answer's body is made on a thread of its own.
  CompletionStage<Answer> ask(Request request, ApiCall call) {
    var leader = runner.get();
    if (leader.isEmpty()) {
      return forward(request);
    }
    return leader.get().ask(call).thenApplyAsync(answer -> render(request, answer), threads);
  }

  /// Asks the core for a document.
  CompletionStage<JsonNode> document(ApiCall call) {
    return runner
        .get()
        .orElseThrow()
        .ask(call)
        .thenApply(answer -> answer.body() == null ? Docs.object() : answer.body().get());
  }

  private static Answer render(Request request, io.meseta.marathon.core.Answer answer) {
    var body = answer.body();
    var made =
        body == null
            ? Answer.empty(answer.status())
            : Answer.of(answer.status(), "application/json", Docs.bytes(body.get()));
    for (var header : answer.headers().entrySet()) {
      var value = header.getValue();
      if (header.getKey().equals("Location")) {
        value = request.header("host").map(host -> "http://" + host).orElse("") + value;
      }
      made = made.header(header.getKey(), value);
    }
    return made;
  }

  static Answer message(int status, String message) {
    var document = Docs.object();
    document.put("message", message);
    return Answer.of(status, "application/json", Docs.bytes(document));
  }

  private static Answer message(int status, String message, String details) {
    var document = Docs.object();
    document.put("message", message);
    document.put("details", details);
    return Answer.of(status, "application/json", Docs.bytes(document));
  }

  static CompletionStage<Answer> done(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }

  static CompletionStage<Answer> notFound(Request request) {
    return done(message(404, "URI not found"));
  }

  /// The body as JSON.
  static JsonNode body(Request request) {
    if (request.body().length == 0) {
      var document = Docs.object();
      document.put("message", "Please specify data in JSON format");
      document.put("details", "The body is empty (expected: a JSON document)");
      throw new BadRequest(Answer.of(400, "application/json", Docs.bytes(document)));
    }
    try {
      var node = Docs.parse(request.body());
      if (!node.isMissingNode()) {
        return node;
      }
      throw invalidJson("The body is blank");
    } catch (JacksonException e) {
      throw invalidJson(JsonErrors.plain(e));
    }
  }

  private static BadRequest invalidJson(@Nullable String details) {
    var document = Docs.object();
    document.put("message", "Invalid JSON");
    document.put("details", String.valueOf(details));
    return new BadRequest(Answer.of(400, "application/json", Docs.bytes(document)));
  }

  /// A flag such as `force`: `true`, or present without a value.
  static boolean flag(Request request, String name, boolean otherwise) {
    var value = request.query(name);
    if (value.isEmpty()) {
      return otherwise;
    }
    return switch (value.get()) {
      case "true", "" -> true;
      case "false" -> false;
      default ->
          throw new BadRequest(
              message(400, name + "=" + value.get() + " (expected: true or false)"));
    };
  }

  /// `embed` parameters of apps, without their prefixes.
  static Set<String> embed(Request request) {
    var found = new HashSet<String>();
    for (var value : request.queries("embed")) {
      for (var each : value.split(",")) {
        var name = each;
        for (var prefix : new String[] {"group.apps.", "apps.", "app."}) {
          if (name.startsWith(prefix)) {
            name = name.substring(prefix.length());
            break;
          }
        }
        switch (name) {
          case "failures" -> {
            found.add("lastTaskFailure");
            found.add("tasks");
          }
          default -> found.add(name);
        }
      }
    }
    return found;
  }

  static ApiCall.Origin origin(Request request) {
    return new ApiCall.Origin(
        request.header("x-forwarded-for").orElse(request.remote().getAddress().getHostAddress()),
        request.path());
  }
}
