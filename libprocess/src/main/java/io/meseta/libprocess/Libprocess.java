// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess;

import com.google.protobuf.Message;
import com.linecorp.armeria.common.CommonPools;
import io.meseta.http.Answer;
import io.meseta.http.HttpEdge;
import io.meseta.http.Router;
import io.meseta.wire.Upid;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Sends and receives messages for the processes of one server.
///
/// Messages of one sender to one peer arrive in the order of [#send] as long as the connection
/// lives, or not at all.
public final class Libprocess implements AutoCloseable {
  /// The longest message taken: an agent that re-registers lists all its tasks in one.
  public static final int MAX_MESSAGE_BYTES = 256 << 20;

  private static final long MAX_QUEUED_BYTES = 512L << 20;

  private final Processes processes = new Processes();
  private final Map<String, Outbound> connections = new ConcurrentHashMap<>();
  private volatile boolean closed;
  private volatile @Nullable LocalNetwork network;
  private volatile String address = "";

  /// Makes this server a member of `local`: messages to other members go through it, others through
  /// sockets. Call when the port is known.
  public void join(LocalNetwork local, String ownAddress) {
    address = ownAddress;
    network = local;
    local.join(ownAddress, processes::deliver);
  }

  /// Lets the port of `edge` take messages too. Call before the edge starts.
  public void install(HttpEdge.Builder edge, Router router) {
    edge.connections(pipeline -> Doorkeeper.install(pipeline, processes, MAX_MESSAGE_BYTES));
    // A connection that began with ordinary requests may carry a message later.
    router.before(request -> {
      var userAgent = request.header("user-agent").orElse("");
      var from = request.header("libprocess-from").orElse("").strip();
      if (!request.method().equals("POST") || !Processes.isMessage(userAgent, from)) {
        return Optional.empty();
      }
      return Optional.of(
          Answer.empty(processes.deliver(request.path(), userAgent, from, request.body())));
    });
  }

  /// Registers a process that lives here.
  public void receive(String id, MessageHandler handler) {
    processes.put(id, handler);
  }

  /// Registers all processes whose ids begin with `prefix`, such as `slave-observer(`.
  public void receiveFamily(String prefix, MessageHandler handler) {
    processes.family(prefix, handler);
  }

  /// Removes a process; messages to it get 404.
  public void remove(String id) {
    processes.remove(id);
  }

  /// Sends a message, best effort.
  public void send(Upid from, Upid to, Message message) {
    send(from, to, message.getDescriptorForType().getFullName(), message.toByteArray());
  }

  /// Sends a message whose body is encoded already.
  public void send(Upid from, Upid to, String name, byte[] body) {
    var local = network;
    if (local != null && local.send(from, to, name, body)) {
      return;
    }
    var bytes = encode(from, to, name, body);
    while (!closed && !connection(to).send(bytes)) {
      Thread.onSpinWait(); // it ended in this very moment; the next round makes a new one
    }
  }

  /// Keeps a connection to `to` and tells `exited` once when it breaks or cannot be made.
  public void link(Upid to, Consumer<Upid> exited) {
    var local = network;
    if (local != null && local.link(to, exited)) {
      return;
    }
    while (!closed && !connection(to).link(to, exited)) {
      Thread.onSpinWait();
    }
  }

  /// Takes back a link; the same callback that was given.
  public void unlink(Upid to, Consumer<Upid> exited) {
    var local = network;
    if (local != null) {
      local.unlink(to, exited);
    }
    var connection = connections.get(to.address());
    if (connection != null) {
      connection.unlink(to, exited);
    }
  }

  /// Ends the connection to the machine of `peer`; whoever linked it is told.
  public void disconnect(Upid peer) {
    var connection = connections.get(peer.address());
    if (connection != null) {
      connection.close();
    }
  }

  /// Ends the connection to the machine of `peer` so that nothing of what was sent and has not
  /// arrived arrives later; nobody is told.
  public void abandon(Upid peer) {
    var connection = connections.get(peer.address());
    if (connection != null) {
      connection.abandon();
    }
  }

  @Override
  public void close() {
    closed = true;
    var local = network;
    if (local != null) {
      local.leave(address);
    }
    connections.values().forEach(Outbound::close);
  }

  private Outbound connection(Upid to) {
    var existing = connections.get(to.address());
    if (existing != null) {
      return existing;
    }
    var fresh =
        new Outbound(
            to.ip(), to.port(), MAX_QUEUED_BYTES, ended -> connections.remove(to.address(), ended));
    existing = connections.putIfAbsent(to.address(), fresh);
    if (existing != null) {
      return existing;
    }
    fresh.connect(CommonPools.workerGroup());
    return fresh;
  }

  /// The bytes that the original sends, header for header.
  static byte[] encode(Upid from, Upid to, String name, byte[] body) {
    var head =
        "POST "
            + (to.id().isEmpty() ? "" : "/" + to.id())
            + "/"
            + name
            + " HTTP/1.1\r\nUser-Agent: libprocess/"
            + from
            + "\r\nLibprocess-From: "
            + from
            + "\r\nConnection: Keep-Alive\r\nHost: "
            + to.address()
            + "\r\n"
            + (body.length == 0
                ? "\r\n"
                : "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length) + "\r\n");
    var out = new ByteArrayOutputStream(head.length() + body.length + 8);
    out.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
    if (body.length > 0) {
      out.writeBytes(body);
      out.writeBytes("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    return out.toByteArray();
  }
}
