// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.registry;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Outbox;
import io.meseta.wire.internal.Registry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Queues changes of the registry and writes them in order, one transaction under way at a time.
public final class RegistryWriter {
  /// A transaction stays well under ZooKeeper's limit of 1 MB for a request.
  private static final int MAX_BYTES = 256 * 1024;

  private static final int MAX_OPERATIONS = 400;

  private record Pending(RegistryOperation operation, Runnable whenDurable) {}

  private final Outbox out;
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();
  private List<Pending> underWay = List.of();

  /// Which records mean something that not every master understands, and who does.
  private static final Map<String, String> CAPABILITIES =
      Map.of(RegistryOperation.DEACTIVATED, "AGENT_DRAINING", RegistryOperation.QUOTAS, "QUOTA_V2");

  /// Keys of such records.
  private final Set<String> special = new TreeSet<>();

  private final Set<String> required = new TreeSet<>();
  private long batch;

  public RegistryWriter(Outbox out) {
    this.out = out;
  }

  /// Writes `operation`; `whenDurable` runs on the event that reports it durable.
  public void write(RegistryOperation operation, Runnable whenDurable) {
    queue.add(new Pending(operation, whenDurable));
  }

  /// Starts the next transaction, if there is something to write and none is under way.
  public void flush() {
    if (!underWay.isEmpty() || queue.isEmpty()) {
      return;
    }
    var next = new RegistryBatch();
    var taken = new ArrayList<Pending>();
    while (!queue.isEmpty() && taken.size() < MAX_OPERATIONS && next.bytes() < MAX_BYTES) {
      var pending = queue.poll();
      pending.operation().write(next);
      taken.add(pending);
    }
    requireCapabilities(next);
    underWay = taken;
    out.add(new Effect.Persist(++batch, next.puts(), next.deletes()));
  }

  /// What was there when this master was elected.
  public void recover(RegistryRecords records) {
    records.deactivated().forEach(id -> special.add(RegistryOperation.DEACTIVATED + id));
    records.quotas().keySet().forEach(role -> special.add(RegistryOperation.QUOTAS + role));
    required.addAll(records.minimumCapabilities());
  }

  /// A master that knows nothing of quotas or drains must not lead while there are any: it would
  /// drop them. So the registry says what its reader must be capable of.
  private void requireCapabilities(RegistryBatch next) {
    next.puts().keySet().stream().filter(RegistryWriter::isSpecial).forEach(special::add);
    special.removeAll(next.deletes());
    for (var entry : new TreeMap<>(CAPABILITIES).entrySet()) {
      var capability = entry.getValue();
      var key = RegistryOperation.MINIMUM_CAPABILITIES + capability;
      boolean needed = special.stream().anyMatch(record -> record.startsWith(entry.getKey()));
      if (needed && required.add(capability)) {
        next.put(
            key,
            Registry.MinimumCapability.newBuilder()
                .setCapability(capability)
                .build()
                .toByteString());
      } else if (!needed && required.remove(capability)) {
        next.delete(key);
      }
    }
  }

  private static boolean isSpecial(String key) {
    return CAPABILITIES.keySet().stream().anyMatch(key::startsWith);
  }

  /// The transaction `id` is durable.
  public void persisted(long id) {
    if (id != batch || underWay.isEmpty()) {
      throw new IllegalStateException("batch " + id + " persisted, but " + batch + " is under way");
    }
    var done = underWay;
    underWay = List.of();
    done.forEach(pending -> pending.whenDurable().run());
  }

  /// How many operations wait or are under way.
  public int queued() {
    return queue.size() + underWay.size();
  }
}
