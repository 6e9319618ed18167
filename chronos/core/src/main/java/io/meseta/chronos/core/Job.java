// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A job: the JSON that clients see, complete and in their order of keys, with names for what we
/// compute with. Immutable.
public final class Job {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Always three digits of a second, as in the original: clients parse it, and [#status] compares
  /// it as text.
  static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private final ObjectNode json;

  Job(ObjectNode json) {
    this.json = json;
  }

  /// The job as it is shown and stored.
  public byte[] bytes() {
    return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
  }

  /// For listings, where `uris` and `fetch` fill each other so that old and new clients see both.
  ObjectNode listing() {
    var shown = json.deepCopy();
    if (json.get("uris").isEmpty()) {
      var uris = shown.putArray("uris");
      json.get("fetch").forEach(fetch -> uris.add(fetch.get("uri").stringValue()));
    } else if (json.get("fetch").isEmpty()) {
      var fetches = shown.putArray("fetch");
      json.get("uris").forEach(uri -> fetches.add(JobJson.fetch(uri.stringValue())));
    }
    return shown;
  }

  public String name() {
    return text("name");
  }

  /// Whether it runs after others instead of at set times.
  public boolean isDependent() {
    return json.has("parents");
  }

  public List<String> parents() {
    return json.has("parents") ? texts("parents") : List.of();
  }

  /// The schedule's text; empty for dependent jobs.
  public String schedule() {
    return json.has("schedule") ? text("schedule") : "";
  }

  public String timeZone() {
    return json.has("scheduleTimeZone") ? text("scheduleTimeZone") : "";
  }

  public boolean disabled() {
    return flag("disabled");
  }

  public boolean concurrent() {
    return flag("concurrent");
  }

  public boolean softError() {
    return flag("softError");
  }

  public boolean highPriority() {
    return flag("highPriority");
  }

  public int retries() {
    return json.get("retries").intValue();
  }

  public List<String> arguments() {
    return texts("arguments");
  }

  String text(String key) {
    return json.get(key).stringValue();
  }

  boolean flag(String key) {
    return json.get(key).booleanValue();
  }

  double number(String key) {
    return json.get(key).doubleValue();
  }

  long count(String key) {
    return json.get(key).longValue();
  }

  JsonNode node(String key) {
    var node = json.get(key);
    return node == null ? JsonNodeFactory.instance.missingNode() : node;
  }

  List<String> texts(String key) {
    var texts = new ArrayList<String>();
    json.get(key).forEach(value -> texts.add(value.stringValue()));
    return texts;
  }

  /// Whether nothing says what to run: no command, arguments, container or executor.
  boolean runsNothing() {
    return text("command").isBlank()
        && arguments().isEmpty()
        && text("executor").isEmpty()
        && text("taskInfoData").isEmpty()
        && !json.has("container");
  }

  Job withSchedule(Schedule schedule) {
    var copy = json.deepCopy();
    copy.put("schedule", schedule.text());
    return new Job(copy);
  }

  /// The same job at set times instead of after others.
  Job scheduledLike(Job parent) {
    var copy = json.deepCopy();
    copy.remove("parents");
    copy.put("schedule", parent.schedule());
    copy.put("scheduleTimeZone", parent.timeZone());
    return new Job(copy);
  }

  Job withParents(List<String> parents) {
    var copy = json.deepCopy();
    var list = copy.putArray("parents");
    parents.forEach(list::add);
    return new Job(copy);
  }

  Job withDisabled(boolean disabled) {
    var copy = json.deepCopy();
    copy.put("disabled", disabled);
    return new Job(copy);
  }

  Job succeeded(Instant time) {
    var copy = json.deepCopy();
    copy.put("successCount", count("successCount") + 1);
    copy.put("errorsSinceLastSuccess", 0);
    copy.put("lastSuccess", TIME.format(time));
    return new Job(copy);
  }

  Job failed(Instant time) {
    var copy = json.deepCopy();
    copy.put("errorCount", count("errorCount") + 1);
    copy.put("errorsSinceLastSuccess", count("errorsSinceLastSuccess") + 1);
    copy.put("lastError", TIME.format(time));
    return new Job(copy);
  }

  /// `success`, `failure` or `fresh`: how the last run that ended went.
  String status() {
    var success = text("lastSuccess");
    var error = text("lastError");
    if (success.isEmpty() && error.isEmpty()) {
      return "fresh";
    }
    return error.isEmpty() || (!success.isEmpty() && success.compareTo(error) >= 0)
        ? "success"
        : "failure";
  }
}
