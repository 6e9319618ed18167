// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.meseta.marathon.core.Effect;
import io.meseta.marathon.core.MarathonEvent;
import io.meseta.testkit.Covers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProberTest {
  /// One app answers its checks with a byte of the promised hundred and nothing more.
  @Test
  @Covers("M-HLT-01")
  void aTaskThatNeverEndsItsAnswerKeepsNoPlace() throws Exception {
    var testEnds = new CountDownLatch(1);
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var answers = new LinkedBlockingQueue<MarathonEvent>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var prober = new Prober(1, answers::add);
        AutoCloseable end =
            () -> {
              testEnds.countDown();
              server.stop(0);
            }) {
      server.setExecutor(threads);
      server.createContext(
          "/stall",
          exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('x');
            exchange.getResponseBody().flush();
            try {
              testEnds.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            exchange.close();
          });
      server.createContext(
          "/well",
          exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(new byte[100_000]);
            exchange.close();
          });
      server.start();
      var key = new Effect.ProbeKey("i", 0, 0);
      int port = server.getAddress().getPort();
      var time = Duration.ofMillis(300);
      prober.send(new Effect.Probe(key, "HTTP", "127.0.0.1", port, "/stall", time));
      var first = (MarathonEvent.Probed) answers.poll(10, TimeUnit.SECONDS);
      assertThat(first).isNotNull();
      assertThat(first.toString()).contains("/stall: no answer in time");
      prober.send(
          new Effect.Probe(key, "HTTP", "127.0.0.1", port, "/well", Duration.ofSeconds(10)));
      var second = (MarathonEvent.Probed) answers.poll(10, TimeUnit.SECONDS);
      assertThat(second).isNotNull();
      assertThat(second.toString()).contains("status=200");
      assertThat(end).isNotNull();
    }
  }
}
