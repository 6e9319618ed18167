// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/// The real ZooKeeper server in this process: one server, no ensemble.
public final class EmbeddedZooKeeper implements AutoCloseable {
  private static final int TICK_MILLIS = 500; // sessions end at ticks

  static {
    System.setProperty("zookeeper.admin.enableServer", "false"); // its console would want port 8080
  }

  private final NIOServerCnxnFactory connections;
  private final ZooKeeperServer server;

  private EmbeddedZooKeeper(NIOServerCnxnFactory connections, ZooKeeperServer server) {
    this.connections = connections;
    this.server = server;
  }

  /// Starts a server that keeps its data in `data`.
  ///
  /// @param port 0 takes a free one
  /// @throws BindException when the port is taken
  public static EmbeddedZooKeeper start(Path data, String ip, int port) throws IOException {
    Files.createDirectories(data);
    var server = new ZooKeeperServer(data.toFile(), data.toFile(), TICK_MILLIS);
    server.setMinSessionTimeout(1_000);
    server.setMaxSessionTimeout(40_000);
    var connections = new NIOServerCnxnFactory();
    connections.configure(new InetSocketAddress(ip, port), 10_000, -1, false);
    try {
      connections.startup(server);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted", e));
    }
    return new EmbeddedZooKeeper(connections, server);
  }

  /// Ends the sessions that were open when the server before this one ended, for whoever knows that
  /// their clients ended with it: nobody then waits for them to time out.
  public void endOldSessions() {
    for (var session : server.getZKDatabase().getSessions()) {
      server.closeSession(session);
    }
  }

  /// The port listened on.
  public int port() {
    return connections.getLocalPort();
  }

  /// Ends every connection; the data stays on disk.
  @Override
  public void close() {
    connections.shutdown();
  }
}
