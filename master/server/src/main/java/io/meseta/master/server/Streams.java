// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.Message;
import io.meseta.http.EventStream;
import io.meseta.wire.RecordIo;
import io.meseta.wire.json.Json;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/// The open streams of schedulers and operators. The loop only queues events; they are encoded and
/// written on virtual threads, in order per stream. A client that reads too slowly is cut off.
final class Streams {
  /// How many events may wait to be encoded for one stream.
  private static final int MAX_CHUNK_BYTES = 1 << 20;

  private static final int MAX_QUEUED = 100_000;

  /// An event to be encoded when its turn comes, in one part or several.
  @FunctionalInterface
  interface Frame {
    List<byte[]> encode(boolean json);
  }

  private final Map<String, Outlet> outlets = new ConcurrentHashMap<>();
  private final Executor executor;

  Streams(Executor executor) {
    this.executor = executor;
  }

  void open(String id, EventStream stream, boolean json) {
    outlets.put(id, new Outlet(stream, json));
    stream.closed().thenRun(() -> outlets.remove(id));
  }

  void send(String id, Message event) {
    send(id, json -> List.of(json ? Json.write(event) : event.toByteArray()));
  }

  /// For what has a form of its own, or is built late.
  void send(String id, Frame event) {
    var outlet = outlets.get(id);
    if (outlet != null) {
      outlet.add(event);
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

  private final class Outlet {
    private final EventStream stream;
    private final boolean json;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Frame> queue = new ArrayDeque<>();
    private boolean draining;
    private boolean begun;
    private boolean ending;

    Outlet(EventStream stream, boolean json) {
      this.stream = stream;
      this.json = json;
    }

    void add(Frame event) {
      lock.lock();
      try {
        if (ending || !stream.isOpen()) {
          return;
        }
        if (queue.size() >= MAX_QUEUED) {
          queue.clear();
          ending = true;
        } else {
          queue.add(event);
        }
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
        Frame event;
        lock.lock();
        try {
          event = queue.poll();
          if (event == null) {
            draining = false;
            if (ending) {
              stream.close();
            }
            return;
          }
        } finally {
          lock.unlock();
        }
        write(event.encode(json));
      }
    }

    private void write(List<byte[]> parts) {
      long size = parts.stream().mapToLong(part -> part.length).sum();
      var record = new ArrayList<byte[]>(parts.size() + 1);
      record.add(RecordIo.head(size));
      record.addAll(parts);
      if (begun) {
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
