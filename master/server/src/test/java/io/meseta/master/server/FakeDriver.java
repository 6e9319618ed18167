// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.Message;
import io.meseta.http.HttpEdge;
import io.meseta.http.Router;
import io.meseta.libprocess.Libprocess;
import io.meseta.wire.Upid;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A peer of the old API, a scheduler's driver for example, on a port of its own.
final class FakeDriver implements AutoCloseable {
  record Got(Upid from, String name, byte[] body) {}

  private final LinkedBlockingQueue<Got> got = new LinkedBlockingQueue<>();
  private final Libprocess libprocess = new Libprocess();
  private final HttpEdge edge;
  private final Upid master;
  final Upid pid;

  FakeDriver(String id, String master) {
    this.master = Upid.parse(master).orElseThrow();
    var router = new Router();
    var builder = HttpEdge.builder("driver").listen("127.0.0.1", 0).routes(router);
    libprocess.install(builder, router);
    edge = builder.start();
    pid = new Upid(id, "127.0.0.1", edge.port());
    libprocess.receive(id, (from, name, body) -> got.add(new Got(from, name, body)));
  }

  void send(Message message) {
    send(master, message);
  }

  void send(Upid to, Message message) {
    libprocess.send(pid, to, message);
  }

  void send(String name, byte[] body) {
    libprocess.send(pid, master, name, body);
  }

  /// The next message, which must be of this kind; offers come when they like.
  @SuppressWarnings("unchecked")
  <M extends Message> M await(M kind) throws Exception {
    return (M) kind.getParserForType().parseFrom(awaitFrom(kind).body());
  }

  /// The next message, whatever it is.
  Got any() throws InterruptedException {
    var next = got.poll(10, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing within ten seconds");
    }
    return next;
  }

  Got awaitFrom(Message kind) throws Exception {
    var expected = kind.getDescriptorForType().getFullName();
    var next = got.poll(10, TimeUnit.SECONDS);
    while (next != null
        && !next.name().equals(expected)
        && next.name().equals("mesos.internal.ResourceOffersMessage")) {
      next = got.poll(10, TimeUnit.SECONDS);
    }
    if (next == null || !next.name().equals(expected)) {
      throw new AssertionError("expected " + expected + ", got " + next);
    }
    return next;
  }

  @Override
  public void close() {
    libprocess.close();
    edge.close();
  }
}
