// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the handler of a request: the longest registered path that the request's path begins with,
/// segment by segment. A trailing slash does not matter. Build it before the edge starts; filters
/// and routes may also be added while it runs.
public final class Router {
  private static final Logger log = LoggerFactory.getLogger(Router.class);

  private final Map<String, Map<String, Handler>> routes = new ConcurrentHashMap<>();
  private final List<String> aliases = new ArrayList<>();
  private final List<Function<Request, Optional<Answer>>> before = new ArrayList<>();
  private final List<BiFunction<Request, Answer, Answer>> after = new ArrayList<>();
  private Handler notFound = request -> done(Answer.text(404, "404 Not Found."));
  private Function<Throwable, Answer> failed =
      failure -> Answer.text(500, "Internal error; the log says more.");
  private BiFunction<Request, String, Identified> identify = (request, route) -> Identified.NOBODY;
  private boolean authenticated;

  /// A stage that is complete.
  public static CompletionStage<Answer> done(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }

  /// Registers a handler that does not block. `path` begins with a slash; `method` may be `*`.
  public Router on(String method, String path, Handler handler) {
    routes.computeIfAbsent(normal(path), p -> new ConcurrentHashMap<>()).put(method, handler);
    return this;
  }

  /// Registers a handler that may block: it gets a virtual thread.
  public Router onBlocking(String method, String path, Handler.Blocking handler) {
    return on(method, path, request -> blocking(request, handler));
  }

  /// Serves classpath resources below `folder` under `path`; a path that ends in a slash gets its
  /// `index.html`.
  public Router assets(String path, String folder) {
    var assets = new Assets(folder);
    return on("GET", path, request -> done(assets.on(request)));
  }

  /// Also takes paths that begin with `prefix`: with alias `/master`, `/master/state` is `/state`.
  public Router alias(String prefix) {
    aliases.add(normal(prefix));
    return this;
  }

  /// Looks at each request first; an answer given here ends the matter. Runs in the order of
  /// registration.
  public Router before(Function<Request, Optional<Answer>> filter) {
    before.add(filter);
    return this;
  }

  /// Finds out whom each request comes from that the filters let through; also given the path that
  /// its endpoint is registered under.
  public Router identify(BiFunction<Request, String, Identified> by) {
    identify = by;
    return this;
  }

  /// Changes each answer last, for headers that all answers carry.
  public Router after(BiFunction<Request, Answer, Answer> filter) {
    after.add(filter);
    return this;
  }

  /// What paths without a handler get.
  public Router notFound(Handler handler) {
    notFound = handler;
    return this;
  }

  /// The answer to a request whose handler failed: our own mistake, already logged.
  public Router failed(Function<Throwable, Answer> answer) {
    failed = answer;
    return this;
  }

  /// Says that a filter authenticates, so that listening beyond loopback needs no warning.
  public Router authenticated() {
    authenticated = true;
    return this;
  }

  boolean isAuthenticated() {
    return authenticated;
  }

  CompletionStage<Answer> route(Request request) {
    CompletionStage<Answer> answer;
    try {
      answer = dispatch(request);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    return answer
        .exceptionally(failure -> fail(request, failure))
        .thenApply(result -> {
          var changed = result;
          for (var filter : after) {
            changed = filter.apply(request, changed);
          }
          return changed;
        });
  }

  private Answer fail(Request request, Throwable failure) {
    log.error("{} {} failed", request.method(), request.path(), failure);
    return failed.apply(failure);
  }

  private CompletionStage<Answer> dispatch(Request given) {
    var request = given;
    for (var filter : before) {
      var answer = filter.apply(request);
      if (answer.isPresent()) {
        return done(answer.get());
      }
    }
    var found = resolve(normal(request.path()));
    if (found == null) {
      return notFound.on(request);
    }
    switch (identify.apply(request, found.route)) {
      case Identified.Nobody nobody -> {}
      case Identified.As(var principal) -> request = request.withPrincipal(principal);
      case Identified.Refused(var answer) -> {
        return done(answer);
      }
    }
    var method = request.method();
    var handler = found.handlers.get(method);
    if (handler == null && method.equals("HEAD")) {
      handler = found.handlers.get("GET");
    }
    if (handler == null) {
      handler = found.handlers.get("*");
    }
    return handler == null
        ? done(wrongMethod(method, found.handlers))
        : handler.on(request.withTail(found.tail));
  }

  private @Nullable Found resolve(String path) {
    var found = find(path);
    if (found == null || found.root()) { // what "/" catches may be meant for another handler
      var own = withoutAlias(path);
      var aliased = own.equals(path) ? null : find(own);
      if (aliased != null) {
        return aliased;
      }
    }
    return found;
  }

  /// The registered path whose handler takes requests for `path`; empty when none does, and for
  /// what only the root catches.
  Optional<String> route(String path) {
    return Optional.ofNullable(resolve(normal(path)))
        .filter(found -> !found.root())
        .map(Found::route);
  }

  /// The path that stands behind one below an alias.
  String withoutAlias(String path) {
    var normal = normal(path);
    for (var alias : aliases) {
      if (normal.equals(alias) || normal.startsWith(alias + "/")) {
        return normal(normal.substring(alias.length()));
      }
    }
    return normal;
  }

  private record Found(Map<String, Handler> handlers, String tail, String route) {
    boolean root() {
      return route.equals("/");
    }
  }

  private @Nullable Found find(String path) {
    var prefix = path;
    while (true) {
      var handlers = routes.get(prefix);
      if (handlers != null) {
        var tail =
            path.substring(Math.min(path.length(), prefix.equals("/") ? 1 : prefix.length() + 1));
        return new Found(handlers, tail, prefix);
      }
      if (prefix.equals("/")) {
        return null;
      }
      int slash = prefix.lastIndexOf('/');
      prefix = slash <= 0 ? "/" : prefix.substring(0, slash);
    }
  }

  private static Answer wrongMethod(String method, Map<String, Handler> handlers) {
    var allowed = handlers.keySet().stream().sorted().collect(Collectors.toList());
    var quoted = allowed.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
    var text =
        "405 Method Not Allowed. Expecting one of { "
            + quoted
            + " }, but received '"
            + method
            + "'.";
    return Answer.text(405, text).header("Allow", String.join(", ", allowed));
  }

  private static CompletionStage<Answer> blocking(Request request, Handler.Blocking handler) {
    var answer = new CompletableFuture<Answer>();
    Thread.ofVirtual()
        .name("http " + request.path())
        .start(() -> {
          try {
            answer.complete(handler.on(request));
          } catch (Exception | Error failure) {
            answer.completeExceptionally(failure);
          }
        });
    return answer;
  }

  private static String normal(String path) {
    int end = path.length();
    while (end > 1 && path.charAt(end - 1) == '/') {
      end--;
    }
    return end == 0 ? "/" : path.substring(0, end);
  }

  /// What was registered, for `/help`: path to methods.
  public Map<String, List<String>> routes() {
    var all = new LinkedHashMap<String, List<String>>();
    routes.keySet().stream()
        .sorted()
        .forEach(path -> all.put(path, routes.get(path).keySet().stream().sorted().toList()));
    return all;
  }
}
