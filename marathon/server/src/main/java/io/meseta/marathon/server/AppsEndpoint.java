// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.http.Answer;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.marathon.core.ApiCall;
import io.meseta.marathon.core.apps.AppPath;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// `/v2/apps`. Ids hold slashes, so what a path means is found from its end: `restart`, `tasks`,
/// `tasks/ID`, `versions` and `versions/TIME` cannot be names of apps.
final class AppsEndpoint {
  private final Api api;

  private AppsEndpoint(Api api) {
    this.api = api;
  }

  static void register(Router router, Api api) {
    var endpoint = new AppsEndpoint(api);
    router.on("GET", "/v2/apps", api.here(endpoint::get));
    router.on("POST", "/v2/apps", api.hereJson(endpoint::post));
    router.on("PUT", "/v2/apps", api.hereJson(request -> endpoint.update(request, true)));
    router.on("PATCH", "/v2/apps", api.hereJson(request -> endpoint.update(request, false)));
    router.on("DELETE", "/v2/apps", api.here(endpoint::delete));
  }

  /// A path behind `/v2/apps`: an app, a word about it, and a name behind that word.
  private record Target(String id, Optional<String> word, Optional<String> rest) {
    static Target of(String tail) {
      var segments = AppPath.segments(tail);
      int size = segments.size();
      if (size > 1) {
        var last = segments.getLast();
        if (last.equals("restart") || last.equals("tasks") || last.equals("versions")) {
          return new Target(id(segments, 1), Optional.of(last), Optional.empty());
        }
        var before = segments.get(size - 2);
        if (size > 2 && (before.equals("tasks") || before.equals("versions"))) {
          return new Target(id(segments, 2), Optional.of(before), Optional.of(last));
        }
      }
      return new Target(AppPath.absolute("/" + tail, "/"), Optional.empty(), Optional.empty());
    }

    private static String id(List<String> segments, int without) {
      return "/" + String.join("/", segments.subList(0, segments.size() - without));
    }

    boolean all() {
      return id.endsWith("/*") || id.equals("/*");
    }

    String group() {
      return AppPath.parent(id);
    }
  }

  private CompletionStage<Answer> get(Request request) {
    if (request.tail().isEmpty()) {
      return api.ask(
          request,
          new ApiCall.ListApps(
              request.query("cmd").orElse(""),
              request.query("id").orElse(""),
              request.query("label").orElse(""),
              Api.embed(request)));
    }
    var target = Target.of(request.tail());
    if (target.word().isEmpty()) {
      return target.all()
          ? api.ask(request, new ApiCall.AppsBelow(target.group(), Api.embed(request)))
          : api.ask(request, new ApiCall.GetApp(target.id(), Api.embed(request)));
    }
    return switch (target.word().get()) {
      case "tasks" ->
          target.rest().isPresent()
              ? Api.notFound(request)
              : api.ask(
                  request,
                  new ApiCall.AppTasks(target.all() ? target.group() : target.id(), target.all()));
      case "versions" ->
          api.ask(
              request,
              target.rest().isPresent()
                  ? new ApiCall.AppVersion(target.id(), target.rest().get())
                  : new ApiCall.AppVersions(target.id()));
      default -> wrongMethod("POST");
    };
  }

  private CompletionStage<Answer> post(Request request) {
    boolean force = Api.flag(request, "force", false);
    if (request.tail().isEmpty()) {
      return api.ask(request, new ApiCall.CreateApp(Api.body(request), force, Api.origin(request)));
    }
    var target = Target.of(request.tail());
    return target.word().equals(Optional.of("restart"))
        ? api.ask(request, new ApiCall.RestartApp(target.id(), force))
        : wrongMethod("GET, PUT, PATCH, DELETE");
  }

  private CompletionStage<Answer> update(Request request, boolean create) {
    boolean force = Api.flag(request, "force", false);
    boolean partial = Api.flag(request, "partialUpdate", true);
    var body = Api.body(request);
    if (request.tail().isEmpty()) {
      return api.ask(
          request, new ApiCall.UpdateApps(body, force, partial, create, Api.origin(request)));
    }
    var target = Target.of(request.tail());
    return target.word().isPresent()
        ? wrongMethod("GET")
        : api.ask(
            request,
            new ApiCall.UpdateApp(target.id(), body, force, partial, create, Api.origin(request)));
  }

  private CompletionStage<Answer> delete(Request request) {
    if (request.tail().isEmpty()) {
      return wrongMethod("GET, POST, PUT, PATCH");
    }
    var target = Target.of(request.tail());
    if (target.word().isEmpty()) {
      return api.ask(request, new ApiCall.DeleteApp(target.id(), Api.flag(request, "force", true)));
    }
    if (!target.word().get().equals("tasks")) {
      return wrongMethod("GET");
    }
    return api.ask(
        request,
        new ApiCall.KillAppTasks(
            target.id(),
            request.query("host"),
            target.rest(),
            Api.flag(request, "scale", false),
            Api.flag(request, "wipe", false),
            Api.flag(request, "force", false)));
  }

  private static CompletionStage<Answer> wrongMethod(String allowed) {
    return Api.done(
        Api.message(405, "Method not allowed (expected: " + allowed + ")")
            .header("Allow", allowed));
  }
}
