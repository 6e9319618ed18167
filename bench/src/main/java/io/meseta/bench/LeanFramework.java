// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.sdk.Calls;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// A framework on the v1 API (protobuf) that costs next to nothing, because hundreds of them share
/// two processors with the master they measure: one connection for its events, one for its calls,
/// of which it sends several without waiting for answers. It does not survive anything; real
/// frameworks have the SDK.
final class LeanFramework implements AutoCloseable {
  /// What the framework does; called by the thread that reads the events.
  interface Decider {
    void offers(LeanFramework from, List<Offer> offers);

    void update(TaskStatus status);
  }

  private static final int BUFFER_BYTES = 1 << 16;

  /// How many calls may be unanswered: more would wait in the master, before everybody else's.
  private static final int WINDOW = 32;

  private final Connection events;
  private final Connection calls;
  private final Decider decider;
  private final Deque<byte[]> waiting = new ArrayDeque<>();
  private final ByteArrayOutputStream record = new ByteArrayOutputStream();
  private String streamId = "";
  private FrameworkID id = FrameworkID.getDefaultInstance();
  private int unanswered;
  private volatile boolean closing;

  LeanFramework(String host, int port, FrameworkInfo info, Decider decider) throws IOException {
    this.decider = decider;
    events = new Connection(host, port, BUFFER_BYTES);
    calls = new Connection(host, port, BUFFER_BYTES);
    var subscribe = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
    subscribe.getSubscribeBuilder().setFrameworkInfo(info);
    var request = request(subscribe.build());
    events.write(request, request.length);
    Thread.ofVirtual().name("events of " + info.getName()).start(this::follow);
    Thread.ofVirtual().name("answers to " + info.getName()).start(this::watch);
  }

  /// To be called by the decider; sent when all that has come is looked at.
  void send(Call call) {
    var request = request(call.toBuilder().setFrameworkId(id).build());
    synchronized (waiting) {
      waiting.add(request);
    }
  }

  private void pump() throws IOException {
    synchronized (waiting) {
      var out = new ByteArrayOutputStream();
      for (; unanswered < WINDOW && !waiting.isEmpty(); unanswered++) {
        out.writeBytes(waiting.remove());
      }
      if (out.size() > 0) {
        calls.write(out.toByteArray(), out.size());
      }
    }
  }

  private byte[] request(Call call) {
    var body = call.toByteArray();
    var head =
        "POST /api/v1/scheduler HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-protobuf\r\n"
            + "Accept: application/x-protobuf\r\nMesos-Stream-Id: "
            + streamId
            + "\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    if (streamId.isEmpty()) {
      head = head.replace("Mesos-Stream-Id: \r\n", "");
    }
    var result = new ByteArrayOutputStream();
    result.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
    result.writeBytes(body);
    return result.toByteArray();
  }

  private void follow() {
    try {
      var head = events.head();
      if (head.status() != 200) {
        var reason =
            new String(events.read((int) Math.max(0, head.length())), StandardCharsets.UTF_8);
        throw new IOException("not subscribed: " + head.status() + " " + reason);
      }
      streamId = head.streamId();
      for (int chunk = events.chunk(); chunk > 0; chunk = events.chunk()) {
        record.writeBytes(events.read(chunk));
        events.skip(2);
        records();
        if (events.drained()) {
          pump();
        }
      }
    } catch (IOException e) {
      complain(e);
    }
  }

  // A record is its length, a line break, and its bytes; chunks end where they like.
  private void records() throws IOException {
    var bytes = record.toByteArray();
    int at = 0;
    while (true) {
      int line = at;
      while (line < bytes.length && bytes[line] != '\n') {
        line++;
      }
      if (line == bytes.length) {
        break;
      }
      int length = Integer.parseInt(new String(bytes, at, line - at, StandardCharsets.US_ASCII));
      if (line + 1 + length > bytes.length) {
        break;
      }
      dispatch(Event.parser().parseFrom(bytes, line + 1, length));
      at = line + 1 + length;
    }
    record.reset();
    record.write(bytes, at, bytes.length - at);
  }

  private void dispatch(Event event) throws IOException {
    switch (event.getType()) {
      case SUBSCRIBED -> id = event.getSubscribed().getFrameworkId();
      case OFFERS -> decider.offers(this, event.getOffers().getOffersList());
      case UPDATE -> {
        var status = event.getUpdate().getStatus();
        if (status.hasUuid()) {
          send(Calls.acknowledge(status));
        }
        decider.update(status);
      }
      case ERROR -> throw new IOException(event.getError().getMessage());
      default -> {}
    }
  }

  private void watch() {
    try {
      while (true) {
        var head = calls.head();
        if (head.status() != 202) {
          throw new IOException(
              "a call was answered with "
                  + head.status()
                  + " "
                  + new String(calls.read((int) head.length()), StandardCharsets.UTF_8));
        }
        calls.skip(head.length());
        synchronized (waiting) {
          unanswered--;
        }
        if (calls.drained()) {
          pump();
        }
      }
    } catch (IOException e) {
      complain(e);
    }
  }

  private void complain(IOException e) {
    if (!closing) {
      System.err.println("a framework ends: " + e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    closing = true;
    events.close();
    calls.close();
  }
}
