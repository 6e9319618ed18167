// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import io.meseta.sdk.Calls;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskStatus;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Brings runs and offers together, and follows the tasks that come of it. Offers are wanted only
/// while a run waits for one: otherwise they are suppressed.
final class Matcher {
  private final ChronosCore core;
  private final Map<OfferID, Offer> offers = new LinkedHashMap<>();
  private boolean subscribed;
  private boolean suppressed;

  Matcher(ChronosCore core) {
    this.core = core;
  }

  void subscribed(String frameworkId) {
    subscribed = true;
    suppressed = false;
    offers.clear();
    core.put("frameworkId", frameworkId.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    reconcile();
  }

  boolean subscribed() {
    return subscribed;
  }

  void disconnected() {
    subscribed = false;
    offers.clear();
  }

  void offered(List<Offer> more) {
    more.forEach(offer -> offers.put(offer.getId(), offer));
  }

  void rescinded(OfferID offer) {
    offers.remove(offer);
  }

  /// Asks for the state of every task we know of, and for those that we do not.
  void reconcile() {
    if (!core.leading()) {
      return;
    }
    core.now(
        new ChronosEffect.SetTimer(
            ChronosCore.RECONCILE_TIMER, core.settings().reconciliationInterval()));
    if (!subscribed) {
      return;
    }
    var known = new ArrayList<io.meseta.wire.v1.scheduler.Call.Reconcile.Task>();
    for (var run : core.runs().launched()) {
      known.add(Calls.reconcileTask(taskId(run), agentId(run)));
    }
    if (!known.isEmpty()) {
      core.promise(new ChronosEffect.Send(Calls.reconcile(known)));
    }
    core.promise(new ChronosEffect.Send(Calls.reconcileAll()));
  }

  /// Launches what fits. Called at the end of each batch.
  void match() {
    if (!subscribed) {
      return;
    }
    var waiting = new ArrayList<Run>();
    for (var run : core.runs().ready(core.now().toEpochMilli())) {
      var job = core.graph().get(run.job());
      if (job == null) {
        core.forget(run);
      } else if (job.concurrent() || core.runs().running(run.job()) == 0) {
        waiting.add(run);
      }
    }
    for (var offer : List.copyOf(offers.values())) {
      launchOn(offer, waiting);
    }
    if (waiting.isEmpty() && !suppressed) {
      suppressed = true;
      core.promise(new ChronosEffect.Send(Calls.suppress(List.of())));
    } else if (!waiting.isEmpty() && suppressed) {
      suppressed = false;
      core.promise(new ChronosEffect.Send(Calls.revive(List.of())));
    }
  }

  private void launchOn(Offer offer, List<Run> waiting) {
    offers.remove(offer.getId());
    var remainder = new Tasks.Remainder(offer);
    var tasks = new ArrayList<TaskInfo>();
    for (var run : List.copyOf(waiting)) {
      var job = core.graph().get(run.job());
      if (job == null || (!job.concurrent() && core.runs().running(run.job()) > 0)) {
        continue;
      }
      var task = Tasks.build(job, run, remainder);
      if (task != null) {
        waiting.remove(run);
        core.store(run.launchedOn(offer.getAgentId().getValue(), core.now().toEpochMilli()));
        tasks.add(task);
      }
    }
    core.promise(
        new ChronosEffect.Send(
            tasks.isEmpty()
                ? Calls.decline(List.of(offer.getId()), core.settings().declineFor())
                : Calls.launch(offer, tasks)));
  }

  void updated(TaskStatus status) {
    var id = status.getTaskId().getValue();
    var run = core.runs().get(id);
    if (run == null) {
      adopt(id, status);
      return;
    }
    var job = core.graph().get(run.job());
    switch (status.getState()) {
      case TASK_RUNNING -> core.runs().runs(id, core.now().toEpochMilli());
      case TASK_STAGING, TASK_STARTING, TASK_KILLING, TASK_UNREACHABLE -> {}
      case TASK_FINISHED -> {
        core.forget(run);
        if (job != null) {
          if (run.started() > 0) {
            core.runTimes().add(job.name(), Math.max(0, core.now().toEpochMilli() - run.started()));
          }
          core.succeeded(job);
        }
      }
      case TASK_KILLED -> {
        core.forget(run);
        disableIfSpent(run.job());
      }
      case TASK_FAILED,
          TASK_LOST,
          TASK_ERROR,
          TASK_DROPPED,
          TASK_GONE,
          TASK_GONE_BY_OPERATOR,
          TASK_UNKNOWN -> {
        core.forget(run);
        if (job != null) {
          failed(job, run, status);
        }
      }
    }
  }

  /// A task of ours that we have no record of, such as one of an earlier Chronos.
  private void adopt(String id, TaskStatus status) {
    boolean alive =
        switch (status.getState()) {
          case TASK_STAGING, TASK_STARTING, TASK_RUNNING, TASK_KILLING -> true;
          default -> false;
        };
    TaskName.parse(id)
        .filter(name -> alive && core.graph().get(name.job()) != null)
        .ifPresent(name ->
            core.store(
                new Run(
                    id,
                    name.job(),
                    name.due(),
                    name.attempt(),
                    name.arguments(),
                    name.due(),
                    false,
                    0,
                    status.getAgentId().getValue())));
  }

  private void failed(Job job, Run run, TaskStatus status) {
    core.failed(job, Failure.of(status, core.now()));
    boolean attemptsLeft = run.attempt() < job.retries();
    if (attemptsLeft && (job.text("lastError").isEmpty() || succeededSinceError(job))) {
      var again = core.now().plus(core.settings().failureRetry());
      core.enqueue(job, again, run.attempt() + 1, Optional.of(run.arguments()), again);
      return;
    }
    core.runTimes().failed(job.name());
    var failed = job.failed(core.now());
    long limit = core.settings().disableAfterFailures();
    boolean disable = limit > 0 && failed.count("errorsSinceLastSuccess") >= limit;
    core.store(disable ? failed.withDisabled(true) : failed);
    if (job.softError()) {
      core.startChildren(job.name());
    }
    var message =
        "Task "
            + run.id()
            + " ended with "
            + status.getState()
            + (status.getMessage().isEmpty() ? "" : ": " + status.getMessage());
    core.now(
        new ChronosEffect.Notify(
            job.name(), job.text("owner"), disable ? "disabled" : "retries exhausted", message));
    disableIfSpent(job.name());
  }

  private void disableIfSpent(String name) {
    var job = core.graph().get(name);
    if (job != null && core.isSpent(job)) {
      core.store(job.withDisabled(true));
    }
  }

  private static boolean succeededSinceError(Job job) {
    try {
      return !Instant.parse(job.text("lastSuccess")).isBefore(Instant.parse(job.text("lastError")));
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  /// Kills the job's tasks and forgets its runs that wait.
  void kill(String job) {
    for (var run : core.runs().of(job)) {
      if (run.isLaunched()) {
        core.promise(new ChronosEffect.Send(Calls.kill(taskId(run), agentId(run))));
      } else {
        core.forget(run);
      }
    }
    disableIfSpent(job);
  }

  private static TaskID taskId(Run run) {
    return TaskID.newBuilder().setValue(run.id()).build();
  }

  private static AgentID agentId(Run run) {
    return AgentID.newBuilder().setValue(run.agent() == null ? "" : run.agent()).build();
  }
}
