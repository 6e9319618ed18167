// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.apps.AppPath;
import io.meseta.marathon.core.apps.RejectedException;
import io.meseta.marathon.core.apps.ServicePorts;
import io.meseta.marathon.core.apps.Spec;
import io.meseta.marathon.core.deployments.Deployments.Deployment;
import io.meseta.marathon.core.deployments.Plan;
import io.meseta.marathon.core.groups.Group;
import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Changes definitions, each change as one deployment. Everything is checked before anything is
/// changed.
final class Changes {
  /// Below what the store takes, so that versions and names fit too.
  private static final int MAX_RECORD_BYTES = 800_000;

  /// Each instance is a record in memory and in the store.
  private static final int MAX_INSTANCES = 100_000;

  /// Pairs of apps of which one comes before the other.
  private static final int MAX_DEPENDENCIES = 1_000_000;

  private final Marathon marathon;
  private final Converge converge;

  Changes(Marathon marathon, Converge converge) {
    this.marathon = marathon;
    this.converge = converge;
  }

  /// Makes these the present versions; null removes an app.
  ///
  /// @param force cancels deployments in the way
  /// @param group the group of which the change is told
  /// @throws RejectedException when it cannot be done
  Plan apply(
      Map<String, @Nullable App> next, boolean force, String group, Instant version, Instant now) {
    return apply(next, Map.of(), force, group, version, now);
  }

  /// As above, where groups change too; the caller does that afterwards.
  Plan apply(
      Map<String, @Nullable App> next,
      Map<String, Group> groups,
      boolean force,
      String group,
      Instant version,
      Instant now) {
    var plan = plan(next, groups, version);
    checkSizes(plan, groups);
    var conflicts = marathon.deployments.conflicting(plan.changes().keySet());
    if (!conflicts.isEmpty() && !force) {
      throw locked(conflicts);
    }
    if (marathon.deployments.all().size() - conflicts.size()
        >= marathon.config.maxRunningDeployments()) {
      throw RejectedException.of(
          403,
          "Max number ("
              + marathon.config.maxRunningDeployments()
              + ") of running deployments is achieved. Wait for existing deployments to complete"
              + " or cancel one using force=true parameter.");
    }
    for (var conflict : conflicts) {
      converge.end(conflict, "The deployment was cancelled by " + plan.id(), now);
    }
    plan.changes()
        .forEach((id, change) -> {
          if (change.after() == null) {
            marathon.tree.remove(id, version);
          } else {
            marathon.tree.put(change.after());
          }
        });
    var deployment = marathon.deployments.start(plan, now);
    plan.changes().keySet().forEach(marathon.instances::touch);
    if (plan.steps().isEmpty()) {
      converge.progress(deployment, now);
    }
    var data = Docs.object();
    data.put("groupId", group);
    data.put("version", Docs.time(version));
    marathon.outbox.publish("group_change_success", data, now);
    return plan;
  }

  /// Everything changed has to fit a record of the store; what does not would end Marathon when it
  /// is written.
  private static void checkSizes(Plan plan, Map<String, Group> groups) {
    plan.changes()
        .forEach((id, change) -> {
          if (change.after() != null && change.after() != change.before()) {
            int instances = change.after().spec().instances();
            if (instances > MAX_INSTANCES) {
              throw RejectedException.invalid(
                  "/instances", "got " + instances + ", expected at most " + MAX_INSTANCES);
            }
            checkSize("/", "the app " + id, id, change.after().bytes().length);
          }
        });
    groups.forEach((id, group) -> checkSize("/", "the group " + id, id, group.bytes().length));
    checkSize("/", "the plan of this change", "", plan.bytes().length);
  }

  private static void checkSize(String path, String what, String id, int length) {
    long bytes = length + (long) id.length() * 4;
    if (bytes > MAX_RECORD_BYTES) {
      throw RejectedException.invalid(
          path,
          (what.length() > 200 ? what.substring(0, 200) + "..." : what)
              + " takes "
              + bytes
              + " bytes (expected: at most "
              + MAX_RECORD_BYTES
              + ")");
    }
  }

  /// What [#apply] would do.
  Plan plan(Map<String, @Nullable App> next, Map<String, Group> groups, Instant version) {
    var changes = new TreeMap<String, Plan.Change>();
    next.forEach((id, app) -> changes.put(id, new Plan.Change(marathon.tree.app(id), app)));
    var present = new TreeMap<String, @Nullable App>(next);
    present.values().removeIf(Objects::isNull);
    present.keySet().forEach(id -> checkId(id, next, present));
    if (next.values().stream()
        .allMatch(app -> app == null || marathon.dependencyPaths(app, groups).isEmpty())) {
      return Plan.of(marathon.ids.uuid().toString(), version, changes, app -> Set.of());
    }
    var after = new TreeMap<String, App>();
    marathon.tree.apps().forEach(app -> after.put(app.id(), app));
    next.forEach((id, app) -> {
      if (app == null) {
        after.remove(id);
      } else {
        after.put(id, app);
      }
    });
    var dependencies = new HashMap<String, Set<String>>();
    int pairs = 0;
    for (var app : after.values()) {
      var before = dependencies(app, groups, after, MAX_DEPENDENCIES - pairs);
      pairs += before.size();
      dependencies.put(app.id(), before);
    }
    if (Plan.cyclic(after, app -> dependencies.getOrDefault(app.id(), Set.of()))) {
      throw RejectedException.invalid("/", "Dependency graph has cyclic dependencies.");
    }
    return Plan.of(
        marathon.ids.uuid().toString(),
        version,
        changes,
        app -> dependencies.getOrDefault(app.id(), Set.of()));
  }

  private Set<String> dependencies(
      App app, Map<String, Group> groups, TreeMap<String, App> apps, int most) {
    var found = new TreeSet<String>();
    for (var path : marathon.dependencyPaths(app, groups)) {
      if (apps.containsKey(path)) {
        found.add(path);
      } else {
        apps.subMap(path + "/", path + "0").keySet().forEach(found::add);
      }
      if (found.size() > most) {
        throw RejectedException.invalid(
            "/dependencies",
            "the apps have more than "
                + MAX_DEPENDENCIES
                + " dependencies, those on groups counted"
                + " for each app in them");
      }
    }
    found.remove(app.id());
    return found;
  }

  /// No app may lie where a group is.
  ///
  /// @param present of `next`, those that are not removed
  private void checkId(
      String id, Map<String, @Nullable App> next, TreeMap<String, @Nullable App> present) {
    boolean isGroup =
        marathon.tree.hasBelow(id)
                && marathon.tree.below(id).stream()
                    .anyMatch(app -> !next.containsKey(app.id()) || next.get(app.id()) != null)
            || !present.subMap(id + "/", id + "0").isEmpty(); // '0' follows '/'
    if (isGroup) {
      throw clash(id, "there is a group " + id);
    }
    for (var parent = AppPath.parent(id); !parent.equals("/"); parent = AppPath.parent(parent)) {
      if (next.containsKey(parent) ? next.get(parent) != null : marathon.tree.app(parent) != null) {
        throw clash(parent, parent + " is an application, so " + id + " cannot be below it");
      }
    }
  }

  /// An application and a group want the same path.
  static RejectedException clash(String id, String why) {
    return RejectedException.invalid(
        "/id",
        "Groups and Applications may not have the same identifier: " + id + " (" + why + ")");
  }

  private static RejectedException locked(List<Deployment> conflicts) {
    var document = Docs.object();
    document.put(
        "message",
        "App is locked by one or more deployments. Override with the option '?force=true'. View"
            + " details at '/v2/deployments/<DEPLOYMENT_ID>'.");
    var list = document.putArray("deployments");
    conflicts.forEach(each -> list.addObject().put("id", each.plan().id()));
    return new RejectedException(409, document);
  }

  /// Gives service ports to a definition's ports that have none.
  ///
  /// @param together other apps of the same change, which have theirs already
  void assignPorts(ObjectNode definition, Map<String, @Nullable App> together) {
    var id = definition.get("id").stringValue();
    var present = marathon.tree.app(id);
    List<Integer> before =
        present == null
            ? List.of()
            : present.spec().ports().stream().map(Spec.Port::servicePort).toList();
    var others = new HashSet<Integer>();
    together.forEach((other, app) -> {
      if (app != null && !other.equals(id)) {
        app.spec().ports().forEach(port -> others.add(port.servicePort()));
      }
    });
    ServicePorts.assign(
        definition,
        port ->
            others.contains(port)
                || marathon.tree.servicePortUses(port) > Collections.frequency(before, port),
        before,
        marathon.config.settings(),
        marathon.ids.random());
  }

  /// `{"version":…,"deploymentId":…}`
  static Answer result(int status, Plan plan) {
    var document = Docs.object();
    document.put("version", Docs.time(plan.version()));
    document.put("deploymentId", plan.id());
    return new Answer(status, Map.of("Marathon-Deployment-Id", plan.id()), () -> document);
  }
}
