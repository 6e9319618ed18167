// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// How often each parent has succeeded, as a stored record.
final class Counts {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Counts() {}

  static byte[] bytes(Map<String, Long> counts) {
    var json = JSON.createObjectNode();
    counts.forEach(json::put);
    return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
  }

  static Map<String, Long> read(byte[] bytes) {
    var counts = new LinkedHashMap<String, Long>();
    JSON.readTree(bytes)
        .properties()
        .forEach(entry -> counts.put(entry.getKey(), entry.getValue().longValue()));
    return counts;
  }
}
