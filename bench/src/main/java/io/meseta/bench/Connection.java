// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Locale;

/// One end of a plain HTTP connection, for clients that cost next to nothing: what comes is read
/// into the same buffer again and again. Blocks; one thread reads, one writes.
final class Connection implements AutoCloseable {
  /// What an answer says before its body.
  record Head(int status, long length, String streamId) {}

  private final SocketChannel channel;
  private final ByteBuffer buffer;

  Connection(String host, int port, int bufferBytes) throws IOException {
    channel = SocketChannel.open(new InetSocketAddress(host, port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    buffer = ByteBuffer.allocateDirect(bufferBytes).flip();
  }

  void write(byte[] bytes, int length) throws IOException {
    var out = ByteBuffer.wrap(bytes, 0, length);
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  /// @return -1 as the length when the body comes in chunks
  Head head() throws IOException {
    int status = Integer.parseInt(line().substring(9, 12));
    long length = -1;
    var streamId = "";
    for (var header = line(); !header.isEmpty(); header = line()) {
      var lower = header.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring(15).trim());
      } else if (lower.startsWith("mesos-stream-id:")) {
        streamId = header.substring(16).trim();
      }
    }
    return new Head(status, length, streamId);
  }

  /// The size of the next chunk; 0 at the end.
  int chunk() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  String line() throws IOException {
    var line = new StringBuilder();
    while (true) {
      char next = (char) next();
      if (next == '\n') {
        return line.toString();
      }
      if (next != '\r') {
        line.append(next);
      }
    }
  }

  private byte next() throws IOException {
    if (!buffer.hasRemaining()) {
      fill();
    }
    return buffer.get();
  }

  void skip(long bytes) throws IOException {
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

  byte[] read(int bytes) throws IOException {
    var result = new byte[bytes];
    int at = 0;
    while (at < bytes) {
      if (!buffer.hasRemaining()) {
        fill();
      }
      int part = Math.min(bytes - at, buffer.remaining());
      buffer.get(result, at, part);
      at += part;
    }
    return result;
  }

  /// Whether a read would have to wait.
  boolean drained() {
    return !buffer.hasRemaining();
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
