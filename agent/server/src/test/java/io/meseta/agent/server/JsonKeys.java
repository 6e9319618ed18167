// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// The names in a document, each with the names above it, list positions left out.
final class JsonKeys {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonKeys() {}

  static Set<String> of(String json) {
    var keys = new TreeSet<String>();
    collect("", MAPPER.readTree(json), keys);
    return keys;
  }

  static Set<String> ofGolden(String name) throws IOException {
    try (var in = JsonKeys.class.getResourceAsStream("/golden/endpoints/" + name)) {
      if (in == null) {
        throw new IOException("no recording " + name);
      }
      var text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return of(text.substring(text.indexOf("\r\n\r\n") + 4));
    }
  }

  private static void collect(String path, JsonNode node, Set<String> keys) {
    if (node.isObject()) {
      node.properties()
          .forEach(entry -> {
            keys.add(path + "/" + entry.getKey());
            collect(path + "/" + entry.getKey(), entry.getValue(), keys);
          });
    } else if (node.isArray()) {
      node.forEach(element -> collect(path + "[]", element, keys));
    }
  }

  /// What the recording has because of what ran then, or of parts that this agent does not have.
  static boolean notOurs(String key) {
    return key.startsWith("/flags/")
        || key.startsWith("/resource_provider_manager/")
        || key.startsWith("/containerizer/mesos/")
        || key.endsWith("/completed_tasks[]/resources/ports")
        || key.contains("/container_id/parent")
        || key.startsWith("/get_") && key.matches(".*/(completed|terminated)_.*/.*")
        || key.contains("/shutdown_grace_period")
        || key.endsWith("/executor_info/type")
        || key.contains("/labels")
        || key.contains("/environment")
        || key.contains("/command/arguments")
        || key.contains("/completed_tasks[]/discovery")
        || key.contains("/roles")
        || key.contains("/principal")
        || key.contains("/reservations")
        || key.contains("health")
        || key.contains("/data")
        || key.contains("/discovery")
        || key.contains("/type") && key.startsWith("/completed_frameworks")
        || key.contains("/uris")
        || key.contains("/user")
        || key.contains("/kill_policy")
        || key.contains("/hostname")
        || key.contains("/webui_url")
        || key.contains("/role");
  }

  /// What the original would show too if it were so there, or what is better said.
  static boolean onlyOurs(String key) {
    return key.startsWith("/flags/")
        || key.endsWith("/git_sha") // the original has it too when built from a repository
        || key.endsWith("/processes")
        || key.endsWith("/threads");
  }
}
