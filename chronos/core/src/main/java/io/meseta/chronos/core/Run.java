// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One run of a job: first waiting for its time or for an offer, then a task.
///
/// @param id the task's
/// @param arguments as given, without semicolons
/// @param notBefore milliseconds since 1970; later than now for a retry
/// @param agent on which it was launched, null while it waits
record Run(
    String id,
    String job,
    long due,
    int attempt,
    String arguments,
    long notBefore,
    boolean highPriority,
    @Nullable String agent) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Run of(Job job, long due, int attempt, Optional<String> given, long notBefore) {
    var arguments = given.map(text -> text.replace(";", "")).orElse(arguments(job));
    var id = TaskName.of(job.name(), due, attempt, arguments).toString();
    return new Run(id, job.name(), due, attempt, arguments, notBefore, job.highPriority(), null);
  }

  /// The job's own arguments, as a run shows them that was given no others.
  static String arguments(Job job) {
    return String.join(" ", job.arguments()).replace(";", "");
  }

  Run launchedOn(String where) {
    return new Run(id, job, due, attempt, arguments, notBefore, highPriority, where);
  }

  boolean isLaunched() {
    return agent != null;
  }

  byte[] bytes() {
    var json = JSON.createObjectNode();
    json.put("id", id)
        .put("job", job)
        .put("due", due)
        .put("attempt", attempt)
        .put("arguments", arguments);
    json.put("notBefore", notBefore).put("highPriority", highPriority);
    if (agent != null) {
      json.put("agent", agent);
    }
    return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
  }

  static Run read(byte[] bytes) {
    var json = JSON.readTree(bytes);
    JsonNode agent = json.get("agent");
    return new Run(
        json.get("id").stringValue(),
        json.get("job").stringValue(),
        json.get("due").longValue(),
        json.get("attempt").intValue(),
        json.get("arguments").stringValue(),
        json.get("notBefore").longValue(),
        json.get("highPriority").booleanValue(),
        agent == null ? null : agent.stringValue());
  }
}
