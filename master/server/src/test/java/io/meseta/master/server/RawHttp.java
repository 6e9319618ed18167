// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Requests as bytes on a socket, so that not a byte of what a recorded client sent is different.
final class RawHttp {
  private static final Path GOLDEN = Path.of("../../wire/src/test/resources/golden/wire");

  private RawHttp() {}

  /// @param head the status line and headers
  /// @param body what came in the first `Content-Length` bytes or chunk
  record Response(String head, String body) {
    int status() {
      return Integer.parseInt(head.substring(9, 12));
    }

    String header(String name) {
      for (var line : head.split("\r\n")) {
        if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
          return line.substring(name.length() + 1).strip();
        }
      }
      return "";
    }
  }

  /// A recorded request, its ids replaced by others of the same length.
  static byte[] recorded(String file, Map<String, String> ids) throws IOException {
    var text = Files.readString(GOLDEN.resolve(file + ".http"), StandardCharsets.ISO_8859_1);
    for (var id : ids.entrySet()) {
      if (id.getKey().length() != id.getValue().length()) {
        throw new IllegalArgumentException(id + ": expected the same length");
      }
      text = text.replace(id.getKey(), id.getValue());
    }
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Sends `request` on a connection of its own and reads one answer; of a stream its first chunk.
  static Response exchange(int port, byte[] request) throws IOException {
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request);
      return read(socket.getInputStream());
    }
  }

  static Response exchange(int port, String request) throws IOException {
    return exchange(port, request.getBytes(StandardCharsets.ISO_8859_1));
  }

  static Response read(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the connection ended after '" + head + "'");
      }
      head.append((char) next);
    }
    var response = new Response(head.toString(), "");
    var length = response.header("Content-Length");
    if (!length.isEmpty()) {
      return new Response(
          head.toString(),
          new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.UTF_8));
    }
    if (response.header("Transfer-Encoding").equals("chunked")) {
      int size = Integer.parseInt(line(in), 16);
      return new Response(head.toString(), new String(in.readNBytes(size), StandardCharsets.UTF_8));
    }
    return response;
  }

  private static String line(InputStream in) throws IOException {
    var out = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n' && next >= 0; next = in.read()) {
      if (next != '\r') {
        out.write(next);
      }
    }
    return out.toString(StandardCharsets.US_ASCII);
  }
}
