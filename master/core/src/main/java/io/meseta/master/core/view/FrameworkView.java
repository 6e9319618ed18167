// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.view;

import io.meseta.master.core.Counters;
import io.meseta.master.core.tasks.LaunchedExecutor;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A framework at one moment, or at its end.
///
/// @param pid of its driver; absent for HTTP schedulers
/// @param counts of calls, events, offers and tasks, which go on counting
public record FrameworkView(
    FrameworkInfo info,
    Set<String> roles,
    boolean active,
    boolean connected,
    boolean recovered,
    Instant registeredTime,
    Instant reregisteredTime,
    Optional<Instant> unregisteredTime,
    List<Task> tasks,
    List<Task> unreachableTasks,
    List<Task> completedTasks,
    List<LaunchedExecutor> executors,
    List<Offer> offers,
    OfferConstraints constraints,
    Set<String> suppressedRoles,
    Optional<Upid> pid,
    Counters counts) {

  public String id() {
    return info.getId().getValue();
  }

  /// What its tasks and executors hold.
  public Resources used() {
    var parts = new ArrayList<Resources>();
    for (var task : tasks) {
      if (!TaskStates.isTerminal(task.getState())
          && task.getState() != TaskState.TASK_UNREACHABLE) {
        parts.add(ResourceWire.decodeTrusted(task.getResourcesList()));
      }
    }
    executors.forEach(executor -> parts.add(executor.resources()));
    return Resources.sum(parts);
  }

  /// What it is offered, as it was told.
  public Resources offered() {
    return Resources.sum(
        offers.stream()
            .map(offer -> ResourceWire.decodeTrusted(offer.getResourcesList()))
            .toList());
  }

  /// The same framework, ended.
  public FrameworkView ended(Instant when) {
    return new FrameworkView(
        info,
        roles,
        false,
        false,
        recovered,
        registeredTime,
        reregisteredTime,
        Optional.of(when),
        tasks,
        unreachableTasks,
        completedTasks,
        executors,
        offers,
        constraints,
        suppressedRoles,
        pid,
        counts);
  }
}
