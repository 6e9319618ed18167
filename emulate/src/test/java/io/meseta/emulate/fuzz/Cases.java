// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate.fuzz;

import com.google.protobuf.Message;
import io.meseta.wire.internal.AuthenticateMessage;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/// Requests to a master, from nearly right to garbage.
final class Cases {
  /// What may come of a case.
  enum Kind {
    /// Anything, on a connection of its own.
    WILD,
    /// A whole request in the eyes of HTTP: an answer must come and the connection goes on.
    REQUEST,
    /// The same without a body in the answer.
    HEAD,
    /// A whole message of a peer. Its connection goes on but carries nothing else.
    MESSAGE
  }

  record Case(byte[] bytes, Kind kind) {}

  private static final List<String> PATHS =
      List.of(
          "/state",
          "/master/state",
          "/state-summary",
          "/slaves",
          "/frameworks",
          "/tasks",
          "/roles",
          "/weights",
          "/quota",
          "/maintenance/schedule",
          "/maintenance/status",
          "/machine/up",
          "/machine/down",
          "/metrics/snapshot",
          "/metrics",
          "/flags",
          "/version",
          "/health",
          "/help",
          "/files/browse",
          "/files/read",
          "/files/download",
          "/files/debug",
          "/logging/toggle",
          "/redirect",
          "/offers/why",
          "/teardown",
          "/reserve",
          "/unreserve",
          "/create-volumes",
          "/destroy-volumes",
          "/api/v1",
          "/api/v1/scheduler",
          "/",
          "/lib/app.js",
          "/nowhere");
  private static final List<String> METHODS =
      List.of("GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH");
  private static final List<String> PARAMETERS =
      List.of(
          "limit",
          "offset",
          "order",
          "jsonp",
          "framework_id",
          "task_id",
          "slave_id",
          "path",
          "level",
          "duration",
          "timeout",
          "length",
          "frameworkId",
          "slaveId",
          "resources",
          "volumes",
          "principal");
  private static final List<Message> MESSAGES =
      List.of(
          RegisterSlaveMessage.getDefaultInstance(),
          ReregisterSlaveMessage.getDefaultInstance(),
          UnregisterSlaveMessage.getDefaultInstance(),
          UpdateSlaveMessage.getDefaultInstance(),
          PongSlaveMessage.getDefaultInstance(),
          StatusUpdateMessage.getDefaultInstance(),
          ExitedExecutorMessage.getDefaultInstance(),
          ExecutorToFrameworkMessage.getDefaultInstance(),
          AuthenticateMessage.getDefaultInstance());

  private final SplittableRandom random;
  private final RandomMessages messages;
  private final List<String> known;

  Cases(SplittableRandom random, List<String> known) {
    this.random = random;
    this.known = known;
    this.messages = new RandomMessages(random, known);
  }

  Case next() {
    return switch (random.nextInt(20)) {
      case 0 -> garbage();
      case 1 -> new Case(messages.mutate(plain().bytes()), Kind.WILD);
      case 2, 3, 4 -> plain();
      case 5, 6 -> form();
      case 7, 8, 9, 10 -> libprocess();
      case 11, 12, 13, 14, 15 -> call("/api/v1", operatorCall());
      default -> call("/api/v1/scheduler", schedulerCall());
    };
  }

  private Case garbage() {
    return new Case(messages.bytes(1 + random.nextInt(400)), Kind.WILD);
  }

  private Case plain() {
    var method = METHODS.get(random.nextInt(METHODS.size()));
    var target = PATHS.get(random.nextInt(PATHS.size())) + (random.nextInt(8) == 0 ? "/x" : "");
    int parameters = random.nextInt(3);
    for (int i = 0; i < parameters; i++) {
      target +=
          (i == 0 ? "?" : "&")
              + PARAMETERS.get(random.nextInt(PARAMETERS.size()))
              + "="
              + encode(random.nextBoolean() ? "" + random.nextInt() : knownText());
    }
    var body =
        method.equals("GET") || method.equals("HEAD")
            ? new byte[0]
            : messages.bytes(random.nextInt(50));
    return request(method, target, "application/json", "*/*", body);
  }

  private String knownText() {
    return known.get(random.nextInt(known.size()));
  }

  private static String encode(String text) {
    return java.net.URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private Case form() {
    var paths =
        List.of("/teardown", "/reserve", "/unreserve", "/create-volumes", "/destroy-volumes");
    var body = new StringBuilder();
    for (var name : List.of("slaveId", "frameworkId", "resources", "volumes")) {
      if (random.nextBoolean()) {
        var value =
            random.nextInt(3) == 0
                ? knownText()
                : "[" + json(messages.like(io.meseta.wire.v1.Resource.getDefaultInstance())) + "]";
        body.append(body.isEmpty() ? "" : "&").append(name).append('=');
        body.append(random.nextInt(10) == 0 ? value : encode(value));
      }
    }
    return request(
        "POST",
        paths.get(random.nextInt(paths.size())),
        "application/x-www-form-urlencoded",
        "*/*",
        body.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String json(Message message) {
    return new String(Json.write(message), StandardCharsets.UTF_8);
  }

  private Case libprocess() {
    var message = messages.like(MESSAGES.get(random.nextInt(MESSAGES.size())));
    var body = message.toByteArray();
    if (random.nextInt(3) == 0) {
      body = messages.mutate(body);
    }
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        ("POST /"
                + (random.nextInt(10) == 0 ? knownText().replace(' ', '+') : "master")
                + "/"
                + message.getDescriptorForType().getFullName()
                + " HTTP/1.1\r\nHost: fuzz\r\nUser-Agent: libprocess/slave(1)@127.0.0.1:1\r\n"
                + "Libprocess-From: slave(1)@127.0.0.1:1\r\nConnection: Keep-Alive\r\n"
                + "Content-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    out.writeBytes(body);
    return new Case(out.toByteArray(), Kind.MESSAGE);
  }

  private Message operatorCall() {
    return messages.like(io.meseta.wire.v1.master.Call.getDefaultInstance());
  }

  private Message schedulerCall() {
    return messages.like(io.meseta.wire.v1.scheduler.Call.getDefaultInstance());
  }

  private Case call(String path, Message message) {
    boolean json = random.nextBoolean();
    var body = json ? Json.write(message) : message.toByteArray();
    if (random.nextInt(3) == 0) {
      body = messages.mutate(body);
    }
    var type = json ? "application/json" : "application/x-protobuf";
    if (random.nextInt(30) == 0) {
      type = knownText();
    }
    return request("POST", path, type, random.nextBoolean() ? type : "*/*", body);
  }

  private Case request(String method, String target, String type, String accept, byte[] body) {
    var out = new ByteArrayOutputStream();
    var head =
        method
            + " "
            + target
            + " HTTP/1.1\r\nHost: fuzz\r\nAccept: "
            + clean(accept)
            + "\r\nContent-Type: "
            + clean(type)
            + "\r\n";
    if (random.nextInt(6) == 0) {
      head += "Mesos-Stream-Id: " + clean(knownText()) + "\r\n";
    }
    if (body.length > 0 && random.nextInt(4) == 0) {
      out.writeBytes(
          (head + "Transfer-Encoding: chunked\r\n\r\n").getBytes(StandardCharsets.UTF_8));
      int half = body.length / 2;
      chunk(out, body, 0, half);
      chunk(out, body, half, body.length);
      out.writeBytes(
          ("0\r\n" + (random.nextBoolean() ? "X-Trailer: y\r\n" : "") + "\r\n")
              .getBytes(StandardCharsets.US_ASCII));
    } else {
      out.writeBytes(
          (head + "Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
      out.writeBytes(body);
    }
    return new Case(out.toByteArray(), method.equals("HEAD") ? Kind.HEAD : Kind.REQUEST);
  }

  private static String clean(String header) {
    return header.replaceAll("[^\\x20-\\x7e]", "?");
  }

  private static void chunk(ByteArrayOutputStream out, byte[] body, int from, int to) {
    if (to > from) {
      out.writeBytes((Integer.toHexString(to - from) + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(body, from, to - from);
      out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
  }
}
