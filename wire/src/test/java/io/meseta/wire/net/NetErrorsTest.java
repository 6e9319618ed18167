// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NetErrorsTest {
  private static String get(String uri) {
    try (var http = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofMillis(800)).build();
      return NetErrors.plain(
          assertThrows(
              Exception.class, () -> http.send(request, HttpResponse.BodyHandlers.discarding())));
    }
  }

  @Test
  void requestsThatFail() throws Exception {
    assertThat(get("http://127.0.0.1:1/")).isEqualTo("connection refused");
    assertThat(get("http://no-such-host.invalid/")).isEqualTo("unknown host");
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      assertThat(get("http://127.0.0.1:" + silent.getLocalPort() + "/"))
          .isEqualTo("no answer in time");
    }
    try (var closing = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var closer =
          Thread.ofVirtual()
              .start(() -> {
                while (true) { // a request is tried twice
                  try (var socket = closing.accept()) {
                    var unused = socket.getInputStream().read();
                  } catch (java.io.IOException closed) {
                    return;
                  }
                }
              });
      assertThat(get("http://127.0.0.1:" + closing.getLocalPort() + "/"))
          .isIn("the connection was closed before there was an answer", "connection reset");
      closing.close();
      closer.join();
    }
  }

  @Test
  void connectionsThatFail() throws Exception {
    try (var socket = new Socket()) {
      assertThat(
              NetErrors.plain(
                  assertThrows(
                      Exception.class,
                      () -> socket.connect(new InetSocketAddress("127.0.0.1", 1), 1000))))
          .isEqualTo("connection refused");
    }
  }
}
