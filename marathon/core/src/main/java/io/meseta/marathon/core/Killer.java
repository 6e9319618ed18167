// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.instances.Condition;
import io.meseta.marathon.core.instances.Instance;
import io.meseta.sdk.Calls;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.TaskID;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Ends tasks: asks, and asks again until the end is confirmed.
final class Killer {
  private final Marathon marathon;

  /// When a kill was asked for last, by task.
  private final LinkedHashMap<String, Instant> asked = new LinkedHashMap<>();

  Killer(Marathon marathon) {
    this.marathon = marathon;
  }

  /// Ends an instance for good.
  void decommission(Instance instance, Instant now) {
    if (instance.condition() == Condition.SCHEDULED) {
      marathon.instances.remove(instance, Condition.KILLED, now);
      return;
    }
    if (instance.keep()) {
      marathon.instances.set(instance.decommissioned(), now);
    }
    killTask(instance, now);
  }

  /// Ends the present task of an instance. While a kill of it is unconfirmed [#retry] alone asks
  /// again.
  void killTask(Instance instance, Instant now) {
    if (instance.condition().hasTask() && !asked.containsKey(instance.taskId())) {
      asked.put(instance.taskId(), now);
      send(instance);
    }
  }

  /// How many kills are unconfirmed.
  int inFlight() {
    return asked.size();
  }

  /// Whether the end of this instance's task was asked for and is not confirmed yet.
  boolean isAsked(Instance instance) {
    return asked.containsKey(instance.taskId());
  }

  /// Kills a task that should not be.
  void killUnknown(TaskID task, AgentID agent) {
    marathon.outbox.after(new Effect.Send(Calls.kill(task, agent)));
  }

  /// The task has ended.
  void ended(String taskId) {
    asked.remove(taskId);
  }

  /// Asks again where it took too long.
  void retry(Instant now) {
    for (var entry : List.copyOf(asked.entrySet())) {
      if (now.isBefore(entry.getValue().plus(marathon.config.killRetry()))) {
        continue;
      }
      var name = io.meseta.marathon.core.instances.Instances.parseTaskId(entry.getKey());
      var instance = name == null ? null : marathon.instances.get(name.instanceId());
      if (instance == null || instance.attempt() != name.attempt()) {
        asked.remove(entry.getKey());
      } else {
        asked.put(entry.getKey(), now);
        send(instance);
      }
    }
  }

  /// After a failover: everything that was to end.
  void resume(Instant now) {
    for (var instance : List.copyOf(marathon.instances.all())) {
      if (!instance.keep() && instance.condition().hasTask()) {
        killTask(instance, now);
      }
    }
  }

  private void send(Instance instance) {
    var task = TaskID.newBuilder().setValue(instance.taskId()).build();
    var agent = instance.agent();
    marathon.outbox.after(
        new Effect.Send(
            agent == null
                ? Calls.kill(task)
                : Calls.kill(task, AgentID.newBuilder().setValue(agent.id()).build())));
  }

  /// Which to end first: those furthest from serving, then by the app's kill selection.
  static Comparator<Instance> order(boolean oldestFirst) {
    var ranks =
        Map.of(
            Condition.SCHEDULED, 0,
            Condition.UNREACHABLE_INACTIVE, 1,
            Condition.UNREACHABLE, 1,
            Condition.PROVISIONED, 2,
            Condition.STAGING, 2,
            Condition.STARTING, 3);
    Comparator<Instance> byRank =
        Comparator.comparing(instance -> ranks.getOrDefault(instance.condition(), 4));
    Comparator<Instance> byAge =
        Comparator.comparing(
            instance -> instance.startedAt() != null ? instance.startedAt() : instance.since());
    return byRank.thenComparing(oldestFirst ? byAge : byAge.reversed());
  }
}
