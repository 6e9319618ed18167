// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import io.meseta.wire.json.JsonErrors;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Endpoints that an operator switched off, whoever asks: the flag `--firewall_rules`. As in the
/// original a path is meant as it is asked for, so `/files/browse` leaves `/master/files/browse`,
/// where a server has both.
public final class Firewall implements Function<Request, Optional<Answer>> {
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
        result.disabled.add(trimmed(path.stringValue()));
      }
    }
    return result;
  }

  private static IllegalArgumentException expected(String json) {
    return new IllegalArgumentException(
        json + " (expected: {\"disabled_endpoints\": {\"paths\": [\"/path\"]}})");
  }

  private static String trimmed(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  @Override
  public Optional<Answer> apply(Request request) {
    var path = trimmed(request.path());
    return disabled.contains(path)
        ? Optional.of(Answer.text(403, "Endpoint '" + path + "' is disabled"))
        : Optional.empty();
  }
}
