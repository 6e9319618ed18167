// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a handler answers: a status, headers, and either a body or a stream.
public final class Answer {
  private final int status;
  private final List<Map.Entry<String, String>> headers;
  private final List<byte[]> body;
  private final @Nullable EventStream stream;
  private final @Nullable Path file;
  private @Nullable Answer gzipped;

  private Answer(
      int status,
      List<Map.Entry<String, String>> headers,
      List<byte[]> body,
      @Nullable EventStream stream,
      @Nullable Path file) {
    this.file = file;
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.stream = stream;
  }

  /// An answer without a body.
  public static Answer empty(int status) {
    return new Answer(status, List.of(), List.of(), null, null);
  }

  /// An answer with a body.
  public static Answer of(int status, String contentType, byte[] body) {
    return of(status, contentType, List.of(body));
  }

  /// An answer with a long body, given in pieces that nobody changes any more.
  public static Answer of(int status, String contentType, List<byte[]> body) {
    return new Answer(status, List.of(Map.entry("Content-Type", contentType)), body, null, null);
  }

  /// Plain text, the form of the original's errors.
  public static Answer text(int status, String text) {
    return of(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  /// 200 with JSON.
  public static Answer json(byte[] json) {
    return of(200, "application/json", json);
  }

  /// 200 with a stream of events that the caller goes on writing to.
  public static Answer stream(String contentType, EventStream stream) {
    return new Answer(
        200, List.of(Map.entry("Content-Type", contentType)), List.of(), stream, null);
  }

  /// 200 with the content of a file, read as the client takes it.
  public static Answer file(String contentType, Path file) {
    return new Answer(200, List.of(Map.entry("Content-Type", contentType)), List.of(), null, file);
  }

  /// 307 to `location`.
  public static Answer redirect(String location) {
    return empty(307).header("Location", location);
  }

  /// The same answer with one more header.
  public Answer header(String name, String value) {
    var more = new ArrayList<>(headers);
    more.add(Map.entry(name, value));
    return new Answer(status, List.copyOf(more), body, stream, file);
  }

  public int status() {
    return status;
  }

  public List<Map.Entry<String, String>> headers() {
    return headers;
  }

  /// The whole body; a copy when it was given in pieces.
  public byte[] body() {
    if (body.size() == 1) {
      return body.getFirst();
    }
    var out = new ByteArrayOutputStream();
    body.forEach(out::writeBytes);
    return out.toByteArray();
  }

  /// The body, one piece after the other.
  List<byte[]> pieces() {
    return body;
  }

  /// How many bytes the body has.
  public long size() {
    return body.stream().mapToLong(piece -> piece.length).sum();
  }

  /// The same with its body compressed; made once, however many want it.
  synchronized Answer gzipped() {
    var result = gzipped;
    if (result == null) {
      result = new Answer(status, headers, Gzip.of(body), stream, file);
      gzipped = result;
    }
    return result;
  }

  @Nullable EventStream stream() {
    return stream;
  }

  @Nullable Path file() {
    return file;
  }
}
