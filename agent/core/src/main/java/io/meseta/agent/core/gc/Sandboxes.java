// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.gc;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.TimerKey;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Folders that wait for their removal: after `--gc_delay`, or earlier the fuller the disk is.
/// Oldest first.
///
/// age = gc_delay * max(0, 1 - headroom - used). Original: Slave::age, src/slave/gc.cpp.
public final class Sandboxes {
  private final Agent agent;
  private final Map<String, Instant> scheduled = new LinkedHashMap<>();
  private double used;

  public Sandboxes(Agent agent) {
    this.agent = agent;
  }

  /// Begins to watch the disk.
  public void start() {
    agent.out.add(new Effect.MeasureDisk());
  }

  /// The folder is needed no more.
  public void schedule(String path) {
    scheduled.remove(path); // to the end: it is the youngest now
    scheduled.put(path, agent.now);
    if (scheduled.size() == 1) {
      arm();
    }
  }

  /// The folder is in use again.
  public void unschedule(String path) {
    scheduled.remove(path);
  }

  /// How old folders may become as full as the disk is.
  public Duration maxAge() {
    double share = Math.clamp(1.0 - agent.config.gcDiskHeadroom() - used, 0, 1);
    return Duration.ofMillis(Math.round(agent.config.gcDelay().toMillis() * share));
  }

  public void diskMeasured(double nowUsed) {
    used = nowUsed;
    collect();
    agent.out.setTimer(new TimerKey.DiskWatch(), agent.config.diskWatchInterval());
  }

  public void diskWatchDue() {
    agent.out.add(new Effect.MeasureDisk());
  }

  /// Removes what is old enough.
  public void collect() {
    var age = maxAge();
    for (var it = scheduled.entrySet().iterator(); it.hasNext(); ) {
      var entry = it.next();
      if (Duration.between(entry.getValue(), agent.now).compareTo(age) < 0) {
        break; // the rest is younger
      }
      it.remove();
      agent.out.add(new Effect.RemovePath(entry.getKey()));
    }
    arm();
  }

  private void arm() {
    if (scheduled.isEmpty()) {
      agent.out.cancelTimer(new TimerKey.Collect());
    } else {
      var oldest = scheduled.values().iterator().next();
      var wait = Duration.between(agent.now, oldest.plus(maxAge()));
      agent.out.setTimer(new TimerKey.Collect(), wait.isNegative() ? Duration.ZERO : wait);
    }
  }

  public void removed(boolean success) {
    agent.count(success ? "gc/path_removals_succeeded" : "gc/path_removals_failed");
  }

  /// How many folders wait.
  public int pending() {
    return scheduled.size();
  }
}
