// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.instances;

import io.meseta.marathon.core.Outbox;
import io.meseta.marathon.core.apps.App;
import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Owns all instances. Every change goes through [#set], which stores it, tells listeners of
/// events, and notes the app as one to look at ([#takeDirty]).
public final class Instances {
  /// Where instances are stored.
  public static final String PREFIX = "instance~";

  private static final Pattern TASK_ID =
      Pattern.compile("(.+\\.(?:instance-|marathon-)[^.]+)\\.(?:_app|[^.]+)\\.(\\d{1,9})");
  private static final Pattern INSTANCE_ID = Pattern.compile(".+\\.(?:instance-|marathon-)[^.]+");

  /// A task's name taken apart.
  public record TaskName(String instanceId, int attempt) {}

  private final Outbox outbox;
  private final LinkedHashMap<String, Instance> all = new LinkedHashMap<>();
  private final TreeMap<String, LinkedHashMap<String, Instance>> byApp = new TreeMap<>();
  private final LinkedHashMap<String, LinkedHashSet<String>> scheduled = new LinkedHashMap<>();
  private final TreeSet<String> dirty = new TreeSet<>();
  private long wakeUps;
  private final Set<String> stored = new java.util.HashSet<>();

  public Instances(Outbox outbox) {
    this.outbox = outbox;
  }

  /// Takes in what was stored; what cannot be read any more is dropped.
  public void load(String key, byte[] bytes, BiFunction<String, Instant, Optional<App>> apps) {
    var id = key.substring(PREFIX.length());
    stored.add(id);
    InstanceStore.load(id, bytes, apps)
        .ifPresentOrElse(this::index, () -> outbox.delete(PREFIX + id));
  }

  public @Nullable Instance get(String id) {
    return all.get(id);
  }

  public Collection<Instance> all() {
    return all.values();
  }

  /// A copy of the instances of one app, oldest first.
  public List<Instance> of(String appId) {
    var found = byApp.get(appId);
    return found == null ? List.of() : List.copyOf(found.values());
  }

  /// Ids of apps that have scheduled instances, longest waiting first.
  public Collection<String> waitingApps() {
    return scheduled.keySet();
  }

  /// How often an instance began to wait for an offer.
  public long wakeUps() {
    return wakeUps;
  }

  /// How many instances of an app wait for an offer.
  public int scheduledCount(String appId) {
    var ids = scheduled.get(appId);
    return ids == null ? 0 : ids.size();
  }

  /// The app's next instance to launch.
  public @Nullable Instance nextScheduled(String appId) {
    var ids = scheduled.get(appId);
    return ids == null ? null : all.get(ids.getFirst());
  }

  /// Adds or replaces an instance.
  public void set(Instance instance, Instant now) {
    var before = all.get(instance.id());
    index(instance);
    // A first attempt that only waits is found missing and made again after a failover.
    if (instance.condition() != Condition.SCHEDULED || instance.attempt() > 1) {
      stored.add(instance.id());
      outbox.put(PREFIX + instance.id(), InstanceStore.bytes(instance));
    }
    if (before == null || before.condition() != instance.condition()) {
      publish(instance, instance.condition(), now);
    }
  }

  /// As [#set], but neither stored nor told: health is found out anew after a failover.
  public void setHealth(Instance instance) {
    index(instance);
  }

  /// Forgets an instance.
  ///
  /// @param last the condition to tell of, if it was another before
  public void remove(Instance instance, Condition last, Instant now) {
    all.remove(instance.id());
    var group = byApp.get(instance.appId());
    if (group != null) {
      group.remove(instance.id());
      if (group.isEmpty()) {
        byApp.remove(instance.appId());
      }
    }
    unschedule(instance);
    if (stored.remove(instance.id())) {
      outbox.delete(PREFIX + instance.id());
    }
    dirty.add(instance.appId());
    publish(instance, last, now);
  }

  /// Has the app looked at at the end of the batch.
  public void touch(String appId) {
    dirty.add(appId);
  }

  /// The apps to look at; empty afterwards.
  public Set<String> takeDirty() {
    var taken = new TreeSet<>(dirty);
    dirty.clear();
    return taken;
  }

  /// `shop_web.instance-UUID._app.3` taken apart; null when it is not such a name.
  public static @Nullable TaskName parseTaskId(String taskId) {
    var matcher = TASK_ID.matcher(taskId);
    if (matcher.matches()) {
      return new TaskName(matcher.group(1), Integer.parseInt(matcher.group(2)));
    }
    return INSTANCE_ID.matcher(taskId).matches() ? new TaskName(taskId, 1) : null;
  }

  private void index(Instance instance) {
    all.put(instance.id(), instance);
    byApp
        .computeIfAbsent(instance.appId(), id -> new LinkedHashMap<>())
        .put(instance.id(), instance);
    if (instance.condition() == Condition.SCHEDULED) {
      boolean added =
          scheduled
              .computeIfAbsent(instance.appId(), id -> new LinkedHashSet<>())
              .add(instance.id());
      if (added) {
        wakeUps++;
      }
    } else {
      unschedule(instance);
    }
    dirty.add(instance.appId());
  }

  private void unschedule(Instance instance) {
    var ids = scheduled.get(instance.appId());
    if (ids != null && ids.remove(instance.id()) && ids.isEmpty()) {
      scheduled.remove(instance.appId());
    }
  }

  private void publish(Instance instance, Condition condition, Instant now) {
    var data = Docs.object();
    data.put("instanceId", instance.id());
    data.put("condition", condition.text());
    data.put("runSpecId", instance.appId());
    var agent = instance.agent();
    if (agent != null) {
      data.put("agentId", agent.id());
      data.put("host", agent.host());
    }
    data.put("runSpecVersion", Docs.time(instance.app().version()));
    outbox.publish("instance_changed_event", data, now);
  }
}
