// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// How often runs of each job succeeded and failed, and how long the last successful runs of each
/// job took, from the start of their task, in milliseconds. As in the original they live in memory
/// and begin anew with each leader.
final class RunTimes {
  /// The names under which clients ask for a figure.
  static final List<String> FIGURES =
      List.of(
          "75thPercentile", "95thPercentile", "98thPercentile", "99thPercentile", "median", "mean");

  private static final int KEPT = 1000;

  private final TreeMap<String, ArrayDeque<Long>> times = new TreeMap<>();
  private final TreeMap<String, Long> successes = new TreeMap<>();
  private final TreeMap<String, Long> failures = new TreeMap<>();

  void succeeded(String job) {
    successes.merge(job, 1L, Long::sum);
  }

  void failed(String job) {
    failures.merge(job, 1L, Long::sum);
  }

  void add(String job, long millis) {
    var kept = times.computeIfAbsent(job, name -> new ArrayDeque<>());
    kept.add(millis);
    if (kept.size() > KEPT) {
      kept.remove();
    }
  }

  void forget(String job) {
    times.remove(job);
    successes.remove(job);
    failures.remove(job);
  }

  /// Every figure and how many runs they are of; zeros when there was none.
  ObjectNode histogram(String job) {
    var json = JsonNodeFactory.instance.objectNode();
    FIGURES.forEach(name -> json.put(name, figure(job, name).orElse(0.0)));
    return json.put("count", times.getOrDefault(job, new ArrayDeque<>()).size());
  }

  /// One figure of all jobs in seconds, slowest first.
  JsonNode ranking(List<String> jobs, String name) {
    record Entry(String job, double millis) {}
    var entries = new ArrayList<Entry>();
    jobs.forEach(job -> entries.add(new Entry(job, figure(job, name).orElse(0.0))));
    entries.sort(Comparator.comparingDouble(Entry::millis).reversed());
    var list = JsonNodeFactory.instance.arrayNode();
    entries.forEach(entry ->
        list.addObject().put("jobNameLabel", entry.job()).put("time", entry.millis() / 1000));
    return list;
  }

  /// All figures under the original's names.
  ObjectNode metrics() {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("version", "3.0.0");
    json.putObject("gauges");
    var counters = json.putObject("counters");
    failures.forEach(
        (job, count) -> counters.putObject("jobs.run.failure." + job).put("count", count));
    successes.forEach(
        (job, count) -> counters.putObject("jobs.run.success." + job).put("count", count));
    var histograms = json.putObject("histograms");
    times.forEach((job, kept) -> {
      var sorted = kept.stream().sorted().toList();
      double mean = sorted.stream().mapToLong(Long::longValue).average().orElse(0);
      double variance =
          sorted.stream().mapToDouble(time -> (time - mean) * (time - mean)).average().orElse(0);
      histograms
          .putObject("jobs.run.time." + job)
          .put("count", sorted.size())
          .put("max", sorted.getLast())
          .put("mean", mean)
          .put("min", sorted.getFirst())
          .put("p50", quantile(sorted, 0.5))
          .put("p75", quantile(sorted, 0.75))
          .put("p95", quantile(sorted, 0.95))
          .put("p98", quantile(sorted, 0.98))
          .put("p99", quantile(sorted, 0.99))
          .put("p999", quantile(sorted, 0.999))
          .put("stddev", Math.sqrt(variance));
    });
    json.putObject("meters");
    json.putObject("timers");
    return json;
  }

  private Optional<Double> figure(String job, String name) {
    var kept = times.get(job);
    if (kept == null) {
      return Optional.empty();
    }
    var sorted = kept.stream().sorted().toList();
    return Optional.of(
        switch (name) {
          case "mean" -> sorted.stream().mapToLong(Long::longValue).average().orElse(0);
          case "median" -> quantile(sorted, 0.5);
          default -> quantile(sorted, Integer.parseInt(name.substring(0, 2)) / 100.0);
        });
  }

  /// Interpolates between the two neighbours.
  private static double quantile(List<Long> sorted, double share) {
    double at = share * (sorted.size() + 1) - 1;
    int below = (int) Math.floor(Math.clamp(at, 0, sorted.size() - 1));
    int above = Math.min(below + 1, sorted.size() - 1);
    double part = Math.clamp(at - below, 0, 1);
    return sorted.get(below) + part * (sorted.get(above) - sorted.get(below));
  }
}
