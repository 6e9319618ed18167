// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `--name=value` options.
final class Arguments {
  private final Map<String, String> values = new LinkedHashMap<>();

  Arguments(List<String> words) {
    for (var word : words) {
      int equals = word.indexOf('=');
      if (!word.startsWith("--") || equals < 0) {
        throw new IllegalArgumentException("'" + word + "' (expected: --name=value)");
      }
      values.put(word.substring(2, equals), word.substring(equals + 1));
    }
  }

  int get(String name, int otherwise) {
    var value = values.get(name);
    try {
      return value == null ? otherwise : Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--" + name + "=" + value + " (expected: a number)", e);
    }
  }

  String get(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }
}
