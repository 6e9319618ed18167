// SPDX-License-Identifier: Apache-2.0
package io.meseta.wire.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BoundedGetTest {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void end() throws IOException {
    client.shutdownNow();
    server.close();
  }

  private Socket answering(String text) throws Exception {
    var socket = server.accept();
    if (socket.getInputStream().read(new byte[4096]) < 0) {
      throw new EOFException("the client left without a question");
    }
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private HttpRequest request() {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"))
        .build();
  }

  @Test
  @Timeout(20)
  void theTimeCoversTheBodyAndTheConnectionIsClosed() throws Exception {
    var peer = new java.util.concurrent.CompletableFuture<Integer>();
    Thread.ofVirtual()
        .start(() -> {
          try (var socket = answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")) {
            peer.complete(socket.getInputStream().read());
          } catch (IOException reset) {
            peer.complete(-1);
          } catch (Exception e) {
            peer.completeExceptionally(e);
          }
        });
    assertThatThrownBy(() -> BoundedGet.send(client, request(), Duration.ofMillis(300), 4096))
        .isInstanceOf(HttpTimeoutException.class);
    assertThat(peer.get(15, TimeUnit.SECONDS)).isEqualTo(-1);
  }

  @Test
  @Timeout(20)
  void readsOnlyTheBeginningOfALongAnswer() throws Exception {
    Thread.ofVirtual()
        .start(() -> {
          try (var socket =
              answering("HTTP/1.1 503 No\r\nContent-Length: 999999\r\n\r\n" + "x".repeat(5000))) {
            socket.getInputStream().read();
          } catch (Exception e) {
            Thread.currentThread().interrupt();
          }
        });
    var answer = BoundedGet.send(client, request(), Duration.ofSeconds(10), 4096);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).hasSize(4096);
  }
}
