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
/// @param started milliseconds since 1970 at which the task began to run, as far as is known that
///   at which it was launched; 0 while it waits
/// @param agent on which it was launched, null while it waits
record Run(
    String id,
    String job,
    long due,
    int attempt,
    String arguments,
    long notBefore,
    boolean highPriority,
    long started,
    @Nullable String agent) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Run of(Job job, long due, int attempt, Optional<String> given, long notBefore) {
    var arguments = given.map(text -> text.replace(";", "")).orElse(arguments(job));
    var id = TaskName.of(job.name(), due, attempt, arguments).toString();
    return new Run(id, job.name(), due, attempt, arguments, notBefore, job.highPriority(), 0, null);
  }

  /// The job's own arguments, as a run shows them that was given no others.
  static String arguments(Job job) {
    return String.join(" ", job.arguments()).replace(";", "");
  }

  Run launchedOn(String where, long when) {
    return new Run(id, job, due, attempt, arguments, notBefore, highPriority, when, where);
  }

  Run startedAt(long when) {
    return new Run(id, job, due, attempt, arguments, notBefore, highPriority, when, agent);
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
      json.put("started", started).put("agent", agent);
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
        json.path("started").longValue(0),
        agent == null ? null : agent.stringValue());
  }
}
