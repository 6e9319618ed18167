// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// An HTTP client that costs next to nothing: it reads answers into the same buffer again and again
/// and keeps none. A benchmark of a server on the same two processors would otherwise measure its
/// clients: of 20 that polled 13 MB with the client of the JDK, two thirds of all that was
/// allocated was theirs. One connection, one request at a time.
final class Reader implements AutoCloseable {
  private final SocketChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);

  Reader(String host, int port) throws IOException {
    channel = SocketChannel.open(new InetSocketAddress(host, port));
    buffer.flip();
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
    var bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    var status = line();
    long length = -1;
    for (var header = line(); !header.isEmpty(); header = line()) {
      var lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring(15).trim());
      }
    }
    long total = 0;
    if (length >= 0) {
      skip(length);
      total = length;
    } else {
      for (long chunk = chunk(); chunk > 0; chunk = chunk()) {
        skip(chunk + 2);
        total += chunk;
      }
      line();
    }
    if (!status.startsWith("HTTP/1.1 200")) {
      throw new IOException(request.lines().findFirst().orElse("") + ": " + status);
    }
    return total;
  }

  private long chunk() throws IOException {
    return Long.parseLong(line(), 16);
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    while (true) {
      if (!buffer.hasRemaining()) {
        fill();
      }
      char next = (char) buffer.get();
      if (next == '\n') {
        return line.toString();
      }
      if (next != '\r') {
        line.append(next);
      }
    }
  }

  private void skip(long bytes) throws IOException {
    long left = bytes;
    while (left > 0) {
      if (!buffer.hasRemaining()) {
        fill();
      }
      int part = (int) Math.min(left, buffer.remaining());
      buffer.position(buffer.position() + part);
      left -= part;
    }
  }

  private void fill() throws IOException {
    buffer.clear();
    int read = channel.read(buffer);
    buffer.flip();
    if (read < 0) {
      throw new EOFException("the connection ended");
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
