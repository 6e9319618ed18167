// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.deployments;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.apps.AppPath;
import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Steps one after the other; the actions of a step side by side.
///
/// Removed apps are stopped first, then new ones are started with no instances, then apps are
/// scaled or restarted, those that others depend on before the others.
///
/// @param changes every app concerned, by id, as it was and is to be
public record Plan(String id, Instant version, Map<String, Change> changes, List<Step> steps) {
  /// An app before and after; null when absent.
  public record Change(@Nullable App before, @Nullable App after) {}

  /// Actions side by side.
  public record Step(List<Action> actions) {}

  /// One thing to do to one app.
  public record Action(Kind kind, String app) {}

  /// What to do.
  public enum Kind {
    START("StartApplication"),
    SCALE("ScaleApplication"),
    RESTART("RestartApplication"),
    STOP("StopApplication");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /// The plan for `changes`, of which only real ones count.
  ///
  /// @param dependencies of an app: the apps to come before it
  public static Plan of(
      String id,
      Instant version,
      Map<String, Change> changes,
      Function<App, Set<String>> dependencies) {
    var real = new TreeMap<String, Change>();
    changes.forEach((app, change) -> {
      if (change.before() != change.after()) {
        real.put(app, change);
      }
    });
    var stops = new ArrayList<Action>();
    var starts = new ArrayList<Action>();
    var rest = new LinkedHashMap<String, Action>();
    real.forEach((app, change) -> {
      if (change.after() == null) {
        stops.add(new Action(Kind.STOP, app));
      } else if (change.before() == null) {
        starts.add(new Action(Kind.START, app));
        rest.put(app, new Action(Kind.SCALE, app));
      } else {
        boolean restart =
            !change.before().lastConfigChangeAt().equals(change.after().lastConfigChangeAt())
                && change.after().spec().instances() > 0;
        rest.put(app, new Action(restart ? Kind.RESTART : Kind.SCALE, app));
      }
    });
    var steps = new ArrayList<Step>();
    if (!stops.isEmpty()) {
      steps.add(new Step(stops));
    }
    if (!starts.isEmpty()) {
      steps.add(new Step(starts));
    }
    steps.addAll(layers(real, rest, dependencies));
    return new Plan(id, version, real, List.copyOf(steps));
  }

  private static List<Step> layers(
      Map<String, Change> changes,
      Map<String, Action> actions,
      Function<App, Set<String>> dependencies) {
    var depths = new TreeMap<String, Integer>();
    actions
        .keySet()
        .forEach(app -> depth(app, changes, dependencies, depths, new LinkedHashSet<>()));
    var byDepth = new TreeMap<Integer, List<Action>>();
    actions.forEach((app, action) ->
        byDepth.computeIfAbsent(depths.get(app), depth -> new ArrayList<>()).add(action));
    return byDepth.values().stream().map(Step::new).toList();
  }

  private static int depth(
      String app,
      Map<String, Change> changes,
      Function<App, Set<String>> dependencies,
      Map<String, Integer> depths,
      LinkedHashSet<String> path) {
    var known = depths.get(app);
    if (known != null) {
      return known;
    }
    var change = changes.get(app);
    if (change == null || change.after() == null || !path.add(app)) {
      return -1;
    }
    int deepest = -1;
    for (var dependency : dependencies.apply(change.after())) {
      deepest = Math.max(deepest, depth(dependency, changes, dependencies, depths, path));
    }
    path.remove(app);
    depths.put(app, deepest + 1);
    return deepest + 1;
  }

  /// Whether this plan and one of these apps have to do with each other.
  public boolean concerns(Set<String> apps) {
    return apps.stream().anyMatch(changes::containsKey);
  }

  /// `{id, version, steps}` as in events and answers.
  public ObjectNode json() {
    var json = Docs.object();
    json.put("id", id);
    json.put("version", Docs.time(version));
    stepsInto(json);
    return json;
  }

  /// Adds `steps`.
  public void stepsInto(ObjectNode json) {
    var list = json.putArray("steps");
    for (var step : steps) {
      var actions = list.addObject().putArray("actions");
      for (var action : step.actions()) {
        actions.addObject().put("action", action.kind().text()).put("app", action.app());
      }
    }
  }

  byte[] bytes(int currentStep) {
    var json = json();
    json.put("currentStep", currentStep);
    var list = json.putArray("changes");
    changes.forEach((app, change) -> {
      var item = list.addObject().put("app", app);
      if (change.before() != null) {
        item.put("before", Docs.time(change.before().version()));
      }
      if (change.after() != null) {
        item.put("after", Docs.time(change.after().version()));
      }
    });
    return Docs.bytes(json);
  }

  static Plan load(ObjectNode json, BiFunction<String, Instant, @Nullable App> apps) {
    var changes = new TreeMap<String, Change>();
    for (var item : json.get("changes")) {
      var app = item.get("app").stringValue();
      changes.put(
          app,
          new Change(
              version(app, item.path("before").stringValue(null), apps),
              version(app, item.path("after").stringValue(null), apps)));
    }
    var steps = new ArrayList<Step>();
    for (var step : json.get("steps")) {
      var actions = new ArrayList<Action>();
      for (var action : step.get("actions")) {
        for (var kind : Kind.values()) {
          if (kind.text().equals(action.get("action").stringValue())) {
            actions.add(new Action(kind, action.get("app").stringValue()));
          }
        }
      }
      steps.add(new Step(actions));
    }
    return new Plan(
        json.get("id").stringValue(),
        Docs.time(json.get("version").stringValue()).orElseThrow(),
        changes,
        steps);
  }

  private static @Nullable App version(
      String app, @Nullable String version, BiFunction<String, Instant, @Nullable App> apps) {
    return version == null ? null : apps.apply(app, Docs.time(version).orElseThrow());
  }

  /// Throws nothing: whether the dependencies of these apps go in a circle.
  public static boolean cyclic(Map<String, App> apps, Function<App, Set<String>> dependencies) {
    var done = new LinkedHashSet<String>();
    return apps.keySet().stream()
        .anyMatch(app -> cyclic(app, apps, dependencies, new LinkedHashSet<>(), done));
  }

  private static boolean cyclic(
      String app,
      Map<String, App> apps,
      Function<App, Set<String>> dependencies,
      LinkedHashSet<String> path,
      Set<String> done) {
    var definition = apps.get(app);
    if (definition == null || done.contains(app)) {
      return false;
    }
    if (!path.add(app)) {
      return true;
    }
    for (var dependency : dependencies.apply(definition)) {
      if (AppPath.segments(dependency).isEmpty()) {
        continue;
      }
      if (cyclic(dependency, apps, dependencies, path, done)) {
        return true;
      }
    }
    path.remove(app);
    done.add(app);
    return false;
  }
}
