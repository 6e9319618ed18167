// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// A client that asks, reads all of the answer and keeps none. A benchmark of a server on the same
/// two processors would otherwise measure its clients: of 20 that polled 13 MB with the client of
/// the JDK, two thirds of all that was allocated was theirs.
final class Reader implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 18;

  private final Connection connection;

  Reader(String host, int port) throws IOException {
    connection = new Connection(host, port, BUFFER_BYTES);
  }

  /// Asks and reads all of the answer, which has to be 200.
  ///
  /// @return how many bytes its body has
  long get(String path) throws IOException {
    return ask("GET " + path + " HTTP/1.1\r\nHost: bench\r\n\r\n");
  }

  long post(String path, String json, String accept) throws IOException {
    return ask(
        "POST "
            + path
            + " HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAccept: "
            + accept
            + "\r\nContent-Length: "
            + json.length()
            + "\r\n\r\n"
            + json);
  }

  private long ask(String request) throws IOException {
    var bytes = request.getBytes(StandardCharsets.ISO_8859_1);
    connection.write(bytes, bytes.length);
    var head = connection.head();
    long total = 0;
    if (head.length() >= 0) {
      connection.skip(head.length());
      total = head.length();
    } else {
      for (int chunk = connection.chunk(); chunk > 0; chunk = connection.chunk()) {
        connection.skip(chunk + 2);
        total += chunk;
      }
      connection.line();
    }
    if (head.status() != 200) {
      throw new IOException(request.lines().findFirst().orElse("") + ": " + head.status());
    }
    return total;
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
