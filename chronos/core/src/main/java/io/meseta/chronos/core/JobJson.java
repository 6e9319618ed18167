// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import io.meseta.wire.json.JsonErrors;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reads the JSON of a job: types are checked, defaults filled in, unknown keys dropped.
final class JobJson {
  private static final Pattern NAME = Pattern.compile("[\\w.-]+");
  private static final List<String> KEYS =
      List.of(
          "name",
          "command",
          "shell",
          "executor",
          "executorFlags",
          "taskInfoData",
          "retries",
          "owner",
          "ownerName",
          "description",
          "successCount",
          "errorCount",
          "lastSuccess",
          "lastError",
          "cpus",
          "disk",
          "mem",
          "disabled",
          "concurrent",
          "softError",
          "dataProcessingJobType",
          "errorsSinceLastSuccess",
          "fetch",
          "uris",
          "environmentVariables",
          "arguments",
          "highPriority",
          "runAsUser",
          "container",
          "constraints",
          "maxCompletionTime",
          "parents",
          "schedule",
          "scheduleTimeZone",
          // of 2.x, accepted and without effect in 3.x too
          "async",
          "epsilon",
          // ours, in what is listed; a job may be posted as it was got
          "lastFailure",
          "waiting");

  /// What a JSON number holds exactly.
  private static final long MAX_COUNT = 1L << 53;

  /// As nanoseconds it has to fit the task.
  private static final long MAX_COMPLETION_SECONDS = Long.MAX_VALUE / 1_000_000_000;

  private static final int MAX_BYTES = 400_000;

  private static final Set<String> OPERATORS = Set.of("EQUALS", "LIKE", "UNLIKE");
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(100).build())
                  .build())
          .build();

  private JobJson() {}

  /// What a job gets that says nothing of it.
  record Defaults(double cpus, double mem, double disk, String user) {}

  /// Reads a job as it was posted or stored.
  static Job read(byte[] bytes, Defaults defaults, Instant now) throws BadJob {
    return new JobJson.Reader(tree(bytes)).job(defaults, now);
  }

  /// What a posted job says that means nothing here, a phrase each.
  static List<String> unknownKeys(byte[] bytes) throws BadJob {
    return tree(bytes).propertyNames().stream()
        .filter(key -> !KEYS.contains(key))
        .limit(20)
        .map(key -> key.replaceAll("[^\\w.-]", "?"))
        .map(key -> key.length() > 40 ? key.substring(0, 40) + "..." : key)
        .map(key -> "key '" + key + "' is unknown and ignored")
        .toList();
  }

  static void checkName(Job job) throws BadJob {
    if (!NAME.matcher(job.name()).matches()) {
      throw new BadJob(
          "the job's name '"
              + job.name()
              + "' is invalid (expected: letters, digits, '.', '-' and '_')");
    }
  }

  /// What is stored has to fit a record of the store: the job, and a run of it, whose name and
  /// record repeat the arguments.
  static void checkSize(Job job) throws BadJob {
    long bytes = job.bytes().length;
    var run = Run.of(job, 0, 0, Optional.empty(), 0);
    long runs = run.bytes().length + (long) run.id().length();
    if (bytes > MAX_BYTES || runs > MAX_BYTES) {
      throw new BadJob(
          413,
          "The job takes "
              + Math.max(bytes, runs)
              + " bytes (expected: at most "
              + MAX_BYTES
              + ")");
    }
  }

  static void checkUris(Job job) throws BadJob {
    if (!job.node("uris").isEmpty() && !job.node("fetch").isEmpty()) {
      throw new BadJob("Tried to add both uri (deprecated) and fetch parameters on " + job.name());
    }
  }

  static ObjectNode fetch(String uri) {
    return NODES
        .objectNode()
        .put("uri", uri)
        .put("executable", false)
        .put("cache", false)
        .put("extract", true)
        .put("output_file", "");
  }

  private static ObjectNode tree(byte[] bytes) throws BadJob {
    try {
      if (JSON.readTree(bytes) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new BadJob("The body is no JSON: " + JsonErrors.plain(e));
    }
    throw new BadJob("The body is no JSON object (expected: a job)");
  }

  private record Reader(ObjectNode in) {
    Job job(Defaults defaults, Instant now) throws BadJob {
      var out = NODES.objectNode();
      out.put("name", text("name", ""));
      out.put("command", text("command", ""));
      out.put("shell", flag("shell", true));
      out.put("executor", text("executor", ""));
      out.put("executorFlags", text("executorFlags", ""));
      out.put("taskInfoData", text("taskInfoData", ""));
      out.put("retries", whole("retries", 2, Integer.MAX_VALUE));
      out.put("owner", text("owner", ""));
      out.put("ownerName", text("ownerName", ""));
      out.put("description", text("description", ""));
      out.put("successCount", whole("successCount", 0, MAX_COUNT));
      out.put("errorCount", whole("errorCount", 0, MAX_COUNT));
      out.put("lastSuccess", text("lastSuccess", ""));
      out.put("lastError", text("lastError", ""));
      out.put("cpus", amount("cpus", defaults.cpus()));
      out.put("disk", amount("disk", defaults.disk()));
      out.put("mem", amount("mem", defaults.mem()));
      out.put("disabled", flag("disabled", false));
      out.put("concurrent", flag("concurrent", false));
      out.put("softError", flag("softError", false));
      out.put("dataProcessingJobType", flag("dataProcessingJobType", false));
      out.put("errorsSinceLastSuccess", whole("errorsSinceLastSuccess", 0, MAX_COUNT));
      out.set("fetch", fetches());
      out.set("uris", texts("uris"));
      out.set("environmentVariables", environment());
      out.set("arguments", texts("arguments"));
      out.put("highPriority", flag("highPriority", false));
      out.put("runAsUser", text("runAsUser", defaults.user()));
      var container = container();
      if (container != null) {
        out.set("container", container);
      }
      out.set("constraints", constraints());
      out.put("maxCompletionTime", whole("maxCompletionTime", 0, MAX_COMPLETION_SECONDS));
      var parents = texts("parents");
      if (!parents.isEmpty()) {
        out.set("parents", parents);
      } else {
        var schedule = text("schedule", "");
        if (schedule.isEmpty()) {
          schedule = "R1/" + now + "/PT24H";
        }
        out.put("schedule", schedule);
        out.put("scheduleTimeZone", text("scheduleTimeZone", ""));
      }
      return new Job(out);
    }

    private @Nullable JsonNode get(String key) {
      var node = in.get(key);
      return node == null || node.isNull() ? null : node;
    }

    private static BadJob wrong(String key, JsonNode value, String expected) {
      var text = value.toString();
      return new BadJob(
          key
              + ": "
              + (text.length() > 80 ? text.substring(0, 80) + "..." : text)
              + " (expected: "
              + expected
              + ")");
    }

    private String text(String key, String otherwise) throws BadJob {
      var node = get(key);
      if (node == null) {
        return otherwise;
      }
      if (!node.isValueNode()) {
        throw wrong(key, node, "a text");
      }
      return node.asString();
    }

    private boolean flag(String key, boolean otherwise) throws BadJob {
      var node = get(key);
      if (node == null) {
        return otherwise;
      }
      if (node.isBoolean()
          || (node.isString() && Set.of("true", "false").contains(node.stringValue()))) {
        return node.asBoolean();
      }
      throw wrong(key, node, "true or false");
    }

    private double amount(String key, double otherwise) throws BadJob {
      var node = get(key);
      if (node == null) {
        return otherwise;
      }
      double value = number(key, node);
      if (value < 0 || !Double.isFinite(value)) {
        throw wrong(key, node, "a number that is not negative");
      }
      return value > 0 ? value : otherwise;
    }

    /// A fraction is cut, as in the original.
    private long whole(String key, long otherwise, long most) throws BadJob {
      var node = get(key);
      if (node == null) {
        return otherwise;
      }
      double value = number(key, node);
      if (!(Math.abs(value) <= most)) {
        throw wrong(key, node, "a whole number, at most " + most);
      }
      return (long) value;
    }

    private static double number(String key, JsonNode node) throws BadJob {
      try {
        return node.isNumber() ? node.doubleValue() : Double.parseDouble(node.asString());
      } catch (RuntimeException e) {
        throw wrong(key, node, "a number");
      }
    }

    private Iterable<JsonNode> list(String key) throws BadJob {
      var node = get(key);
      if (node == null) {
        return NODES.arrayNode();
      }
      if (!node.isArray()) {
        throw wrong(key, node, "a list");
      }
      return node;
    }

    private ArrayNode texts(String key) throws BadJob {
      var out = NODES.arrayNode();
      for (var value : list(key)) {
        if (!value.isValueNode() || value.isNull()) {
          throw wrong(key, value, "a list of texts");
        }
        out.add(value.asString());
      }
      return out;
    }

    private ArrayNode fetches() throws BadJob {
      var out = NODES.arrayNode();
      for (var value : list("fetch")) {
        if (!(value instanceof ObjectNode object) || !object.path("uri").isString()) {
          throw wrong("fetch", value, "an object with a uri");
        }
        var each = new Reader(object);
        out.add(
            fetch(each.text("uri", ""))
                .put("executable", each.flag("executable", false))
                .put("cache", each.flag("cache", false))
                .put("extract", each.flag("extract", true))
                .put("output_file", each.text("output_file", "")));
      }
      return out;
    }

    private ArrayNode environment() throws BadJob {
      var out = NODES.arrayNode();
      for (var value : list("environmentVariables")) {
        if (!(value instanceof ObjectNode object) || !object.path("name").isString()) {
          throw wrong("environmentVariables", value, "an object with name and value");
        }
        var each = new Reader(object);
        out.add(
            NODES
                .objectNode()
                .put("name", each.text("name", ""))
                .put("value", each.text("value", "")));
      }
      return out;
    }

    private ArrayNode constraints() throws BadJob {
      var out = NODES.arrayNode();
      for (var value : list("constraints")) {
        if (!value.isArray()
            || value.size() != 3
            || !value.get(0).isString()
            || !value.get(1).isString()
            || !value.get(2).isString()) {
          throw wrong("constraints", value, "[attribute, EQUALS or LIKE or UNLIKE, value]");
        }
        if (OPERATORS.contains(
            value.get(1).stringValue())) { // the others are dropped, as in the original
          if (!value.get(1).stringValue().equals("EQUALS")) {
            try {
              var unused = Pattern.compile(value.get(2).stringValue());
            } catch (java.util.regex.PatternSyntaxException e) {
              throw wrong("constraints", value.get(2), "a regular expression");
            }
          }
          out.add(value);
        }
      }
      return out;
    }

    private @Nullable JsonNode container() throws BadJob {
      var node = get("container");
      if (node == null) {
        return null;
      }
      if (!(node instanceof ObjectNode object)) {
        throw wrong("container", node, "an object");
      }
      var each = new Reader(object);
      if (each.text("image", "").isEmpty()) {
        return null; // ignored without an image
      }
      var out = NODES.objectNode();
      out.put("type", oneOf(each, "type", "DOCKER", Set.of("DOCKER", "MESOS")));
      out.put("image", each.text("image", ""));
      out.put("network", oneOf(each, "network", "HOST", Set.of("HOST", "BRIDGE", "USER")));
      if (each.get("networkName") != null) {
        out.put("networkName", each.text("networkName", ""));
      }
      out.set("networkInfos", objects(each, "networkInfos"));
      out.set("volumes", objects(each, "volumes"));
      out.put("forcePullImage", each.flag("forcePullImage", false));
      out.set("parameters", objects(each, "parameters"));
      return out;
    }

    private static ArrayNode objects(Reader from, String key) throws BadJob {
      var out = NODES.arrayNode();
      for (var value : from.list(key)) {
        if (!value.isObject()) {
          throw wrong("container." + key, value, "a list of objects");
        }
        out.add(value);
      }
      return out;
    }

    private static String oneOf(Reader from, String key, String otherwise, Set<String> allowed)
        throws BadJob {
      var value = from.text(key, otherwise).toUpperCase(java.util.Locale.ROOT);
      if (!allowed.contains(value)) {
        throw new BadJob(
            "container."
                + key
                + ": "
                + value
                + " (expected: one of "
                + String.join(", ", allowed.stream().sorted().toList())
                + ")");
      }
      return value;
    }
  }
}
