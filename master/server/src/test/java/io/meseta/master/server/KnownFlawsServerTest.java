// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.zk.EmbeddedZooKeeper;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is known to stop the original's master from answering, by the number of its issue.
class KnownFlawsServerTest {
  @TempDir Path folder;

  private static MasterServer start(String... flags) throws Exception {
    return TestMaster.start(flags);
  }

  private static Socket send(MasterServer master, String text) throws Exception {
    var socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(new InetSocketAddress("127.0.0.1", master.port()));
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  /// MESOS-7748: an operator that does not read the stream that it subscribed to fills the
  /// original's memory.
  @Test
  @Covers("OM10")
  void mesos7748AnOperatorThatDoesNotReadIsCutOff() throws Exception {
    var call = "{\"type\":\"SUBSCRIBE\"}";
    try (var master = start("--max_stream_bytes=300000");
        var client = new Client(master.port());
        var slow =
            send(
                master,
                "POST /api/v1 HTTP/1.1\r\nHost: m\r\nContent-Type: application/json\r\n"
                    + "Content-Length: "
                    + call.length()
                    + "\r\n\r\n"
                    + call)) {
      assertThat(slow.isConnected()).isTrue();
      awaitMetric(client, "\"master/operator_event_stream_subscribers\":1.0");
      // Each framework comes and goes with much to say.
      var name = "x".repeat(20_000);
      for (int i = 0; i < 600 && !metric(client, 0); i++) {
        try (var scheduler =
            client.subscribe(Client.subscribeCall(Map.of("hostname", "\"" + name + "\"")), true)) {
          var unused = scheduler.await(io.meseta.wire.v1.scheduler.Event.Type.SUBSCRIBED);
        }
      }
      awaitMetric(client, "\"master/operator_event_stream_subscribers\":0.0");
    }
  }

  private static boolean metric(Client client, int subscribers) throws Exception {
    return client
        .get("/metrics/snapshot")
        .body()
        .contains("\"master/operator_event_stream_subscribers\":" + subscribers + ".0");
  }

  private static void awaitMetric(Client client, String text) throws Exception {
    var end = Instant.now().plus(Duration.ofSeconds(10));
    var body = "";
    do {
      body = client.get("/metrics/snapshot").body();
    } while (!body.contains(text) && Instant.now().isBefore(end));
    assertThat(body).contains(text);
  }

  /// MESOS-8256: the original stops when all its worker threads wait for clients.
  @Test
  @Covers("OM19")
  void mesos8256ClientsThatKeepAnswersWaitingStopNobody() throws Exception {
    try (var master = start();
        var client = new Client(master.port())) {
      var stuck = new ArrayList<Socket>();
      for (int i = 0; i < 100; i++) {
        // Half a call, and a document that nobody fetches.
        stuck.add(
            send(
                master,
                "POST /api/v1 HTTP/1.1\r\nHost: m\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 100\r\n\r\n{"));
        stuck.add(send(master, "GET /state HTTP/1.1\r\nHost: m\r\n\r\n".repeat(20)));
      }
      assertThat(client.get("/health").statusCode()).isEqualTo(200);
      assertThat(client.get("/state").statusCode()).isEqualTo(200);
      assertThat(client.json("/api/v1", "{\"type\":\"GET_STATE\"}").statusCode()).isEqualTo(200);
      for (var socket : stuck) {
        socket.close();
      }
    }
  }

  /// MESOS-9426: the original waits for ever when ZooKeeper was not there at first.
  @Test
  @Covers("H01")
  void mesos9426ZooKeeperMayComeLater() throws Exception {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (var master =
            start("--zk=zk://127.0.0.1:" + port + "/mesos", "--zk_session_timeout=2secs");
        var client = new Client(master.port())) {
      assertThat(client.get("/state").statusCode()).isEqualTo(503);
      try (var zookeeper = EmbeddedZooKeeper.start(folder, "127.0.0.1", port)) {
        var end = Instant.now().plus(Duration.ofSeconds(30));
        while (client.get("/state").statusCode() != 200 && Instant.now().isBefore(end)) {
          Thread.sleep(100);
        }
        assertThat(zookeeper.port()).isEqualTo(port);
        assertThat(client.get("/state").statusCode()).isEqualTo(200);
      }
    }
  }
}
