// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Master;
import io.meseta.master.core.TimerKey;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// Lets agents become unreachable one after the other when `--agent_removal_rate_limit` is given: a
/// broken switch must not empty the cluster. Whoever answers before its turn is spared.
///
/// Original: the limiter of SlaveObserver and of recoveredSlavesTimeout.
final class RemovalLimit {
  private final Master master;
  private final Map<String, Runnable> waiting = new LinkedHashMap<>();
  private Instant next = Instant.MIN;

  RemovalLimit(Master master) {
    this.master = master;
  }

  /// Runs `removal` when it is the agent's turn; at once without a limit.
  ///
  /// @param exempt from the limit: it neither waits nor lets others wait
  void schedule(String agentId, boolean exempt, Runnable removal) {
    if (waiting.containsKey(agentId)) {
      return;
    }
    master.counters.add("slave_unreachable_scheduled");
    if (exempt || master.config.removalInterval().isEmpty()) {
      removal.run();
      return;
    }
    waiting.put(agentId, removal);
    if (waiting.size() == 1) {
      turn();
    }
  }

  /// The agent answered.
  void cancel(String agentId) {
    if (waiting.remove(agentId) != null) {
      master.counters.add("slave_unreachable_canceled");
      master.out.note("agent " + agentId + " answered before it was its turn to be unreachable");
    }
  }

  /// Removes the next one, if its time has come; else comes back when it has.
  void turn() {
    if (waiting.isEmpty()) {
      return;
    }
    if (master.now().isBefore(next)) {
      master.out.setTimer(new TimerKey.Removal(), Duration.between(master.now(), next));
      return;
    }
    var interval = master.config.removalInterval().orElse(Duration.ZERO);
    next = master.now().plus(interval);
    var first = waiting.keySet().iterator().next();
    var removal = waiting.remove(first);
    if (removal != null) {
      removal.run();
    }
    if (!waiting.isEmpty()) {
      master.out.setTimer(new TimerKey.Removal(), interval);
    }
  }
}
