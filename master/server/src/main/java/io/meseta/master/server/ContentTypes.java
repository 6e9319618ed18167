// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.meseta.http.Answer;
import io.meseta.http.Request;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads calls in JSON or protobuf and finds out what the client takes, with the original's answers
/// to everything else.
final class ContentTypes {
  static final String JSON = "application/json";
  static final String PROTOBUF = "application/x-protobuf";

  private ContentTypes() {}

  /// The call was refused; holds the answer.
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Answer answer;

    Refused(int status, String message) {
      super(message, null, false, false);
      this.answer = Answer.text(status, message);
    }

    Answer answer() {
      return answer;
    }
  }

  static <B extends Message.Builder> B read(Request request, B call) throws Refused {
    var type = request.header("content-type").orElse("");
    if (type.isEmpty()) {
      throw new Refused(400, "Expecting 'Content-Type' to be present");
    }
    switch (type) {
      case JSON -> {
        try {
          return Json.parse(request.body(), call);
        } catch (JsonException e) {
          throw new Refused(400, e.getMessage());
        }
      }
      case PROTOBUF -> {
        try {
          call.mergeFrom(request.body());
          if (call.isInitialized()) {
            return call;
          }
        } catch (InvalidProtocolBufferException e) {
          throw new Refused(400, "Failed to parse body into Call protobuf");
        }
        throw new Refused(400, "Failed to parse body into Call protobuf");
      }
      default -> throw new Refused(415, "Expecting 'Content-Type' of " + JSON + " or " + PROTOBUF);
    }
  }

  /// The type of the answer: JSON when the client takes it, else protobuf.
  static String accepted(Request request) throws Refused {
    var accept = String.join(",", request.headers().getOrDefault("accept", List.of()));
    if (accept.isBlank() || takes(accept, JSON)) {
      return JSON;
    }
    if (takes(accept, PROTOBUF)) {
      return PROTOBUF;
    }
    throw new Refused(406, "Expecting 'Accept' to allow '" + PROTOBUF + "' or '" + JSON + "'");
  }

  private static boolean takes(String accept, String type) {
    Optional<Double> specific = Optional.empty();
    Optional<Double> general = Optional.empty();
    for (var range : accept.toLowerCase(Locale.ROOT).split(",")) {
      var parts = range.split(";", -1);
      var name = parts[0].strip();
      var weight = Optional.of(weight(parts));
      if (name.equals(type)) {
        specific = weight;
      } else if (name.equals("*/*") || name.equals("application/*")) {
        general = weight;
      }
    }
    return specific.isPresent() ? specific.get() > 0 : general.orElse(0.0) > 0;
  }

  private static double weight(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      var part = parts[i].strip();
      if (part.startsWith("q=")) {
        try {
          return Double.parseDouble(part.substring(2));
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1;
  }
}
