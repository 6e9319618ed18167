// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.json.Docs;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/// `tasksStats`: counts and ages of an app's tasks, by which version they are.
final class TaskStatistics {
  private TaskStatistics() {}

  static ObjectNode json(App app, List<Views.TaskView> tasks, Instant now) {
    var json = Docs.object();
    put(
        json,
        "startedAfterLastScaling",
        tasks.stream()
            .filter(task -> !task.instance().app().version().isBefore(app.lastScalingAt()))
            .toList(),
        now);
    put(
        json,
        "withLatestConfig",
        tasks.stream().filter(task -> Converge.current(task.instance(), app)).toList(),
        now);
    put(
        json,
        "withOutdatedConfig",
        tasks.stream().filter(task -> !Converge.current(task.instance(), app)).toList(),
        now);
    put(json, "totalSummary", tasks, now);
    return json;
  }

  private static void put(ObjectNode json, String name, List<Views.TaskView> tasks, Instant now) {
    var launched = tasks.stream().filter(task -> task.instance().condition().hasTask()).toList();
    if (launched.isEmpty()) {
      return;
    }
    var stats = json.putObject(name).putObject("stats");
    var counted = Docs.object();
    Views.counts(counted, launched);
    stats
        .putObject("counts")
        .put("staged", counted.get("tasksStaged").asInt())
        .put("running", counted.get("tasksRunning").asInt())
        .put("healthy", counted.get("tasksHealthy").asInt())
        .put("unhealthy", counted.get("tasksUnhealthy").asInt());
    var ages =
        launched.stream()
            .map(task -> task.instance().startedAt())
            .filter(Objects::nonNull)
            .mapToDouble(started -> Duration.between(started, now).toMillis() / 1000.0)
            .sorted()
            .toArray();
    if (ages.length > 0) {
      double sum = 0;
      for (double age : ages) {
        sum += age;
      }
      double median =
          ages.length % 2 == 1
              ? ages[ages.length / 2]
              : (ages[ages.length / 2 - 1] + ages[ages.length / 2]) / 2;
      var life = stats.putObject("lifeTime");
      life.set("averageSeconds", Docs.number(sum / ages.length));
      life.set("medianSeconds", Docs.number(median));
    }
  }
}
