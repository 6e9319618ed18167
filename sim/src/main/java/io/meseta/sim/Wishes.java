// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.wire.v1.TaskState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a scheduler wants to run and what it believes to run: its own durable records, written
/// before anything is asked of the master.
final class Wishes {
  /// Belief about one task.
  enum Phase {
    /// Asked for, and nothing speaks against it.
    ACTIVE,
    /// Out of reach; replaced, but it may come back.
    PRESUMED_LOST,
    DEAD
  }

  /// One task.
  static final class Wish {
    final String taskId;
    final String job;
    final String agentId;
    Phase phase = Phase.ACTIVE;
    TaskState state = TaskState.TASK_STAGING;
    boolean kill;

    Wish(String taskId, String job, String agentId) {
      this.taskId = taskId;
      this.job = job;
      this.agentId = agentId;
    }
  }

  private final String name;
  private final Map<String, Integer> services = new LinkedHashMap<>();
  private final Map<String, Boolean> batches = new LinkedHashMap<>();
  private final Map<String, Wish> tasks = new LinkedHashMap<>();
  private int jobs;
  private int launches;

  Wishes(String name) {
    this.name = name;
  }

  void newBatch() {
    batches.put(name + "-b" + ++jobs, false);
  }

  void newService(int instances) {
    services.put(name + "-v" + ++jobs, instances);
  }

  void scale(String job, int instances) {
    services.put(job, instances);
  }

  Map<String, Integer> services() {
    return services;
  }

  boolean isService(String job) {
    return services.containsKey(job);
  }

  List<String> openBatches() {
    return batches.entrySet().stream().filter(b -> !b.getValue()).map(Map.Entry::getKey).toList();
  }

  List<Wish> tasks() {
    return List.copyOf(tasks.values());
  }

  Wish wish(String job, String agentId) {
    var wish = new Wish(job + "-" + ++launches, job, agentId);
    tasks.put(wish.taskId, wish);
    return wish;
  }

  java.util.Optional<Wish> find(String taskId) {
    return java.util.Optional.ofNullable(tasks.get(taskId));
  }

  List<Wish> active(String job) {
    var result = new ArrayList<Wish>();
    for (var wish : tasks.values()) {
      if (wish.phase == Phase.ACTIVE && wish.job.equals(job)) {
        result.add(wish);
      }
    }
    return result;
  }

  private int count(String job) {
    int count = 0;
    for (var wish : tasks.values()) {
      if (wish.phase == Phase.ACTIVE && wish.job.equals(job)) {
        count++;
      }
    }
    return count;
  }

  private int wanted(String job) {
    return isService(job) ? services.getOrDefault(job, 0) : batches.getOrDefault(job, true) ? 0 : 1;
  }

  boolean lacks(String job) {
    return count(job) < wanted(job);
  }

  /// Every task that is missing, by job.
  List<String> lacking() {
    var result = new ArrayList<String>();
    for (var job : services.keySet()) {
      for (int i = count(job); i < wanted(job); i++) {
        result.add(job);
      }
    }
    batches.forEach((job, done) -> {
      if (!done && lacks(job)) {
        result.add(job);
      }
    });
    return result;
  }

  /// Tasks that run beyond what is wanted, newest first.
  List<Wish> surplus() {
    var result = new ArrayList<Wish>();
    for (var job : services.keySet()) {
      if (count(job) <= wanted(job)) {
        continue;
      }
      var active = active(job).stream().filter(w -> !w.kill).toList();
      for (int i = active.size() - 1; i >= wanted(job); i--) {
        result.add(active.get(i));
      }
    }
    return result;
  }

  void finished(String job) {
    batches.computeIfPresent(job, (j, done) -> true);
  }

  /// Forgets what is over.
  void prune() {
    tasks.values().removeIf(w -> w.phase != Phase.ACTIVE);
    batches.values().removeIf(done -> done);
    services.entrySet().removeIf(s -> s.getValue() == 0 && active(s.getKey()).isEmpty());
  }
}
