// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.registry;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Outbox;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Queues changes of the registry and writes them in order, one transaction under way at a time.
public final class RegistryWriter {
  /// A transaction stays well under ZooKeeper's limit of 1 MB for a request.
  private static final int MAX_BYTES = 256 * 1024;

  private static final int MAX_OPERATIONS = 400;

  private record Pending(RegistryOperation operation, Runnable whenDurable) {}

  private final Outbox out;
  private final ArrayDeque<Pending> queue = new ArrayDeque<>();
  private List<Pending> underWay = List.of();
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
    underWay = taken;
    out.add(new Effect.Persist(++batch, next.puts(), next.deletes()));
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
