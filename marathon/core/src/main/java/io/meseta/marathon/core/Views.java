// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.health.CheckState;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What clients see of apps and tasks. The core picks immutable values ([AppView], [TaskView]); the
/// trees are made from them on the client's thread.
final class Views {
  /// An instance with what is known of its health.
  record TaskView(Instance instance, List<CheckState> checks, Optional<Boolean> healthy) {
    ObjectNode json(boolean servicePorts) {
      var json = Docs.object();
      json.put("id", instance.taskId());
      json.put("appId", instance.appId());
      var agent = instance.agent();
      if (agent != null) {
        json.put("host", agent.host());
      }
      if (!checks.isEmpty()) {
        var results = json.putArray("healthCheckResults");
        checks.forEach(check -> results.add(check.json(instance.id())));
      }
      var addresses = json.putArray("ipAddresses");
      for (var address : instance.addresses()) {
        addresses.addObject().put("ipAddress", address.ip()).put("protocol", address.protocol());
      }
      var ports = json.putArray("ports");
      instance.hostPorts().stream().filter(port -> port != 0).forEach(ports::add);
      var service = json.putArray("servicePorts");
      if (servicePorts) {
        instance.app().spec().ports().forEach(port -> service.add(port.servicePort()));
      }
      if (agent != null) {
        json.put("slaveId", agent.id());
      }
      json.put("state", instance.condition().taskState());
      time(json, "stagedAt", instance.stagedAt());
      time(json, "startedAt", instance.startedAt());
      json.put("version", Docs.time(instance.app().lastConfigChangeAt()));
      json.putArray("localVolumes");
      if (agent != null && agent.region() != null) {
        json.put("region", agent.region());
      }
      if (agent != null && agent.zone() != null) {
        json.put("zone", agent.zone());
      }
      json.put("role", instance.app().spec().role());
      return json;
    }
  }

  /// An app with what may be embedded.
  record AppView(
      App app,
      Set<String> embed,
      List<TaskView> tasks,
      List<String> deployments,
      @Nullable ObjectNode failure,
      List<ObjectNode> readiness,
      Instant now) {
    ObjectNode json() {
      var json = app.json();
      if (embed.contains("counts")) {
        counts(json, tasks);
      }
      if (embed.contains("deployments")) {
        var list = json.putArray("deployments");
        deployments.forEach(id -> list.addObject().put("id", id));
      }
      if (embed.contains("readiness")) {
        var list = json.putArray("readinessCheckResults");
        readiness.forEach(each -> list.add(each.deepCopy()));
      }
      if (embed.contains("tasks")) {
        json.set("tasks", Views.tasks(tasks, false));
      }
      if (embed.contains("lastTaskFailure") && failure != null) {
        json.set("lastTaskFailure", failure.deepCopy());
      }
      if (embed.contains("taskStats")) {
        var statistics = TaskStatistics.json(app, tasks, now);
        json.set("tasksStats", statistics);
        json.set("taskStats", statistics); // the web console reads this one
      }
      return json;
    }
  }

  private final Marathon marathon;

  Views(Marathon marathon) {
    this.marathon = marathon;
  }

  AppView app(App app, Set<String> embed, Instant now) {
    boolean wantsTasks =
        embed.contains("tasks") || embed.contains("counts") || embed.contains("taskStats");
    return new AppView(
        app,
        embed,
        wantsTasks ? tasks(app.id()) : List.of(),
        marathon.deployments.idsOf(app.id()),
        marathon.failures.get(app.id()),
        embed.contains("readiness")
            ? marathon.health.readiness(marathon.instances.of(app.id()))
            : List.of(),
        now);
  }

  List<TaskView> tasks(String appId) {
    var views = new ArrayList<TaskView>();
    for (var instance : marathon.instances.of(appId)) {
      views.add(task(instance));
    }
    return views;
  }

  TaskView task(Instance instance) {
    return new TaskView(
        instance, marathon.health.results(instance), marathon.health.healthy(instance));
  }

  /// A list of tasks; those never launched have nothing to show yet.
  static ArrayNode tasks(List<TaskView> views, boolean servicePorts) {
    var list = Docs.array();
    for (var view : views) {
      if (view.instance().condition().hasTask()) {
        list.add(view.json(servicePorts));
      }
    }
    return list;
  }

  static void counts(ObjectNode json, List<TaskView> tasks) {
    int staged = 0;
    int running = 0;
    int healthy = 0;
    int unhealthy = 0;
    for (var task : tasks) {
      switch (task.instance().condition()) {
        case PROVISIONED, STAGING, STARTING -> staged++;
        case RUNNING -> running++;
        default -> {}
      }
      if (task.healthy().isPresent()) {
        if (task.healthy().get()) {
          healthy++;
        } else {
          unhealthy++;
        }
      }
    }
    json.put("tasksStaged", staged);
    json.put("tasksRunning", running);
    json.put("tasksHealthy", healthy);
    json.put("tasksUnhealthy", unhealthy);
  }

  private static void time(ObjectNode json, String name, @Nullable Instant time) {
    if (time != null) {
      json.put(name, Docs.time(time));
    }
  }
}
