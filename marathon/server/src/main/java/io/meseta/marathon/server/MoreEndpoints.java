// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.http.Answer;
import io.meseta.http.Request;
import io.meseta.http.Router;
import io.meseta.marathon.core.ApiCall;
import io.meseta.marathon.core.apps.AppPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.concurrent.CompletionStage;

/// `/v2/tasks`, `/v2/deployments`, `/v2/queue` and `/v2/groups`.
final class MoreEndpoints {
  private final Api api;

  private MoreEndpoints(Api api) {
    this.api = api;
  }

  static void register(Router router, Api api) {
    var endpoints = new MoreEndpoints(api);
    router.on("GET", "/v2/tasks", api.here(endpoints::tasks));
    router.on("POST", "/v2/tasks/delete", api.hereJson(endpoints::killTasks));
    router.on("GET", "/v2/deployments", api.here(endpoints::deployments));
    router.on("DELETE", "/v2/deployments", api.here(endpoints::deleteDeployment));
    router.on("GET", "/v2/queue", api.here(endpoints::queue));
    router.on("DELETE", "/v2/queue", api.here(endpoints::resetDelay));
    router.on("GET", "/v2/groups", api.here(endpoints::group));
    router.on("POST", "/v2/groups", api.here(endpoints::createGroup));
    router.on("PUT", "/v2/groups", api.here(endpoints::updateGroup));
    router.on("PATCH", "/v2/groups", api.here(endpoints::patchGroup));
    router.on("DELETE", "/v2/groups", api.here(endpoints::deleteGroup));
  }

  private CompletionStage<Answer> tasks(Request request) {
    if (!request.tail().isEmpty()) {
      return Api.notFound(request);
    }
    if (request.header("accept").filter(MoreEndpoints::onlyText).isPresent()) {
      return Api.done(Api.message(406, "Only application/json can be had."));
    }
    var statuses = new HashSet<>(request.queries("status"));
    statuses.addAll(request.queries("status[]"));
    return api.ask(request, new ApiCall.ListTasks(statuses));
  }

  private static boolean onlyText(String accept) {
    return accept.contains("text/plain") && !accept.contains("json") && !accept.contains("*/*");
  }

  private CompletionStage<Answer> killTasks(Request request) {
    var body = Api.body(request);
    var given = body.get("ids");
    if (given == null || !given.isArray()) {
      throw new Api.BadRequest(Api.message(422, "ids is missing (expected: a list of task ids)"));
    }
    var ids = new ArrayList<String>();
    for (var id : given) {
      if (!id.isString()) {
        throw new Api.BadRequest(
            Api.message(422, "ids has " + id + " (expected: a list of task ids)"));
      }
      ids.add(id.stringValue());
    }
    return api.ask(
        request,
        new ApiCall.KillTasks(
            ids,
            Api.flag(request, "scale", false),
            Api.flag(request, "wipe", false),
            Api.flag(request, "force", false)));
  }

  private CompletionStage<Answer> deployments(Request request) {
    return request.tail().isEmpty()
        ? api.ask(request, new ApiCall.ListDeployments())
        : Api.notFound(request);
  }

  private CompletionStage<Answer> deleteDeployment(Request request) {
    return request.tail().isEmpty()
        ? Api.notFound(request)
        : api.ask(
            request,
            new ApiCall.DeleteDeployment(request.tail(), Api.flag(request, "force", false)));
  }

  private CompletionStage<Answer> queue(Request request) {
    return request.tail().isEmpty()
        ? api.ask(
            request, new ApiCall.ListQueue(request.queries("embed").contains("lastUnusedOffers")))
        : Api.notFound(request);
  }

  private CompletionStage<Answer> resetDelay(Request request) {
    var tail = request.tail();
    return tail.endsWith("/delay")
        ? api.ask(
            request,
            new ApiCall.ResetDelay(
                AppPath.absolute("/" + tail.substring(0, tail.length() - "/delay".length()), "/")))
        : Api.notFound(request);
  }

  private static String groupId(Request request) {
    return AppPath.absolute("/" + request.tail(), "/");
  }

  private CompletionStage<Answer> group(Request request) {
    var id = groupId(request);
    if (id.equals("/versions") || id.endsWith("/versions")) {
      return api.ask(request, new ApiCall.GroupVersions(AppPath.parent(id)));
    }
    if (id.endsWith("/apps")) {
      return api.ask(request, new ApiCall.AppsBelow(AppPath.parent(id), Api.embed(request)));
    }
    return api.ask(request, new ApiCall.GetGroup(id, new HashSet<>(request.queries("embed"))));
  }

  private CompletionStage<Answer> createGroup(Request request) {
    return api.ask(
        request,
        new ApiCall.CreateGroup(
            groupId(request), Api.body(request), Api.flag(request, "force", false)));
  }

  private CompletionStage<Answer> updateGroup(Request request) {
    return api.ask(
        request,
        new ApiCall.UpdateGroup(
            groupId(request),
            Api.body(request),
            Api.flag(request, "force", false),
            Api.flag(request, "dryRun", false)));
  }

  private CompletionStage<Answer> patchGroup(Request request) {
    return api.ask(request, new ApiCall.PatchGroup(groupId(request), Api.body(request)));
  }

  private CompletionStage<Answer> deleteGroup(Request request) {
    return api.ask(
        request, new ApiCall.DeleteGroup(groupId(request), Api.flag(request, "force", false)));
  }
}
