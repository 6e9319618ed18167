// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.model.tasks.TaskStates;
import io.meseta.sim.Wishes.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;

/// What must come true some time after the last fault: everybody is where he belongs, every wish is
/// fulfilled, and nobody waits for anything.
final class Progress {
  private final Cluster cluster;
  private final List<String> missing = new ArrayList<>();

  private Progress(Cluster cluster) {
    this.cluster = cluster;
  }

  /// What is still to come; empty when all is well.
  static List<String> missing(Cluster cluster) {
    var progress = new Progress(cluster);
    progress.look();
    return progress.missing;
  }

  /// Whether something is still to come: mostly that shows at once.
  static boolean pending(Cluster cluster) {
    var progress = new Progress(cluster);
    progress.lookAtSchedulers();
    return !progress.missing.isEmpty() || !missing(cluster).isEmpty();
  }

  private void lookAtSchedulers() {
    var leader = cluster.leader().orElse(null);
    for (var scheduler : cluster.schedulers()) {
      need(
          leader != null && scheduler.subscribedTo(leader),
          () -> "scheduler " + scheduler.host + " is not subscribed");
      lookAtWishes(scheduler);
    }
  }

  private void look() {
    var leader = cluster.leader().orElse(null);
    var snapshot = leader == null ? null : leader.snapshot().orElse(null);
    if (leader == null || snapshot == null) {
      missing.add("no master leads");
      return;
    }
    missing.addAll(Operators.traces(snapshot));
    leader.audit();
    for (var agent : cluster.agents()) {
      var id = agent.read().map(s -> s.info().getId().getValue()).orElse("");
      var there = snapshot.agents().stream().anyMatch(a -> a.id().equals(id) && a.connected());
      agent
          .read()
          .ifPresent(state ->
              snapshot.agents().stream()
                  .filter(view -> view.id().equals(id))
                  .forEach(view ->
                      need(
                          view.total().equals(state.total()),
                          () ->
                              "agent " + id + " has " + state.total() + ", not " + view.total())));
      need(agent.registered() && there, () -> "agent " + agent.host + " is not registered");
      need(
          agent.owed().isEmpty(), () -> "agent " + agent.host + " owes the end of " + agent.owed());
    }
    for (var agent : snapshot.agents()) {
      long tasks =
          snapshot.frameworks().stream()
              .flatMap(framework -> framework.tasks().stream())
              .filter(task -> task.getAgentId().equals(agent.info().getId()))
              .filter(task -> !TaskStates.isTerminal(task.getState()))
              .count();
      double cpus = SchedulerNode.CPU_THOUSANDTHS * tasks / 1000.0;
      need(
          agent.usedTotal().unallocate().cpus() == cpus,
          () ->
              "agent "
                  + agent.id()
                  + " is said to use "
                  + agent.usedTotal()
                  + " for "
                  + tasks
                  + " tasks");
    }
    need(snapshot.queuedRegistryOperations() == 0, () -> "registry operations are queued");
    lookAtSchedulers();
    cluster.schedulers().forEach(this::lookAtTruth);
    need(
        cluster.truth.untold().isEmpty(),
        () -> "schedulers do not know of the end of " + cluster.truth.untold());
    var alive = new TreeSet<String>();
    cluster.truth.tasks().stream().filter(t -> t.alive).forEach(t -> alive.add(t.id));
    var known = new TreeSet<String>();
    for (var framework : snapshot.frameworks()) {
      for (var task : framework.tasks()) {
        if (!TaskStates.isTerminal(task.getState())) {
          known.add(task.getTaskId().getValue());
        }
      }
    }
    need(alive.equals(known), () -> "the master knows " + known + ", but what runs is " + alive);
  }

  private void lookAtWishes(SchedulerNode scheduler) {
    var wishes = scheduler.wishes;
    need(
        scheduler.reservations.open().isEmpty(),
        () -> "operations have no end: " + scheduler.reservations.open().keySet());
    need(wishes.openBatches().isEmpty(), () -> "batches are not done: " + wishes.openBatches());
    for (var service : wishes.services().entrySet()) {
      var active = new TreeSet<String>();
      wishes.active(service.getKey()).forEach(w -> active.add(w.taskId));
      need(
          active.size() == service.getValue(),
          () -> service.getKey() + " wants " + service.getValue() + " tasks and has " + active);
    }
  }

  private void lookAtTruth(SchedulerNode scheduler) {
    var wishes = scheduler.wishes;
    for (var task : cluster.truth.tasks()) {
      if (!task.framework.name().equals(scheduler.host)) {
        continue;
      }
      boolean wanted =
          wishes
              .find(task.id)
              .map(w ->
                  w.phase == Phase.ACTIVE && w.state == io.meseta.wire.v1.TaskState.TASK_RUNNING)
              .orElse(false);
      need(
          task.alive == wanted,
          () -> "task " + task.id + " runs: " + task.alive + ", believed: " + wanted);
    }
  }

  private void need(boolean holds, Supplier<String> otherwise) {
    if (!holds) {
      missing.add(otherwise.get());
    }
  }
}
