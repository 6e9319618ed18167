// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.master.core.view.Snapshot;
import io.meseta.model.resources.Resources;
import io.meseta.model.resources.Thousandths;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.TaskState;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/// The master's metrics by the original's names, sorted.
public final class Metrics {
  /// Counters that are there from the start.
  private static final List<String> COUNTERS =
      List.of(
          "dropped_messages",
          "invalid_executor_to_framework_messages",
          "invalid_framework_to_executor_messages",
          "invalid_status_update_acknowledgements",
          "invalid_status_updates",
          "messages_authenticate",
          "messages_deactivate_framework",
          "messages_decline_offers",
          "messages_executor_to_framework",
          "messages_exited_executor",
          "messages_framework_to_executor",
          "messages_kill_task",
          "messages_launch_tasks",
          "messages_reconcile_tasks",
          "messages_register_framework",
          "messages_register_slave",
          "messages_reregister_framework",
          "messages_reregister_slave",
          "messages_resource_request",
          "messages_revive_offers",
          "messages_status_update",
          "messages_status_update_acknowledgement",
          "messages_suppress_offers",
          "messages_unregister_framework",
          "messages_unregister_slave",
          "messages_update_slave",
          "recovery_slave_removals",
          "invalid_operation_status_update_acknowledgements",
          "invalid_operation_status_updates",
          "messages_operation_status_update",
          "messages_operation_status_update_acknowledgement",
          "messages_reconcile_operations",
          "valid_operation_status_update_acknowledgements",
          "valid_operation_status_updates",
          "slave_registrations",
          "slave_shutdowns_canceled",
          "slave_shutdowns_completed",
          "slave_shutdowns_scheduled",
          "slave_removals",
          "slave_removals/reason_registered",
          "slave_removals/reason_unhealthy",
          "slave_removals/reason_unregistered",
          "slave_reregistrations",
          "slave_unreachable_canceled",
          "slave_unreachable_completed",
          "slave_unreachable_scheduled",
          "tasks_dropped",
          "tasks_error",
          "tasks_failed",
          "tasks_finished",
          "tasks_gone",
          "tasks_gone_by_operator",
          "tasks_killed",
          "tasks_lost",
          "valid_executor_to_framework_messages",
          "valid_framework_to_executor_messages",
          "valid_status_update_acknowledgements",
          "valid_status_updates");

  private Metrics() {}

  /// @param queued events that wait for the loop
  /// @param perFramework whether to tell of each framework by itself
  /// @param unfair resources that do not count for shares
  public static Map<String, Double> of(
      Snapshot snapshot,
      Instant startTime,
      boolean elected,
      int queued,
      boolean perFramework,
      Set<String> unfair) {
    var result = new TreeMap<String, Double>();
    COUNTERS.forEach(name -> result.put("master/" + name, 0.0));
    OperationMetrics.zero(result);
    snapshot.counters().forEach((name, count) -> result.put("master/" + name, (double) count));
    result.put("master/uptime_secs", seconds(Duration.between(startTime, snapshot.at())));
    result.put("master/operator_event_stream_subscribers", (double) snapshot.watchers());
    result.put("master/elected", elected ? 1.0 : 0.0);
    result.put("master/event_queue_messages", (double) queued);
    result.put("master/event_queue_dispatches", 0.0);
    result.put("master/event_queue_http_requests", 0.0);
    result.put("registrar/queued_operations", (double) snapshot.queuedRegistryOperations());
    agents(snapshot, result);
    frameworks(snapshot, result);
    tasks(snapshot, result);
    OperationMetrics.put(snapshot, result);
    resources(snapshot, result);
    AllocatorMetrics.put(snapshot, unfair, result);
    if (perFramework) {
      snapshot.frameworks().forEach(framework -> FrameworkMetrics.put(framework, result));
    }
    system(result);
    return result;
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static void agents(Snapshot snapshot, Map<String, Double> out) {
    var agents = snapshot.agents();
    out.put("master/slaves_active", count(agents, AgentView::active));
    out.put("master/slaves_inactive", count(agents, agent -> !agent.active()));
    out.put("master/slaves_connected", count(agents, AgentView::connected));
    out.put("master/slaves_disconnected", count(agents, agent -> !agent.connected()));
    out.put("master/slaves_unreachable", (double) snapshot.unreachable().size());
  }

  private static void frameworks(Snapshot snapshot, Map<String, Double> out) {
    var frameworks = snapshot.frameworks();
    out.put("master/frameworks_active", count(frameworks, FrameworkView::active));
    out.put("master/frameworks_inactive", count(frameworks, f -> !f.active()));
    out.put("master/frameworks_connected", count(frameworks, FrameworkView::connected));
    out.put("master/frameworks_disconnected", count(frameworks, f -> !f.connected()));
    out.put(
        "master/outstanding_offers",
        (double) frameworks.stream().mapToInt(f -> f.offers().size()).sum());
  }

  private static <T> double count(List<T> all, Predicate<T> which) {
    return all.stream().filter(which).count();
  }

  private static void tasks(Snapshot snapshot, Map<String, Double> out) {
    var counts = new TaskCounts();
    for (var framework : snapshot.frameworks()) {
      framework.tasks().forEach(counts::add);
      framework.unreachableTasks().forEach(counts::add);
    }
    for (var state :
        List.of(
            TaskState.TASK_STAGING,
            TaskState.TASK_STARTING,
            TaskState.TASK_RUNNING,
            TaskState.TASK_KILLING,
            TaskState.TASK_UNREACHABLE)) {
      out.put(
          "master/" + state.name().toLowerCase(Locale.ROOT).replaceFirst("task", "tasks"),
          (double) counts.get(state));
    }
  }

  private static void resources(Snapshot snapshot, Map<String, Double> out) {
    var total = Resources.sum(snapshot.agents().stream().map(AgentView::total).toList());
    var used = Resources.sum(snapshot.agents().stream().map(AgentView::usedTotal).toList());
    for (var name : List.of("cpus", "gpus", "mem", "disk")) {
      resource(out, name, "", total.nonRevocable(), used.nonRevocable());
      resource(out, name, "_revocable", total.revocable(), used.revocable());
    }
  }

  private static void resource(
      Map<String, Double> out, String name, String suffix, Resources total, Resources used) {
    double all = Thousandths.toDouble(total.scalar(name));
    double taken = Thousandths.toDouble(used.scalar(name));
    var prefix = "master/" + name + suffix;
    out.put(prefix + "_total", all);
    out.put(prefix + "_used", taken);
    out.put(prefix + "_percent", all == 0 ? 0 : taken / all);
  }

  private static void system(Map<String, Double> out) {
    var system = ManagementFactory.getOperatingSystemMXBean();
    out.put("system/cpus_total", (double) system.getAvailableProcessors());
    loads(out);
    if (system instanceof com.sun.management.OperatingSystemMXBean more) {
      out.put("system/mem_total_bytes", (double) more.getTotalMemorySize());
      out.put("system/mem_free_bytes", (double) more.getFreeMemorySize());
    }
  }

  private static void loads(Map<String, Double> out) {
    try {
      var loads = Files.readString(Path.of("/proc/loadavg")).split(" ", -1);
      out.put("system/load_1min", Double.parseDouble(loads[0]));
      out.put("system/load_5min", Double.parseDouble(loads[1]));
      out.put("system/load_15min", Double.parseDouble(loads[2]));
    } catch (IOException e) {
      // Not Linux: nothing is said.
    }
  }

  /// `/metrics/snapshot`.
  public static byte[] document(Map<String, Double> metrics) {
    var out = new JsonOut().object();
    metrics.forEach(out::field);
    return out.end().bytes();
  }
}
