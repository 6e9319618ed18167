// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.apps.AppPath;
import io.meseta.marathon.core.apps.Definitions;
import io.meseta.marathon.core.apps.LabelSelector;
import io.meseta.marathon.core.apps.RejectedException;
import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Requests below `/v2/apps` that are not about tasks.
final class AppRequests {
  private static final Set<String> EMBED_ONE =
      Set.of("counts", "tasks", "deployments", "lastTaskFailure");

  private final Marathon marathon;
  private final Changes changes;
  private final Views views;

  AppRequests(Marathon marathon, Changes changes, Views views) {
    this.marathon = marathon;
    this.changes = changes;
    this.views = views;
  }

  Answer list(ApiCall.ListApps call, Instant now) {
    var selector = call.label().isEmpty() ? null : LabelSelector.parse(call.label());
    var embed = withDefaults(call.embed());
    var found = new ArrayList<Views.AppView>();
    for (var app : marathon.tree.apps()) {
      if (contains(app.id(), call.id()) && matches(app, call.cmd(), selector)) {
        found.add(views.app(app, embed, now));
      }
    }
    return apps("apps", found);
  }

  Answer below(ApiCall.AppsBelow call, Instant now) {
    var embed = withDefaults(call.embed());
    return apps(
        "*",
        marathon.tree.below(call.group()).stream().map(app -> views.app(app, embed, now)).toList());
  }

  private static Answer apps(String name, List<Views.AppView> found) {
    return Answer.later(() -> {
      var document = Docs.object();
      var list = document.putArray(name);
      found.forEach(view -> list.add(view.json()));
      return document;
    });
  }

  private static Set<String> withDefaults(Set<String> embed) {
    var all = new java.util.HashSet<>(embed);
    all.add("counts");
    all.add("deployments");
    return all;
  }

  private static boolean contains(String text, String part) {
    return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
  }

  private static boolean matches(App app, String cmd, @Nullable LabelSelector selector) {
    if (cmd.isEmpty() && selector == null) {
      return true;
    }
    var definition = app.definition();
    if (!cmd.isEmpty() && !contains(definition.path("cmd").stringValue(""), cmd)) {
      return false;
    }
    if (selector == null) {
      return true;
    }
    var labels = new LinkedHashMap<String, String>();
    definition
        .path("labels")
        .properties()
        .forEach(each -> labels.put(each.getKey(), each.getValue().stringValue()));
    return selector.matches(labels);
  }

  Answer get(ApiCall.GetApp call, Instant now) {
    var app = existing(call.id());
    var embed = new java.util.HashSet<>(call.embed());
    embed.addAll(EMBED_ONE);
    var view = views.app(app, embed, now);
    return Answer.later(() -> {
      var document = Docs.object();
      document.set("app", view.json());
      return document;
    });
  }

  Answer create(ApiCall.CreateApp call, Instant now) {
    var given = call.body().path("id");
    var id = given.isString() ? AppPath.absolute(given.stringValue(), "/") : "/";
    var version = marathon.tree.nextVersion(now);
    var app = created(call.body(), id, version);
    if (marathon.tree.app(app.id()) != null) {
      throw RejectedException.of(409, "An app with id [" + app.id() + "] already exists.");
    }
    var plan = changes.apply(one(app), call.force(), AppPath.parent(app.id()), version, now);
    publish(app, call.origin(), now);
    var body = app.json();
    body.remove("versionInfo");
    body.put("tasksStaged", 0);
    body.put("tasksRunning", 0);
    body.put("tasksHealthy", 0);
    body.put("tasksUnhealthy", 0);
    body.putArray("deployments").addObject().put("id", plan.id());
    return new Answer(
        201,
        Map.of("Location", "/v2/apps" + app.id(), "Marathon-Deployment-Id", plan.id()),
        () -> body);
  }

  private App created(JsonNode body, String id, Instant version) {
    var definition =
        Definitions.create(
            body, "/", marathon.role(id), marathon.roles(id), marathon.config.settings());
    changes.assignPorts(definition, Map.of());
    return App.created(definition, version);
  }

  Answer update(ApiCall.UpdateApp call, Instant now) {
    var version = marathon.tree.nextVersion(now);
    boolean existed = marathon.tree.app(call.id()) != null;
    if (!existed && !call.create()) {
      throw missing(call.id());
    }
    var app = updated(call.id(), call.body(), call.partial(), version, Map.of());
    var plan = changes.apply(one(app), call.force(), AppPath.parent(app.id()), version, now);
    publish(app, call.origin(), now);
    return Changes.result(existed ? 200 : 201, plan);
  }

  Answer updateAll(ApiCall.UpdateApps call, Instant now) {
    if (!call.body().isArray()) {
      throw RejectedException.invalid("/", "expected an array of apps");
    }
    var version = marathon.tree.nextVersion(now);
    var next = new TreeMap<String, @Nullable App>();
    for (var body : call.body()) {
      if (!body.path("id").isString()) {
        throw RejectedException.invalid("/id", "error.path.missing");
      }
      var id = AppPath.absolute(body.get("id").stringValue(), "/");
      if (!call.create() && marathon.tree.app(id) == null) {
        throw missing(id);
      }
      next.put(id, updated(id, body, call.partial(), version, next));
    }
    var plan = changes.apply(next, call.force(), "/", version, now);
    next.values().forEach(app -> publish(app, call.origin(), now));
    return Changes.result(200, plan);
  }

  private App updated(
      String id,
      JsonNode body,
      boolean partial,
      Instant version,
      Map<String, @Nullable App> together) {
    var present = marathon.tree.app(id);
    if (body.hasNonNull("version") && present != null) {
      return rolledBack(present, body, version);
    }
    var settings = marathon.config.settings();
    if (present == null || !partial) {
      var whole = body.isObject() ? body.deepCopy() : body;
      if (whole instanceof tools.jackson.databind.node.ObjectNode object) {
        object.put("id", id);
      }
      var definition =
          Definitions.create(whole, "/", marathon.role(id), marathon.roles(id), settings);
      changes.assignPorts(definition, together);
      return present == null
          ? App.created(definition, version)
          : present.changed(definition, version);
    }
    var update = Definitions.update(body, settings);
    update.remove("id");
    var roles = new java.util.LinkedHashSet<>(marathon.roles(id));
    roles.add(present.spec().role());
    var definition = Definitions.merge(present.definition(), update, roles, settings);
    changes.assignPorts(definition, together);
    return present.changed(definition, version);
  }

  private App rolledBack(App present, JsonNode body, Instant version) {
    for (var field : body.properties()) {
      if (!field.getKey().equals("version") && !field.getKey().equals("id")) {
        throw RejectedException.invalid(
            "/", "The 'version' field may only be combined with the 'id' field.");
      }
    }
    var text = body.get("version").stringValue("");
    var at = time(text);
    var old =
        marathon.tree.version(present.id(), at).orElseThrow(() -> missing(present.id(), text));
    return present.changed(old.definition(), version);
  }

  Answer delete(ApiCall.DeleteApp call, Instant now) {
    existing(call.id());
    var next = new TreeMap<String, @Nullable App>();
    next.put(call.id(), null);
    var version = marathon.tree.nextVersion(now);
    return Changes.result(
        200, changes.apply(next, call.force(), AppPath.parent(call.id()), version, now));
  }

  Answer restart(ApiCall.RestartApp call, Instant now) {
    var version = marathon.tree.nextVersion(now);
    var app = existing(call.id()).restarted(version);
    var plan = changes.apply(one(app), call.force(), AppPath.parent(app.id()), version, now);
    marathon.delays.reset(app.id());
    return Changes.result(200, plan);
  }

  Answer versions(ApiCall.AppVersions call) {
    existing(call.id());
    var versions = marathon.tree.versions(call.id());
    return Answer.later(() -> {
      var document = Docs.object();
      var list = document.putArray("versions");
      versions.forEach(each -> list.add(Docs.time(each)));
      return document;
    });
  }

  Answer version(ApiCall.AppVersion call) {
    var at = time(call.version());
    var app =
        marathon.tree.version(call.id(), at).orElseThrow(() -> missing(call.id(), call.version()));
    return Answer.later(app::json);
  }

  App existing(String id) {
    var app = marathon.tree.app(id);
    if (app == null) {
      throw missing(id);
    }
    return app;
  }

  static RejectedException missing(String id) {
    return RejectedException.of(404, "App '" + id + "' does not exist");
  }

  private static RejectedException missing(String id, String version) {
    return RejectedException.of(404, "App '" + id + "' does not exist in version " + version);
  }

  static Instant time(String text) {
    return Docs.time(text)
        .orElseThrow(() ->
            RejectedException.of(
                422,
                "Invalid format: \""
                    + text
                    + "\" (expected: a time such as 2024-05-01T10:00:00.000Z)"));
  }

  private static Map<String, @Nullable App> one(App app) {
    var next = new TreeMap<String, @Nullable App>();
    next.put(app.id(), app);
    return next;
  }

  private void publish(@Nullable App app, ApiCall.Origin origin, Instant now) {
    if (app != null) {
      var data = Docs.object();
      data.put("clientIp", origin.clientIp());
      data.put("uri", origin.uri());
      data.set("appDefinition", app.json());
      marathon.outbox.publish("api_post_event", data, now);
    }
  }
}
