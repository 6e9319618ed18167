// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.apps.AppPath;
import io.meseta.marathon.core.apps.Definitions;
import io.meseta.marathon.core.apps.RejectedException;
import io.meseta.marathon.core.groups.Group;
import io.meseta.marathon.core.json.Docs;
import io.meseta.marathon.core.json.Problems;
import io.meseta.marathon.core.json.Schema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Requests below `/v2/groups`. A group's update is taken apart into changes of apps and groups,
/// which go through [Changes] as one deployment.
final class GroupRequests {
  private static final int MAX_DEPTH = 100;
  private static final Schema.Fields GROUP =
      Schema.fields()
          .optional("id", Schema.string())
          .optional("apps", Schema.list(Schema.any()))
          .optional("groups", Schema.list(Schema.any()))
          .optional("dependencies", Schema.list(Schema.string()))
          .optional("enforceRole", Schema.bool())
          .optional("scaleBy", Schema.number(0))
          .optional("version", Schema.string());

  private final Marathon marathon;
  private final Changes changes;
  private final Views views;

  GroupRequests(Marathon marathon, Changes changes, Views views) {
    this.marathon = marathon;
    this.changes = changes;
    this.views = views;
  }

  /// A group's update taken apart.
  private static final class Update {
    final TreeMap<String, @Nullable App> apps = new TreeMap<>();
    final LinkedHashMap<String, Group> groups = new LinkedHashMap<>();
    final TreeSet<String> goneGroups = new TreeSet<>();
    final Instant version;

    Update(Instant version) {
      this.version = version;
    }
  }

  Answer get(ApiCall.GetGroup call, Instant now) {
    var group = existing(call.id());
    return Answer.later(tree(group, call.embed(), now));
  }

  private Supplier<ObjectNode> tree(Group group, Set<String> embed, Instant now) {
    boolean apps = embed.isEmpty() || embed.contains("group.apps");
    boolean groups = embed.isEmpty() || embed.contains("group.groups");
    var appEmbed = new TreeSet<String>();
    embed.stream()
        .filter(each -> each.startsWith("group.apps."))
        .forEach(each -> appEmbed.add(each.substring("group.apps.".length())));
    boolean withApps = apps || !appEmbed.isEmpty();
    var here = new ArrayList<Views.AppView>();
    if (withApps) {
      for (var app : marathon.tree.below(group.id())) {
        if (AppPath.parent(app.id()).equals(group.id())) {
          here.add(views.app(app, appEmbed, now));
        }
      }
    }
    var below = new ArrayList<Supplier<ObjectNode>>();
    if (groups) {
      for (var id : marathon.tree.groupsIn(group.id())) {
        marathon.tree.group(id).ifPresent(each -> below.add(tree(each, embed, now)));
      }
    }
    return () -> {
      var json = Docs.object();
      json.put("id", group.id());
      var appList = json.putArray("apps");
      here.forEach(view -> appList.add(view.json()));
      var groupList = json.putArray("groups");
      below.forEach(each -> groupList.add(each.get()));
      json.putArray("pods");
      json.set("dependencies", Docs.strings(group.dependencies()));
      json.put("version", Docs.time(group.version()));
      json.put("enforceRole", group.enforceRole());
      return json;
    };
  }

  Answer create(ApiCall.CreateGroup call, Instant now) {
    var body = read(call.body());
    var id = AppPath.absolute(body.path("id").stringValue(""), call.id());
    if (marathon.tree.group(id).isPresent()) {
      throw RejectedException.of(
          409, "Group " + id + " is already created. Use PUT to change this group.");
    }
    if (marathon.tree.app(id) != null) {
      throw RejectedException.of(409, "An app with the path " + id + " already exists.");
    }
    var update = new Update(marathon.tree.nextVersion(now));
    collect(id, body, update, 0);
    var plan = apply(update, call.force(), id, now);
    var result = Changes.result(201, plan);
    return new Answer(
        201,
        Map.of("Location", "/v2/groups" + id, "Marathon-Deployment-Id", plan.id()),
        result.body());
  }

  Answer update(ApiCall.UpdateGroup call, Instant now) {
    var body = read(call.body());
    var id =
        call.id().equals("/") ? AppPath.absolute(body.path("id").stringValue(""), "/") : call.id();
    var update = new Update(marathon.tree.nextVersion(now));
    if (body.has("scaleBy") || body.has("version")) {
      var alone = body.has("scaleBy") ? "scaleBy" : "version";
      if (body.size() - (body.has("id") ? 1 : 0) > 1) {
        throw RejectedException.invalid(
            "/", "Only the field '" + alone + "' may be given with '" + alone + "'.");
      }
      existing(id);
      if (body.has("scaleBy")) {
        scale(id, body.get("scaleBy").asDouble(), update);
      } else {
        rollBack(id, AppRequests.time(body.get("version").stringValue()), update);
      }
    } else {
      collect(id, body, update, 0);
    }
    if (call.dryRun()) {
      var document = Docs.object();
      changes.plan(update.apps, update.groups, update.version).stepsInto(document);
      return Answer.of(200, document);
    }
    return Changes.result(200, apply(update, call.force(), id, now));
  }

  private void scale(String id, double factor, Update update) {
    for (var app : marathon.tree.below(id)) {
      int instances = (int) Math.ceil(app.spec().instances() * factor);
      update.apps.put(app.id(), app.scaled(instances, update.version));
    }
  }

  /// Every app as it was then: its newest version of before, or not there.
  private void rollBack(String id, Instant at, Update update) {
    for (var app : marathon.tree.below(id)) {
      var then =
          marathon.tree.versions(app.id()).stream()
              .filter(each -> !each.isAfter(at))
              .findFirst()
              .flatMap(each -> marathon.tree.version(app.id(), each));
      update.apps.put(
          app.id(), then.map(old -> app.changed(old.definition(), update.version)).orElse(null));
    }
  }

  private ObjectNode read(JsonNode in) {
    var problems = new Problems();
    var body = GROUP.readPartial(in, problems);
    if (!problems.isEmpty()) {
      throw RejectedException.malformed(problems);
    }
    return body;
  }

  /// What a given list does not name goes; a list not given stays.
  private void collect(String id, ObjectNode body, Update update, int depth) {
    if (depth > MAX_DEPTH) {
      throw RejectedException.invalid("/groups", "groups are nested deeper than " + MAX_DEPTH);
    }
    checkGroupId(id);
    var before = marathon.tree.group(id);
    if (!id.equals("/")) {
      var dependencies = new ArrayList<String>();
      body.path("dependencies")
          .forEach(each -> dependencies.add(AppPath.absolute(each.stringValue(), id)));
      update.groups.put(
          id,
          new Group(
              id,
              body.has("dependencies")
                  ? List.copyOf(dependencies)
                  : before.map(Group::dependencies).orElse(List.of()),
              enforceRole(id, body, before.map(Group::enforceRole).orElse(null)),
              update.version));
    }
    if (body.has("apps")) {
      apps(id, body.get("apps"), update);
    }
    if (body.has("groups")) {
      groups(id, body.get("groups"), update, depth);
    }
  }

  private boolean enforceRole(String id, ObjectNode body, @Nullable Boolean before) {
    boolean top = AppPath.parent(id).equals("/");
    if (body.has("enforceRole")) {
      boolean wanted = body.get("enforceRole").asBoolean();
      if (wanted && !top) {
        throw RejectedException.invalid(
            "/enforceRole", "enforceRole may only be set for top-level groups, not for " + id);
      }
      return wanted;
    }
    return before != null ? before : top && marathon.config.newGroupsEnforceRole();
  }

  private void apps(String id, JsonNode list, Update update) {
    var named = new TreeSet<String>();
    for (var body : list) {
      var given = body.path("id");
      var appId = given.isString() ? AppPath.absolute(given.stringValue(), id) : id;
      if (given.isString() && !AppPath.parent(appId).equals(id)) {
        throw RejectedException.invalid(
            "/apps", "identifier " + given.stringValue() + " is not child of " + id);
      }
      named.add(appId);
      var roles = new java.util.LinkedHashSet<>(marathon.roles(appId));
      var present = marathon.tree.app(appId);
      if (present != null) {
        roles.add(present.spec().role());
      }
      var top = update.groups.get("/" + AppPath.top(appId));
      boolean enforce =
          AppPath.segments(appId).size() > 1
              && (top != null ? top.enforceRole() : marathon.tree.enforcesRole(appId));
      var role = enforce ? AppPath.top(appId) : marathon.config.settings().defaultRole();
      var definition = Definitions.create(body, id, role, roles, marathon.config.settings());
      changes.assignPorts(definition, update.apps);
      update.apps.put(
          appId,
          present == null
              ? App.created(definition, update.version)
              : present.changed(definition, update.version));
    }
    for (var app : marathon.tree.below(id)) {
      if (AppPath.parent(app.id()).equals(id) && !named.contains(app.id())) {
        update.apps.put(app.id(), null);
      }
    }
  }

  private void groups(String id, JsonNode list, Update update, int depth) {
    var named = new TreeSet<String>();
    for (var each : list) {
      var body = read(each);
      if (!body.has("id")) {
        throw RejectedException.invalid("/groups/id", "error.path.missing");
      }
      var groupId = AppPath.absolute(body.get("id").stringValue(), id);
      if (!AppPath.within(groupId, id)) {
        throw RejectedException.invalid(
            "/groups", "identifier " + groupId + " is not child of " + id);
      }
      named.add(groupId);
      collect(groupId, body, update, depth + 1);
    }
    for (var group : marathon.tree.groupsIn(id)) {
      if (!named.contains(group)) {
        remove(group, update);
      }
    }
  }

  private void remove(String id, Update update) {
    marathon.tree.below(id).forEach(app -> update.apps.put(app.id(), null));
    update.goneGroups.addAll(marathon.tree.groupsBelow(id));
    if (!id.equals("/")) {
      update.goneGroups.add(id);
    }
  }

  private void checkGroupId(String id) {
    for (var segment : AppPath.segments(id)) {
      if (!segment.matches(
          "(([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])\\.)*([a-z0-9]|[a-z0-9][a-z0-9\\-]*[a-z0-9])")) {
        throw RejectedException.invalid(
            "/id",
            "must fully match regular expression of lower case letters, digits, hyphens and"
                + " dots; got "
                + id);
      }
    }
    if (marathon.tree.app(id) != null) {
      throw Changes.clash(id, "there is an application " + id);
    }
  }

  private io.meseta.marathon.core.deployments.Plan apply(
      Update update, boolean force, String id, Instant now) {
    var plan = changes.apply(update.apps, update.groups, force, id, update.version, now);
    update.goneGroups.forEach(marathon.tree::removeGroup);
    update.groups.values().forEach(marathon.tree::putGroup);
    return plan;
  }

  Answer patch(ApiCall.PatchGroup call, Instant now) {
    var body = read(call.body());
    var group = existing(call.id());
    if (!body.has("enforceRole")) {
      throw RejectedException.invalid("/enforceRole", "error.path.missing");
    }
    if (!AppPath.parent(group.id()).equals("/") || group.id().equals("/")) {
      throw RejectedException.invalid(
          "/enforceRole",
          "enforceRole may only be set for top-level groups, not for " + group.id());
    }
    var version = marathon.tree.nextVersion(now);
    marathon.tree.putGroup(
        new Group(group.id(), group.dependencies(), body.get("enforceRole").asBoolean(), version));
    return Answer.empty(200);
  }

  Answer delete(ApiCall.DeleteGroup call, Instant now) {
    existing(call.id());
    var update = new Update(marathon.tree.nextVersion(now));
    remove(call.id(), update);
    return Changes.result(200, apply(update, call.force(), call.id(), now));
  }

  Answer versions(ApiCall.GroupVersions call) {
    var group = existing(call.id());
    var found = new TreeSet<Instant>();
    found.add(group.version());
    marathon.tree.below(call.id()).forEach(app -> found.addAll(marathon.tree.versions(app.id())));
    var document = Docs.array();
    found.descendingSet().forEach(each -> document.add(Docs.time(each)));
    return Answer.of(200, document);
  }

  private Group existing(String id) {
    return marathon
        .tree
        .group(id)
        .orElseThrow(() -> RejectedException.of(404, "Group '" + id + "' does not exist"));
  }
}
