// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.sim.faults.Faults;
import java.time.Duration;
import java.util.List;

/// One simulation from one seed: again and again a while of faults, then peace, in which the
/// cluster must come to rest.
public final class Simulation {
  /// How long after the last fault everything must be well: agents repeat an update after ten
  /// minutes at most, and are given ten to come back after a failover of the master.
  static final Duration PATIENCE = Duration.ofMinutes(30);

  private static final Duration LOOK = Duration.ofSeconds(5);

  /// How a simulation ended.
  ///
  /// @param failure what is broken; empty when nothing is
  public record Result(
      long seed,
      Duration virtual,
      long events,
      long hash,
      Tally tally,
      String failure,
      List<String> last) {
    public boolean ok() {
      return failure.isEmpty();
    }
  }

  private final Cluster cluster;

  private Simulation(Options options) {
    this.cluster = new Cluster(options);
  }

  /// Simulates at least `virtual` time, up to the end of a peace.
  public static Result run(Options options, Duration virtual) {
    return new Simulation(options).run(virtual);
  }

  private Result run(Duration virtual) {
    var failure = "";
    try {
      while (cluster.clock.nanos() < virtual.toNanos()) {
        unrest();
        peace();
      }
    } catch (Broken broken) {
      failure = String.valueOf(broken.getMessage());
    } catch (RuntimeException bug) {
      // A core must not throw, whatever comes.
      var where = bug.getStackTrace().length == 0 ? "" : " at " + bug.getStackTrace()[0];
      failure = bug + where;
      if (cluster.options.trace()) {
        bug.printStackTrace();
      }
    }
    return new Result(
        cluster.options.seed(),
        Duration.ofNanos(cluster.clock.nanos()),
        cluster.trace.count(),
        cluster.trace.hash(),
        cluster.tally,
        failure,
        cluster.trace.last());
  }

  private void pass(Duration time) {
    long end = cluster.clock.nanos() + time.toNanos();
    while (cluster.clock.step(end)) {
      continue;
    }
  }

  private void unrest() {
    cluster.schedulers().forEach(SchedulerNode::unrest);
    var faults = Faults.choose(cluster.chance);
    long end = cluster.clock.nanos() + cluster.chance.millis(60_000, 600_000);
    while (cluster.clock.nanos() < end) {
      pass(Duration.ofNanos(cluster.chance.millis(500, 30_000)));
      var fault = cluster.chance.one(faults);
      cluster.trace("fault: " + fault);
      fault.strike(cluster);
      pass(Duration.ofNanos(cluster.chance.millis(0, 2_000)));
      cluster.masters().forEach(cluster.operators::act);
    }
  }

  private void peace() {
    cluster.heal();
    long end = cluster.clock.nanos() + PATIENCE.toNanos();
    while (Progress.pending(cluster)) {
      Broken.unless(
          cluster.clock.nanos() < end,
          () ->
              PATIENCE.toMinutes() + " minutes after the last fault: " + Progress.missing(cluster));
      cluster.leader().ifPresent(cluster.operators::calm);
      pass(LOOK);
    }
    cluster.trace("all is well");
    cluster.truth.prune();
    cluster.schedulers().forEach(s -> s.wishes.prune());
  }
}
