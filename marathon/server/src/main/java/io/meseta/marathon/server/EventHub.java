// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.http.EventStream;
import io.meseta.marathon.core.json.Docs;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.node.ObjectNode;

/// The readers of `/v2/events`. Text is made only when somebody reads.
final class EventHub {
  /// What one event takes at most on the average, for the bound of a slow reader.
  private static final int BYTES_PER_EVENT = 4096;

  private static final int MAX_READERS = 1000;

  private record Reader(EventStream stream, Set<String> types, String address) {}

  private final CopyOnWriteArrayList<Reader> readers = new CopyOnWriteArrayList<>();
  private final long maxBuffered;

  EventHub(int maxOutstanding) {
    maxBuffered = (long) maxOutstanding * BYTES_PER_EVENT;
  }

  /// A stream for a new reader; null when there are too many.
  ///
  /// @param types of events wanted; empty for all
  @org.jspecify.annotations.Nullable
  EventStream attach(List<String> types, String address) {
    if (readers.size() >= MAX_READERS) {
      return null;
    }
    var reader = new Reader(new EventStream(maxBuffered), Set.copyOf(types), address);
    readers.add(reader);
    reader.stream()
        .closed()
        .whenComplete((done, failure) -> {
          readers.remove(reader);
          publishAddress("event_stream_detached", address);
        });
    publishAddress("event_stream_attached", address);
    return reader.stream();
  }

  private void publishAddress(String type, String address) {
    var data = Docs.object();
    data.put("remoteAddress", address);
    data.put("eventType", type);
    data.put("timestamp", Docs.time(Instant.now()));
    publish(type, data);
  }

  /// Sends an event to everybody who wants it.
  void publish(String type, ObjectNode data) {
    byte[] text = null;
    for (var reader : readers) {
      if (reader.types().isEmpty() || reader.types().contains(type)) {
        if (text == null) {
          text =
              ("event: " + type + "\r\ndata: " + Docs.text(data) + "\r\n\r\n")
                  .getBytes(StandardCharsets.UTF_8);
        }
        reader.stream().send(text);
      }
    }
  }

  int size() {
    return readers.size();
  }

  void close() {
    readers.forEach(reader -> reader.stream().close());
  }
}
