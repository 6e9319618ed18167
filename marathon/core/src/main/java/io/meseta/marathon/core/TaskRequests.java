// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.apps.RejectedException;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.marathon.core.instances.Instances;
import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Requests about tasks: lists and kills.
final class TaskRequests {
  private final Marathon marathon;
  private final AppRequests apps;
  private final Changes changes;
  private final Views views;
  private final Killer killer;

  TaskRequests(Marathon marathon, AppRequests apps, Changes changes, Views views, Killer killer) {
    this.marathon = marathon;
    this.apps = apps;
    this.changes = changes;
    this.views = views;
    this.killer = killer;
  }

  Answer list(ApiCall.ListTasks call) {
    var found = new ArrayList<Views.TaskView>();
    for (var instance : marathon.instances.all()) {
      if (wanted(instance, call)) {
        found.add(views.task(instance));
      }
    }
    return tasks(found, true);
  }

  private static boolean wanted(Instance instance, ApiCall.ListTasks call) {
    boolean running = call.statuses().contains("running");
    boolean staging = call.statuses().contains("staging");
    if (!running && !staging) {
      return true;
    }
    return switch (instance.condition()) {
      case RUNNING -> running;
      case PROVISIONED, STAGING, STARTING -> staging;
      default -> false;
    };
  }

  Answer ofApp(ApiCall.AppTasks call) {
    var found = new ArrayList<Views.TaskView>();
    if (call.below()) {
      marathon.tree.below(call.id()).forEach(app -> found.addAll(views.tasks(app.id())));
    } else {
      found.addAll(views.tasks(apps.existing(call.id()).id()));
    }
    return tasks(found, true);
  }

  private static Answer tasks(List<Views.TaskView> found, boolean servicePorts) {
    return Answer.later(() -> {
      var document = Docs.object();
      document.set("tasks", Views.tasks(found, servicePorts));
      return document;
    });
  }

  Answer killOfApp(ApiCall.KillAppTasks call, Instant now) {
    checkFlags(call.scale(), call.wipe());
    var app = apps.existing(call.id());
    var chosen = new ArrayList<Instance>();
    for (var instance : marathon.instances.of(app.id())) {
      var agent = instance.agent();
      boolean here =
          call.host().isEmpty()
              || call.host().get().equals("*")
              || agent != null && agent.host().equals(call.host().get());
      boolean named =
          call.taskId().isEmpty()
              || call.taskId().get().equals(instance.taskId())
              || call.taskId().get().equals(instance.id());
      if (here && named && instance.condition().hasTask()) {
        chosen.add(instance);
      }
    }
    if (call.taskId().isPresent() && chosen.isEmpty()) {
      throw RejectedException.of(404, "Task '" + call.taskId().get() + "' does not exist");
    }
    if (call.scale()) {
      return scale(chosen, call.force(), now);
    }
    var seen = chosen.stream().map(views::task).toList();
    kill(chosen, call.wipe(), now);
    if (call.taskId().isPresent()) {
      return Answer.later(() -> {
        var document = Docs.object();
        document.set("task", seen.getFirst().json(true));
        return document;
      });
    }
    return tasks(seen, true);
  }

  Answer kill(ApiCall.KillTasks call, Instant now) {
    checkFlags(call.scale(), call.wipe());
    var chosen = new ArrayList<Instance>();
    for (var id : call.ids()) {
      var name = Instances.parseTaskId(id);
      if (name == null) {
        throw RejectedException.of(400, "Unable to parse task id: " + id);
      }
      var instance = marathon.instances.get(name.instanceId());
      if (instance != null && instance.condition().hasTask() && !chosen.contains(instance)) {
        chosen.add(instance);
      }
    }
    if (call.scale()) {
      return scale(chosen, call.force(), now);
    }
    var seen = chosen.stream().map(views::task).toList();
    kill(chosen, call.wipe(), now);
    return tasks(seen, true);
  }

  private static void checkFlags(boolean scale, boolean wipe) {
    if (scale && wipe) {
      throw RejectedException.of(400, "You cannot use scale and wipe at the same time.");
    }
  }

  private void kill(List<Instance> chosen, boolean wipe, Instant now) {
    for (var instance : chosen) {
      if (wipe) {
        killer.decommission(instance, now);
      } else {
        killer.killTask(instance, now);
      }
    }
  }

  private Answer scale(List<Instance> chosen, boolean force, Instant now) {
    var version = marathon.tree.nextVersion(now);
    var counts = new TreeMap<String, Integer>();
    chosen.forEach(instance -> counts.merge(instance.appId(), 1, Integer::sum));
    var next = new TreeMap<String, @Nullable App>();
    counts.forEach((id, count) -> {
      var app = marathon.tree.app(id);
      if (app != null) {
        next.put(id, app.scaled(Math.max(0, app.spec().instances() - count), version));
      }
    });
    var plan = changes.apply(next, force, "/", version, now);
    chosen.forEach(instance -> killer.decommission(instance, now));
    return Changes.result(200, plan);
  }

  Answer queue(ApiCall.ListQueue call, Instant now) {
    var entries = new ArrayList<QueueEntry>();
    marathon.statistics.forEach((appId, statistics) -> {
      var waiting = marathon.instances.of(appId).stream().filter(Converge::launching).toList();
      if (!waiting.isEmpty()) {
        var app = waiting.getFirst().app();
        entries.add(
            new QueueEntry(
                app,
                waiting.size(),
                statistics.since(),
                marathon.delays.left(app, now).toSeconds(),
                marathon.delays.left(app, now).isZero(),
                statistics.summary(),
                marathon.failures.get(appId),
                call.lastUnusedOffers() ? statistics.lastUnusedOffers() : null));
      }
    });
    return Answer.later(() -> {
      var document = Docs.object();
      var list = document.putArray("queue");
      entries.forEach(entry -> list.add(entry.json()));
      return document;
    });
  }

  private record QueueEntry(
      App app,
      int count,
      Instant since,
      long timeLeftSeconds,
      boolean overdue,
      tools.jackson.databind.JsonNode summary,
      tools.jackson.databind.@Nullable JsonNode lastFailure,
      tools.jackson.databind.@Nullable JsonNode lastUnusedOffers) {
    tools.jackson.databind.JsonNode json() {
      var json = Docs.object();
      json.put("count", count);
      json.put("role", app.spec().role());
      json.put("since", Docs.time(since));
      json.putObject("delay").put("timeLeftSeconds", timeLeftSeconds).put("overdue", overdue);
      json.set("processedOffersSummary", summary);
      if (lastFailure != null) { // not in the original: why the app waits
        json.set("lastTaskFailure", lastFailure.deepCopy());
      }
      if (lastUnusedOffers != null) {
        json.set("lastUnusedOffers", lastUnusedOffers);
      }
      json.set("app", app.json());
      return json;
    }
  }
}
