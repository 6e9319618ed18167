// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a handler answers: a status, headers, and either a body or a stream.
public final class Answer {
  private static final byte[] NOTHING = {};

  private final int status;
  private final List<Map.Entry<String, String>> headers;
  private final byte[] body;
  private final @Nullable EventStream stream;
  private final @Nullable Path file;

  private Answer(
      int status,
      List<Map.Entry<String, String>> headers,
      byte[] body,
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
    return new Answer(status, List.of(), NOTHING, null, null);
  }

  /// An answer with a body.
  public static Answer of(int status, String contentType, byte[] body) {
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
    return new Answer(200, List.of(Map.entry("Content-Type", contentType)), NOTHING, stream, null);
  }

  /// 200 with the content of a file, read as the client takes it.
  public static Answer file(String contentType, Path file) {
    return new Answer(200, List.of(Map.entry("Content-Type", contentType)), NOTHING, null, file);
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

  public byte[] body() {
    return body;
  }

  @Nullable EventStream stream() {
    return stream;
  }

  @Nullable Path file() {
    return file;
  }
}
