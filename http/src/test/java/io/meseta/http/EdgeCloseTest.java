// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EdgeCloseTest {
  @Test
  void closingFreesThePortAndEndsConnectionsAtOnce() throws Exception {
    var router =
        new Router()
            .on(
                "GET",
                "/stream",
                request -> Router.done(Answer.stream("text/plain", new EventStream(100))));
    int port = 0;
    long begin = System.nanoTime();
    for (int i = 0; i < 10; i++) {
      var edge = HttpEdge.builder("test").listen("127.0.0.1", port).routes(router).start();
      port = edge.port();
      try (var socket = new Socket("127.0.0.1", port)) {
        socket.setSoTimeout(5000);
        socket
            .getOutputStream()
            .write("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        edge.close();
        socket.getInputStream().readAllBytes();
      } catch (IOException reset) {
        assertThat(reset).hasMessageNotContaining("timed out");
      }
      int closed = port;
      assertThatThrownBy(() -> new Socket("127.0.0.1", closed).close())
          .isInstanceOf(IOException.class);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
  }
}
