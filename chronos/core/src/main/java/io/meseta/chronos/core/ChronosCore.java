// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import io.meseta.chronos.core.ChronosEvent.Api;
import io.meseta.loop.Core;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// The whole of Chronos' state. Runs on one loop; silent until [ChronosEvent.Elected].
///
/// Changes collect records to store while an event is handled; promises made with them (answers,
/// launches) wait until the store reports them durable.
public final class ChronosCore implements Core<ChronosEvent, ChronosEffect> {
  static final String DUE_TIMER = "due";
  static final String RECONCILE_TIMER = "reconcile";

  /// The loop looks at the clock at least this often, so that a clock that was set is noticed.
  private static final Duration LONGEST_SLEEP = Duration.ofSeconds(60);

  private final ChronosSettings settings;
  private final Graph graph = new Graph();
  private final Runs runs = new Runs();
  private final RunTimes runTimes = new RunTimes();
  private final TreeMap<String, Failure> failures = new TreeMap<>();
  private final Matcher matcher;
  private final ApiCalls api;
  private final Map<Long, List<ChronosEffect>> promises = new LinkedHashMap<>();
  private long batches;
  private boolean leading;

  // What the event at hand has produced so far.
  private final List<ChronosEffect> effects = new ArrayList<>();
  private final List<ChronosEffect> afterPersist = new ArrayList<>();
  private final TreeMap<String, byte[]> puts = new TreeMap<>();
  private final TreeSet<String> deletes = new TreeSet<>();
  private Instant now = Instant.EPOCH;

  public ChronosCore(ChronosSettings settings) {
    this.settings = settings;
    this.matcher = new Matcher(this);
    this.api = new ApiCalls(this);
  }

  @Override
  public List<ChronosEffect> on(ChronosEvent event, Instant instant) {
    now = instant;
    switch (event) {
      case ChronosEvent.Elected elected -> load(elected.records());
      case Api call -> api.on(call.request(), call.call());
      case ChronosEvent.Persisted persisted -> {
        var promised = promises.remove(persisted.batch());
        if (promised != null) {
          effects.addAll(promised);
        }
      }
      case ChronosEvent.Subscribed subscribed -> matcher.subscribed(subscribed.frameworkId());
      case ChronosEvent.Disconnected lost -> matcher.disconnected();
      case ChronosEvent.Offers offers -> matcher.offered(offers.offers());
      case ChronosEvent.Rescinded rescinded -> matcher.rescinded(rescinded.offer());
      case ChronosEvent.Update update -> matcher.updated(update.status());
      case ChronosEvent.TimerFired timer -> {
        if (timer.key().equals(RECONCILE_TIMER)) {
          matcher.reconcile();
        }
      }
    }
    return finish();
  }

  @Override
  public List<ChronosEffect> endOfBatch(Instant instant) {
    now = instant;
    if (leading) {
      startDueRuns();
      matcher.match();
      sleep();
    }
    return finish();
  }

  private List<ChronosEffect> finish() {
    if (!puts.isEmpty() || !deletes.isEmpty()) {
      long batch = ++batches;
      effects.add(new ChronosEffect.Persist(batch, new TreeMap<>(puts), new TreeSet<>(deletes)));
      promises.put(batch, List.copyOf(afterPersist));
    } else {
      effects.addAll(afterPersist);
    }
    var result = List.copyOf(effects);
    effects.clear();
    afterPersist.clear();
    puts.clear();
    deletes.clear();
    return result;
  }

  // What the rooms of the core share.

  ChronosSettings settings() {
    return settings;
  }

  Graph graph() {
    return graph;
  }

  Runs runs() {
    return runs;
  }

  RunTimes runTimes() {
    return runTimes;
  }

  /// The last failed attempt of a job.
  Optional<Failure> failure(String job) {
    return Optional.ofNullable(failures.get(job));
  }

  /// What a queued run of `job` waits for.
  Optional<String> waiting(Job job) {
    return Waiting.of(job, runs, now, matcher.subscribed());
  }

  Instant now() {
    return now;
  }

  boolean leading() {
    return leading;
  }

  /// Does something at once.
  void now(ChronosEffect effect) {
    effects.add(effect);
  }

  /// Does something once everything changed by this event is durable.
  void promise(ChronosEffect effect) {
    afterPersist.add(effect);
  }

  void put(String record, byte[] data) {
    puts.put(record, data);
    deletes.remove(record);
  }

  void delete(String record) {
    puts.remove(record);
    deletes.add(record);
  }

  void store(Job job) {
    graph.put(job);
    put("J_" + job.name(), job.bytes());
    storeCounts(job.name());
  }

  void storeCounts(String child) {
    var counts = graph.counts(child);
    if (counts.isEmpty()) {
      delete("E_" + child);
    } else {
      put("E_" + child, Counts.bytes(counts));
    }
  }

  void store(Run run) {
    runs.put(run);
    put("T_" + run.id(), run.bytes());
  }

  void forget(Run run) {
    runs.remove(run.id());
    delete("T_" + run.id());
  }

  /// Queues a run of `job` unless one waits already. Two runs of one job in the same millisecond
  /// would be one task.
  void enqueue(Job job, Instant due, int attempt, Optional<String> arguments, Instant notBefore) {
    if (runs.waiting(job.name()) && attempt == 0) {
      return;
    }
    var run = Run.of(job, due.toEpochMilli(), attempt, arguments, notBefore.toEpochMilli());
    while (runs.get(run.id()) != null) {
      run = Run.of(job, run.due() + 1, attempt, arguments, notBefore.toEpochMilli());
    }
    store(run);
  }

  /// Kills the tasks of a job and forgets its runs that wait.
  void killTasks(String job) {
    matcher.kill(job);
  }

  /// Remembers why an attempt failed.
  void failed(Job job, Failure failure) {
    failures.put(job.name(), failure);
    put("F_" + job.name(), failure.bytes());
  }

  /// Nothing of the job is remembered any more.
  void forget(String job) {
    graph.remove(job);
    runTimes.forget(job);
    failures.remove(job);
    delete("J_" + job);
    delete("E_" + job);
    delete("F_" + job);
  }

  /// Counts a success and queues the children whose parents have all succeeded.
  void succeeded(Job job) {
    runTimes.succeeded(job.name());
    var done = job.succeeded(now);
    graph.put(done);
    if (isSpent(done)) {
      done = done.withDisabled(true);
      now(
          new ChronosEffect.Notify(
              job.name(),
              job.text("owner"),
              "disabled",
              "Job '" + job.name() + "' has used up its repetitions and was disabled."));
    }
    store(done);
    startChildren(job.name());
  }

  /// Queues the children of a job that succeeded, or failed softly.
  void startChildren(String parent) {
    graph.succeeded(parent);
    for (var child : graph.children(parent)) {
      if (graph.isReady(child) && !child.disabled()) {
        graph.started(child.name());
        enqueue(child, now, 0, Optional.empty(), now);
      }
      storeCounts(child.name());
    }
  }

  /// Whether no repetition is left and nothing of it is under way.
  boolean isSpent(Job job) {
    return !job.isDependent()
        && !job.disabled()
        && job.schedule().startsWith("R0/")
        && runs.of(job.name()).isEmpty();
  }

  private void load(Map<String, byte[]> records) {
    leading = true;
    records.forEach((name, data) -> {
      if (name.startsWith("J_")) {
        restore(name, () -> graph.put(JobJson.read(data, settings.defaults(), now)));
      } else if (name.startsWith("T_")) {
        restore(name, () -> runs.put(Run.read(data)));
      }
    });
    records.forEach((name, data) -> {
      if (name.startsWith("E_") && graph.get(name.substring(2)) != null) {
        restore(name, () -> graph.restore(name.substring(2), Counts.read(data)));
      } else if (name.startsWith("F_") && graph.get(name.substring(2)) != null) {
        restore(name, () -> failures.put(name.substring(2), Failure.read(data)));
      }
    });
    for (var run : runs.all()) {
      if (graph.get(run.job()) == null && !run.isLaunched()) {
        forget(run);
      }
    }
    now(new ChronosEffect.SetTimer(RECONCILE_TIMER, settings.reconciliationInterval()));
  }

  private interface Reading {
    void run() throws BadJob;
  }

  /// Sets a record aside that cannot be understood: it stays in the store as it is, and the others
  /// are served.
  private void restore(String name, Reading reading) {
    try {
      reading.run();
    } catch (BadJob | RuntimeException e) {
      now(
          new ChronosEffect.Warn(
              "The stored record "
                  + name
                  + " cannot be understood and is left aside: "
                  + e.getMessage()));
    }
  }

  /// Begins what is due. However many runs were missed, one begins, and the schedule moves into the
  /// future.
  private void startDueRuns() {
    for (var due = graph.nextDue(); due != null && !due.at().isAfter(now); due = graph.nextDue()) {
      var job = graph.get(due.job());
      var schedule = graph.schedule(due.job());
      if (job == null || schedule == null) {
        throw new IllegalStateException("planned but unknown: " + due.job());
      }
      store(job.withSchedule(schedule.advance(now)));
      if (job.concurrent() || !runs.isActive(job.name())) {
        enqueue(job, schedule.due(), 0, Optional.empty(), now);
      }
    }
  }

  /// Sets the timer for whatever comes next.
  private void sleep() {
    var next = now.plus(LONGEST_SLEEP);
    var due = graph.nextDue();
    if (due != null && due.at().isBefore(next)) {
      next = due.at();
    }
    for (var run : runs.all()) {
      var at = Instant.ofEpochMilli(run.notBefore());
      if (!run.isLaunched() && at.isAfter(now) && at.isBefore(next)) {
        next = at;
      }
    }
    var delay = Duration.between(now, next);
    now(
        new ChronosEffect.SetTimer(
            DUE_TIMER, delay.isNegative() ? Duration.ZERO : delay.plusMillis(1)));
  }
}
