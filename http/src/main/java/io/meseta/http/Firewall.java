// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import io.meseta.wire.json.JsonErrors;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Endpoints that an operator switched off, whoever asks: the flag `--firewall_rules`.
///
/// An endpoint is off by each of its names: below the server's own prefix and without it, with
/// `.json` behind it, and with more path than it has. The original compares paths as they are, so
/// that `/state/x` passes where `/state` is off.
public final class Firewall {
  /// The same figures in another form.
  private static final Map<String, String> TWINS = Map.of("/metrics", "/metrics/snapshot");

  private final Set<String> disabled = new LinkedHashSet<>();

  private Firewall() {}

  /// @param json `{"disabled_endpoints": {"paths": ["/files/browse"]}}`
  /// @throws IllegalArgumentException when it is anything else
  public static Firewall parse(String json) {
    JsonNode tree;
    try {
      tree = JsonMapper.shared().readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("not JSON: " + JsonErrors.plain(e), e);
    }
    if (!tree.isObject()) {
      throw expected(json);
    }
    var result = new Firewall();
    for (var rule : tree.properties()) {
      var paths = rule.getValue().path("paths");
      if (!rule.getKey().equals("disabled_endpoints") || !paths.isArray()) {
        throw expected(json);
      }
      for (var path : paths) {
        if (!path.isString() || !path.stringValue().startsWith("/")) {
          throw new IllegalArgumentException(
              "path " + path + " (expected: one that begins with /)");
        }
        result.disabled.add(path.stringValue());
      }
    }
    return result;
  }

  private static IllegalArgumentException expected(String json) {
    return new IllegalArgumentException(
        json + " (expected: {\"disabled_endpoints\": {\"paths\": [\"/path\"]}})");
  }

  /// Looks at each request to `router`, which may get its routes later.
  public Function<Request, Optional<Answer>> of(Router router) {
    return request -> {
      var asked = request.path();
      var endpoint = name(router, router.route(asked).orElse(asked));
      var twin = TWINS.getOrDefault(endpoint, endpoint);
      return disabled.stream()
              .map(path -> name(router, path))
              .anyMatch(path -> path.equals(endpoint) || path.equals(twin))
          ? Optional.of(Answer.text(403, "Endpoint '" + asked + "' is disabled"))
          : Optional.empty();
    };
  }

  private static String name(Router router, String path) {
    var own = router.withoutAlias(path);
    return own.endsWith(".json") ? own.substring(0, own.length() - ".json".length()) : own;
  }
}
