// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;

/// Says what a run that is queued waits for.
final class Waiting {
  private Waiting() {}

  /// What the first waiting run of `job` waits for; empty when none waits.
  ///
  /// @param subscribed whether a master sends offers
  static Optional<String> of(Job job, Runs runs, Instant now, boolean subscribed) {
    var first = runs.of(job.name()).stream().filter(run -> !run.isLaunched()).findFirst();
    if (first.isEmpty()) {
      return Optional.empty();
    }
    var run = first.get();
    if (run.notBefore() > now.toEpochMilli()) {
      var at = Job.TIME.format(Instant.ofEpochMilli(run.notBefore()));
      return Optional.of(
          run.attempt() > 0
              ? "waiting until " + at + " for attempt " + (run.attempt() + 1)
              : "waiting until " + at);
    }
    if (!job.concurrent() && runs.running(job.name()) > 0) {
      return Optional.of("waiting for the run under way to end");
    }
    if (!subscribed) {
      return Optional.of("waiting for a master");
    }
    return Optional.of("waiting for an offer with " + wanted(job));
  }

  private static String wanted(Job job) {
    var parts = new ArrayList<String>();
    for (var name : new String[] {"cpus", "mem", "disk"}) {
      if (job.number(name) > 0) {
        parts.add(name + ":" + plain(job.number(name)));
      }
    }
    for (var constraint : job.node("constraints")) {
      parts.add(
          constraint.get(0).stringValue()
              + " "
              + constraint.get(1).stringValue()
              + " "
              + constraint.get(2).stringValue());
    }
    return String.join(", ", parts);
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
