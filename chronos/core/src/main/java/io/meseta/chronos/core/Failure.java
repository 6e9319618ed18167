// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import io.meseta.wire.v1.TaskStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The last attempt of a job that failed, with what the agent or the master said of it. Kept until
/// the job is deleted, so that one can find out why even days later.
record Failure(ObjectNode json) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LONGEST = 1000;

  static Failure of(TaskStatus status, Instant now) {
    var json = JSON.createObjectNode();
    json.put("time", Job.TIME.format(now))
        .put("taskId", status.getTaskId().getValue())
        .put("state", status.getState().name())
        .put("reason", status.hasReason() ? status.getReason().name() : "")
        .put("message", cut(status.getMessage()))
        .put("agentId", status.getAgentId().getValue());
    return new Failure(json);
  }

  private static String cut(String message) {
    return message.length() > LONGEST ? message.substring(0, LONGEST) + " ..." : message;
  }

  static Failure read(byte[] bytes) {
    JsonNode json = JSON.readTree(bytes);
    return new Failure((ObjectNode) json);
  }

  byte[] bytes() {
    return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
  }

  /// In one line.
  String text() {
    var message = json.path("message").asString("");
    return json.path("state").asString("") + (message.isEmpty() ? "" : ": " + message);
  }
}
