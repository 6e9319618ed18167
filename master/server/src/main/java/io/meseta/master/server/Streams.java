// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.Message;
import io.meseta.http.EventStream;
import io.meseta.wire.RecordIo;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.scheduler.Event;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// The open streams of schedulers and operators. The loop only queues events; they are encoded and
/// written on virtual threads, in order per stream.
///
/// A client that reads too slowly is cut off, a scheduler with an ERROR, for which the operators'
/// protocol has no event: what counts is what it leaves, not how much the loop makes of one event
/// (a reconciliation answers for every task at once).
final class Streams {
  private static final int MAX_CHUNK_BYTES = 1 << 20;

  /// An event to be encoded when its turn comes, in one part or several.
  @FunctionalInterface
  interface Frame {
    List<byte[]> encode(boolean json);
  }

  private final Map<String, Outlet> outlets = new ConcurrentHashMap<>();
  private final Executor executor;
  private final LongSupplier turn;

  /// @param turn changes with each event that the loop takes
  Streams(Executor executor, LongSupplier turn) {
    this.executor = executor;
    this.turn = turn;
  }

  void open(String id, EventStream stream, boolean json) {
    outlets.put(id, new Outlet(stream, json));
    stream.closed().thenRun(() -> outlets.remove(id));
  }

  /// What a scheduler is told that reads too slowly, as the last thing in its stream.
  static byte[] tooSlow(long unsent, long limit, boolean json) {
    var event =
        Event.newBuilder()
            .setType(Event.Type.ERROR)
            .setError(
                Event.Error.newBuilder()
                    .setMessage(
                        "The stream is read too slowly: "
                            + megabytes(unsent)
                            + " MB unsent (expected: at most "
                            + megabytes(limit)
                            + " MB, see --max_stream_bytes)"))
            .build();
    var body = json ? Json.write(event) : event.toByteArray();
    var record = new ByteArrayOutputStream(body.length + 10);
    record.writeBytes(RecordIo.head(body.length));
    record.writeBytes(body);
    return record.toByteArray();
  }

  private static double megabytes(long bytes) {
    return Math.round(bytes / 1e5) / 10.0;
  }

  void send(String id, Message event) {
    var outlet = outlets.get(id);
    if (outlet != null) {
      outlet.add(
          json -> List.of(json ? Json.write(event) : event.toByteArray()),
          event.getSerializedSize());
    }
  }

  /// For what has a form of its own, or is built late.
  void send(String id, Frame event) {
    var outlet = outlets.get(id);
    if (outlet != null) {
      outlet.add(event, 0);
    }
  }

  /// Ends the stream after what was sent.
  void close(String id) {
    var outlet = outlets.remove(id);
    if (outlet != null) {
      outlet.end();
    }
  }

  void closeAll() {
    outlets.keySet().forEach(this::close);
  }

  /// @param size about; not known of what is built late
  /// @param whole goes out however much waits
  private record Waiting(Frame event, long size, boolean whole) {}

  private final class Outlet {
    private final EventStream stream;
    private final boolean json;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
    private long queued;
    private long counted;
    private long lastTurn = -1;
    private boolean whole;
    private boolean draining;
    private boolean begun;
    private boolean ending;

    /// How much waited when the reader was found to be too slow.
    private long unsent;

    Outlet(EventStream stream, boolean json) {
      this.stream = stream;
      this.json = json;
    }

    void add(Frame event, long size) {
      lock.lock();
      try {
        if (ending || !stream.isOpen()) {
          return;
        }
        long now = turn.getAsLong();
        if (now != lastTurn) {
          lastTurn = now;
          whole = queued + stream.waiting() <= stream.maxBufferedBytes() / 2;
        }
        if (!whole && counted + size > stream.maxBufferedBytes()) {
          unsent = queued + stream.waiting();
          queue.clear();
          ending = true;
          drainSoon(); // not in the middle of a record
          return;
        }
        queue.add(new Waiting(event, size, whole));
        queued += size;
        counted += whole ? 0 : size;
        drainSoon();
      } finally {
        lock.unlock();
      }
    }

    void end() {
      lock.lock();
      try {
        ending = true;
        drainSoon();
      } finally {
        lock.unlock();
      }
    }

    private void drainSoon() {
      if (!draining) {
        draining = true;
        executor.execute(this::drain);
      }
    }

    private void drain() {
      while (true) {
        Waiting next;
        lock.lock();
        try {
          next = queue.poll();
          if (next == null) {
            draining = false;
            if (unsent > 0) {
              stream.endTooSlow(unsent);
            } else if (ending) {
              stream.close();
            }
            return;
          }
          queued -= next.size;
          counted -= next.whole ? 0 : next.size;
        } finally {
          lock.unlock();
        }
        write(next.event.encode(json), next.whole);
      }
    }

    private void write(List<byte[]> parts, boolean uncounted) {
      long size = parts.stream().mapToLong(part -> part.length).sum();
      var record = new ArrayList<byte[]>(parts.size() + 1);
      record.add(RecordIo.head(size));
      record.addAll(parts);
      if (begun && uncounted) {
        stream.sendWhole(List.of(join(record)));
      } else if (begun) {
        stream.send(join(record));
      } else {
        // The state of a large cluster is longer than what may wait; its pieces are shared.
        begun = true;
        // There are clients that take a chunk for a record, which it was in the original.
        stream.sendWhole(size <= MAX_CHUNK_BYTES ? List.of(join(record)) : record);
      }
    }

    private static byte[] join(List<byte[]> parts) {
      var out = new ByteArrayOutputStream(parts.stream().mapToInt(part -> part.length).sum());
      parts.forEach(out::writeBytes);
      return out.toByteArray();
    }
  }
}
