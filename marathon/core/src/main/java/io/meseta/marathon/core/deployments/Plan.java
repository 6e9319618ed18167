// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.deployments;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.json.Docs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
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

  /// An app's step is one after the latest of those it depends on and that change too.
  private static List<Step> layers(
      Map<String, Change> changes,
      Map<String, Action> actions,
      Function<App, Set<String>> dependencies) {
    var after = new TreeMap<String, App>();
    actions
        .keySet()
        .forEach(id -> {
          var app = changes.get(id).after();
          if (app != null) {
            after.put(id, app);
          }
        });
    var layers = new TreeMap<Integer, List<Action>>();
    Order.depths(after, dependencies)
        .forEach((app, depth) ->
            layers.computeIfAbsent(depth, each -> new ArrayList<>()).add(actions.get(app)));
    return layers.values().stream().map(Step::new).toList();
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

  /// [#json] without steps.
  ObjectNode outline() {
    var json = Docs.object();
    json.put("id", id);
    json.put("version", Docs.time(version));
    json.putArray("steps");
    return json;
  }

  /// How many actions all steps have.
  int actions() {
    return steps.stream().mapToInt(step -> step.actions().size()).sum();
  }

  /// As stored, compressed: a change of thousands of apps has to fit one record.
  public byte[] bytes() {
    var packed = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(packed)) {
      zip.write(plainBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  /// Undoes the compression; records of earlier versions have none.
  static byte[] unpack(byte[] bytes) {
    if (bytes.length > 0 && bytes[0] == '{') {
      return bytes;
    }
    try (var zip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return zip.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] plainBytes() {
    var json = json();
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

  /// Whether the dependencies of these apps go in a circle.
  public static boolean cyclic(Map<String, App> apps, Function<App, Set<String>> dependencies) {
    return Order.depths(apps, dependencies).size() < apps.size();
  }
}
