// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

/// Collects the effects of a batch. What must not be seen before the changes of its batch are
/// stored waits for them: answers to changes, launches, kills, acknowledgements, events.
///
/// All changes of one batch go out as one [Effect.Persist] (several if large). What waits for the
/// last one waits for all before: one that was not stored holds back everything after it, for what
/// was answered must be durable.
public final class Outbox {
  private static final int MAX_RECORDS = 400;
  private static final int MAX_BYTES = 400_000;

  private record Pending(long id, List<Effect> effects) {}

  private final LinkedHashMap<String, Optional<byte[]>> changes = new LinkedHashMap<>();
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private final TreeSet<Long> unstored = new TreeSet<>();
  private List<Effect> now = new ArrayList<>();
  private List<Effect> after = new ArrayList<>();
  private long lastId;

  public void put(String key, byte[] bytes) {
    changes.remove(key);
    changes.put(key, Optional.of(bytes));
  }

  public void delete(String key) {
    changes.remove(key);
    changes.put(key, Optional.empty());
  }

  /// An effect that promises nothing.
  public void now(Effect effect) {
    now.add(effect);
  }

  /// An effect to wait for the changes so far.
  public void after(Effect effect) {
    after.add(effect);
  }

  /// An event for clients of the event stream; type and time are added.
  public void publish(String type, ObjectNode data, Instant at) {
    data.put("eventType", type);
    data.put("timestamp", Docs.time(at));
    after(new Effect.Publish(type, data));
  }

  /// What can be done at once; to be called after every event.
  List<Effect> takeNow() {
    if (now.isEmpty()) {
      return List.of();
    }
    var taken = now;
    now = new ArrayList<>();
    return taken;
  }

  /// Ends the batch: what is to be stored, and what waits for nothing.
  List<Effect> endBatch() {
    var effects = new ArrayList<>(takeNow());
    if (!changes.isEmpty()) {
      persist(effects);
      pending.add(new Pending(lastId, after));
      after = new ArrayList<>();
    } else if (!after.isEmpty()) {
      if (pending.isEmpty()) {
        effects.addAll(after);
      } else {
        pending.getLast().effects().addAll(after);
      }
      after = new ArrayList<>();
    }
    return effects;
  }

  private void persist(List<Effect> effects) {
    var puts = new LinkedHashMap<String, byte[]>();
    var deletes = new ArrayList<String>();
    int bytes = 0;
    for (var change : changes.entrySet()) {
      int size = change.getKey().length() + change.getValue().map(value -> value.length).orElse(0);
      if (puts.size() + deletes.size() >= MAX_RECORDS || (bytes > 0 && bytes + size > MAX_BYTES)) {
        effects.add(write(puts, deletes));
        puts = new LinkedHashMap<>();
        deletes = new ArrayList<>();
        bytes = 0;
      }
      if (change.getValue().isPresent()) {
        puts.put(change.getKey(), change.getValue().get());
      } else {
        deletes.add(change.getKey());
      }
      bytes += size;
    }
    effects.add(write(puts, deletes));
    changes.clear();
  }

  private Effect write(LinkedHashMap<String, byte[]> puts, List<String> deletes) {
    unstored.add(++lastId);
    return new Effect.Persist(lastId, puts, deletes);
  }

  /// Releases what waited for this write and those before it.
  List<Effect> persisted(long id) {
    unstored.remove(id);
    var effects = new ArrayList<Effect>();
    while (!pending.isEmpty()
        && (unstored.isEmpty() || pending.getFirst().id() < unstored.getFirst())) {
      effects.addAll(pending.removeFirst().effects());
    }
    return effects;
  }
}
