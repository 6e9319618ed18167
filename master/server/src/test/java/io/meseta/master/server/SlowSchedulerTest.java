// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.scheduler.Event;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SlowSchedulerTest {
  private static final Pattern HEADS =
      Pattern.compile(
          "(?is)mesos-stream-id: ([^\r\n]+).*\"framework_id\":\\{\"value\":\"([^\"]+)\"");

  /// Whoever does not read must not hold offers that others could use, nor memory without end.
  @Test
  @Covers("S17")
  void aSchedulerThatDoesNotReadLosesItsStreamAndItsOffers() throws Exception {
    var flags =
        MasterFlags.parse(
            List.of("--ip=127.0.0.1", "--port=0", "--max_stream_bytes=500000"), Map.of());
    try (var master = MasterServer.start(flags);
        var client = new Client(master.port());
        var agent = new FakeAgent();
        var socket = new Socket()) {
      agent.register(Upid.parse(master.pid()).orElseThrow());
      socket.setReceiveBufferSize(4096);
      socket.setSoTimeout(10_000);
      socket.connect(new InetSocketAddress("127.0.0.1", master.port()));
      var call = Client.subscribeCall(Map.of("failover_timeout", "600"));
      socket
          .getOutputStream()
          .write(
              ("POST /api/v1/scheduler HTTP/1.1\r\nHost: m\r\nContent-Type: application/json\r\n"
                      + "Accept: application/json\r\nContent-Length: "
                      + call.length()
                      + "\r\n\r\n"
                      + call)
                  .getBytes(StandardCharsets.UTF_8));
      var seen = readUntilOffer(socket.getInputStream());
      var heads = HEADS.matcher(seen);
      assertThat(heads.find()).as(seen).isTrue();
      assertThat(metrics(client)).contains("\"master/outstanding_offers\":1.0");

      // From here on nothing is read, and much is said.
      var reconcile = reconcile(heads.group(2), 2_000);
      int refused = 0;
      for (int i = 0; i < 60 && refused == 0; i++) {
        var answer =
            client.post(
                "/api/v1/scheduler",
                reconcile,
                "Content-Type",
                "application/json",
                "Mesos-Stream-Id",
                heads.group(1));
        refused += answer.statusCode() == 202 ? 0 : 1;
      }
      var end = Instant.now().plus(Duration.ofSeconds(10));
      var metrics = metrics(client);
      while (!metrics.contains("\"master/frameworks_connected\":0.0")
          && Instant.now().isBefore(end)) {
        metrics = metrics(client);
      }
      assertThat(metrics)
          .contains("\"master/frameworks_connected\":0.0")
          .contains("\"master/frameworks_disconnected\":1.0")
          .contains("\"master/outstanding_offers\":0.0");

      // Whoever reads on after all learns why: whole records, the last of them an error.
      socket.setSoTimeout(60_000);
      var read = new StringBuilder();
      for (int c = 0; c >= 0 && read.indexOf("\r\n0\r\n\r\n", read.length() - 7) < 0; ) {
        c = socket.getInputStream().read();
        read.append((char) c);
      }
      var rest = read.toString();
      var last = rest.substring(rest.lastIndexOf("{\"type\":"));
      assertThat(last)
          .matches(
              "(?s)\\{\"type\":\"ERROR\",\"error\":\\{\"message\":\"The stream is read too slowly:"
                  + " [0-9.]+ MB unsent \\(expected: at most 0.5 MB, see --max_stream_bytes\\)\""
                  + "}}\r\n0\r\n\r\n");
      // Of this the system's buffers hold up to 10 MB; all that could have been said is four times
      // that.
      assertThat(rest.length()).as("what was kept for it").isLessThan(12_000_000);
    }
  }

  /// One call may ask for more than may wait for a slow reader: whoever reads gets all of it.
  @Test
  @Covers({"S17", "S12"})
  void aSchedulerThatReadsGetsTheAnswersForAllTasks() throws Exception {
    var flags =
        MasterFlags.parse(
            List.of("--ip=127.0.0.1", "--port=0", "--max_stream_bytes=5000000"), Map.of());
    try (var master = MasterServer.start(flags);
        var client = new Client(master.port());
        var scheduler = client.subscribe(Client.subscribeCall(Map.of()), true)) {
      var unused = scheduler.await(Event.Type.SUBSCRIBED);
      var answer =
          client.post(
              "/api/v1/scheduler",
              reconcile(scheduler.frameworkId, 110_000),
              "Content-Type",
              "application/json",
              "Mesos-Stream-Id",
              scheduler.streamId);
      assertThat(answer.statusCode()).isEqualTo(202);
      for (int i = 0; i < 110_000; i++) {
        var update = scheduler.await(Event.Type.UPDATE).getUpdate().getStatus();
        assertThat(update.getTaskId().getValue()).isEqualTo("t" + i);
      }
    }
  }

  private static String metrics(Client client) throws Exception {
    return client.get("/metrics/snapshot").body();
  }

  private static String readUntilOffer(InputStream in) throws Exception {
    var seen = new StringBuilder();
    while (!seen.toString().contains("\"OFFERS\"")) {
      int c = in.read();
      assertThat(c).isNotNegative();
      seen.append((char) c);
    }
    return seen.toString();
  }

  /// Asks for many tasks that nobody knows: each is answered by an event.
  private static String reconcile(String framework, int tasks) {
    var text =
        new StringBuilder("{\"type\":\"RECONCILE\",\"framework_id\":{\"value\":\"")
            .append(framework)
            .append("\"},\"reconcile\":{\"tasks\":[");
    for (int i = 0; i < tasks; i++) {
      text.append(i == 0 ? "" : ",").append("{\"task_id\":{\"value\":\"t").append(i).append("\"}}");
    }
    return text.append("]}}").toString();
  }
}
