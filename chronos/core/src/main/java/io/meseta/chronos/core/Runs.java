// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All runs that wait or are under way, by task id, in the order in which they were queued.
final class Runs {
  private final Map<String, Run> runs = new LinkedHashMap<>();
  private final Set<String> started = new HashSet<>();

  void put(Run run) {
    runs.put(run.id(), run);
  }

  /// The task runs by now. Only the first such news says when it began; after a change of leaders
  /// the time of the launch is good enough, so this is not stored.
  void runs(String id, long now) {
    if (started.add(id)) {
      runs.computeIfPresent(id, (same, run) -> run.startedAt(now));
    }
  }

  void remove(String id) {
    started.remove(id);
    runs.remove(id);
  }

  @Nullable Run get(String id) {
    return runs.get(id);
  }

  List<Run> all() {
    return List.copyOf(runs.values());
  }

  List<Run> of(String job) {
    return runs.values().stream().filter(run -> run.job().equals(job)).toList();
  }

  List<Run> launched() {
    return runs.values().stream().filter(Run::isLaunched).toList();
  }

  long running(String job) {
    return runs.values().stream().filter(run -> run.isLaunched() && run.job().equals(job)).count();
  }

  boolean waiting(String job) {
    return runs.values().stream().anyMatch(run -> !run.isLaunched() && run.job().equals(job));
  }

  boolean isActive(String job) {
    return runs.values().stream().anyMatch(run -> run.job().equals(job));
  }

  /// Those whose time has come, those of high priority first.
  List<Run> ready(long nowMillis) {
    return runs.values().stream()
        .filter(run -> !run.isLaunched() && run.notBefore() <= nowMillis)
        .sorted(Comparator.comparing(run -> !run.highPriority()))
        .toList();
  }
}
