// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// All jobs by name, who follows whom, and how often each parent has succeeded since its child was
/// last started.
final class Graph {
  private final TreeMap<String, Job> jobs = new TreeMap<>();
  private final TreeMap<String, Map<String, Long>> successes = new TreeMap<>();
  private final TreeMap<String, Schedule> schedules = new TreeMap<>();
  private final TreeSet<Due> agenda =
      new TreeSet<>(Comparator.comparing(Due::at).thenComparing(Due::job));

  /// A scheduled job and when it is due.
  record Due(Instant at, String job) {}

  /// Those with runs left, the next one first.
  @Nullable Due nextDue() {
    return agenda.isEmpty() ? null : agenda.first();
  }

  /// The schedule of a planned job.
  @Nullable Schedule schedule(String job) {
    return schedules.get(job);
  }

  private void plan(Job job) {
    if (job.isDependent() || job.disabled()) {
      return;
    }
    try {
      var schedule = Schedule.parse(job.schedule(), job.timeZone(), Instant.EPOCH);
      if (schedule.hasRuns()) {
        schedules.put(job.name(), schedule);
        agenda.add(new Due(schedule.due(), job.name()));
      }
    } catch (BadJob e) {
      // Posted jobs were checked. One stored by another program is kept and shown, but never due.
      schedules.remove(job.name());
    }
  }

  private void unplan(String job) {
    var schedule = schedules.remove(job);
    if (schedule != null) {
      agenda.remove(new Due(schedule.due(), job));
    }
  }

  @Nullable Job get(String name) {
    return jobs.get(name);
  }

  Iterable<Job> jobs() {
    return jobs.values();
  }

  int size() {
    return jobs.size();
  }

  /// Puts a job; edges that it has no more lose their counts.
  void put(Job job) {
    unplan(job.name());
    jobs.put(job.name(), job);
    plan(job);
    var counts = successes.get(job.name());
    if (counts != null) {
      counts.keySet().retainAll(job.parents());
    }
  }

  void remove(String name) {
    unplan(name);
    jobs.remove(name);
    successes.remove(name);
  }

  List<Job> children(String parent) {
    return jobs.values().stream().filter(job -> job.parents().contains(parent)).toList();
  }

  /// The first parent that is not there, or null.
  @Nullable String missingParent(Job job) {
    return job.parents().stream()
        .filter(parent -> !jobs.containsKey(parent))
        .findFirst()
        .orElse(null);
  }

  /// Whether `job` would come before itself.
  boolean closesCycle(Job job) {
    var left = new ArrayDeque<>(job.parents());
    var seen = new HashSet<String>();
    while (!left.isEmpty()) {
      var name = left.poll();
      if (name.equals(job.name())) {
        return true;
      }
      var parent = jobs.get(name);
      if (seen.add(name) && parent != null) {
        left.addAll(parent.parents());
      }
    }
    return false;
  }

  /// Counts a success of `parent` for each child.
  void succeeded(String parent) {
    for (var child : children(parent)) {
      successes
          .computeIfAbsent(child.name(), name -> new LinkedHashMap<>())
          .merge(parent, 1L, Long::sum);
    }
  }

  /// Whether every parent has succeeded since the child was last started.
  boolean isReady(Job child) {
    var counts = successes.getOrDefault(child.name(), Map.of());
    return child.parents().stream().allMatch(parent -> counts.getOrDefault(parent, 0L) > 0);
  }

  void started(String child) {
    successes.remove(child);
  }

  Map<String, Long> counts(String child) {
    return successes.getOrDefault(child, Map.of());
  }

  void restore(String child, Map<String, Long> counts) {
    successes.put(child, new LinkedHashMap<>(counts));
  }

  Set<String> names() {
    return jobs.keySet();
  }
}
