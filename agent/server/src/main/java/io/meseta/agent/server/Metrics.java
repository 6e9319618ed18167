// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.containerizer.fetcher.Fetcher;
import io.meseta.agent.core.Agent;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.http.Answer;
import io.meseta.http.Prometheus;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// All metrics by the original's names, and the same in the form of Prometheus.
final class Metrics {
  private static final List<String> COUNTED =
      List.of(
          "slave/container_launch_errors",
          "slave/executors_terminated",
          "slave/executors_preempted",
          "slave/invalid_framework_messages",
          "slave/invalid_status_updates",
          "slave/recovery_errors",
          "slave/tasks_failed",
          "slave/tasks_finished",
          "slave/tasks_gone",
          "slave/tasks_killed",
          "slave/tasks_lost",
          "slave/valid_framework_messages",
          "slave/valid_status_updates",
          "gc/path_removals_failed",
          "gc/path_removals_succeeded");

  private Metrics() {}

  /// Name to value, sorted.
  static Map<String, Double> of(AgentSnapshot agent, Fetcher fetcher) {
    var all = new TreeMap<String, Double>();
    for (var name : COUNTED) {
      all.put(name, agent.counts().getOrDefault(name, 0L).doubleValue());
    }
    all.put("containerizer/fetcher/cache_size_total_bytes", (double) fetcher.cacheTotalBytes());
    all.put("containerizer/fetcher/cache_size_used_bytes", (double) fetcher.cacheUsedBytes());
    all.put("containerizer/fetcher/task_fetches_failed", (double) fetcher.failed());
    all.put("containerizer/fetcher/task_fetches_succeeded", (double) fetcher.succeeded());
    all.put("gc/path_removals_pending", (double) agent.gcPending());
    all.put("slave/executor_directory_max_allowed_age_secs", agent.gcMaxAge().toMillis() / 1000.0);
    all.put("slave/frameworks_active", (double) agent.frameworks().size());
    all.put("slave/registered", agent.phase() == Agent.Phase.RUNNING ? 1.0 : 0.0);
    all.put(
        "slave/recovery_time_secs", agent.counts().getOrDefault("recovery_millis", 0L) / 1000.0);
    all.put(
        "slave/uptime_secs", Duration.between(agent.started(), Instant.now()).toMillis() / 1000.0);
    executors(all, agent);
    tasks(all, agent);
    var total = agent.total();
    var used = agent.allocated();
    for (var name : List.of("cpus", "gpus", "mem", "disk")) {
      resource(all, name, "", total.nonRevocable(), used.nonRevocable());
      resource(all, name, "_revocable", total.revocable(), used.revocable());
    }
    system(all);
    return all;
  }

  private static void resource(
      Map<String, Double> all, String name, String kind, Resources total, Resources used) {
    double most = total.scalar(name) / 1000.0;
    double now = used.scalar(name) / 1000.0;
    all.put("slave/" + name + kind + "_total", most);
    all.put("slave/" + name + kind + "_used", now);
    all.put("slave/" + name + kind + "_percent", most > 0 ? now / most : 0.0);
  }

  private static void executors(Map<String, Double> all, AgentSnapshot agent) {
    long running = agent.executors().filter(e -> !e.over() && !e.containers().isEmpty()).count();
    long registering = agent.executors().filter(e -> !e.over() && e.containers().isEmpty()).count();
    all.put("slave/executors_running", (double) running);
    all.put("slave/executors_registering", (double) registering);
    all.put("slave/executors_terminating", 0.0);
  }

  private static void tasks(Map<String, Double> all, AgentSnapshot agent) {
    all.put(
        "slave/tasks_staging",
        (double) agent.executors().mapToLong(executor -> executor.queued().size()).sum());
    for (var state :
        List.of(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLING)) {
      long count =
          agent
              .executors()
              .flatMap(executor -> executor.launched().stream())
              .map(Task::getState)
              .filter(state::equals)
              .count();
      all.put(
          "slave/tasks_"
              + state.name().substring("TASK_".length()).toLowerCase(java.util.Locale.ROOT),
          (double) count);
    }
  }

  private static void system(Map<String, Double> all) {
    all.put("system/cpus_total", (double) Runtime.getRuntime().availableProcessors());
    try {
      var load = Files.readString(Path.of("/proc/loadavg")).split(" ");
      all.put("system/load_1min", Double.parseDouble(load[0]));
      all.put("system/load_5min", Double.parseDouble(load[1]));
      all.put("system/load_15min", Double.parseDouble(load[2]));
      all.put("system/mem_total_bytes", (double) Detection.memoryBytes());
      all.put("system/mem_free_bytes", (double) Detection.freeMemoryBytes());
    } catch (IOException e) {
      // A host that hides them: readers see that they are absent.
    }
  }

  /// `/metrics`.
  static Answer prometheus(Map<String, Double> all) {
    var out = new Prometheus();
    all.forEach((name, value) -> {
      var plain = "mesos_" + name.replaceAll("[^a-zA-Z0-9_]", "_");
      if (COUNTED.contains(name)) {
        out.counter(plain + "_total", name, Map.of(), value);
      } else {
        out.gauge(plain, name, Map.of(), value);
      }
    });
    return out.answer();
  }
}
