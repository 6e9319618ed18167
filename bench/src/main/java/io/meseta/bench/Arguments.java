// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `--name=value` options.
final class Arguments {
  private final Map<String, String> values = new LinkedHashMap<>();

  /// @param help names the options there are, each with its default
  Arguments(List<String> words, String help) {
    for (var word : words) {
      int equals = word.indexOf('=');
      if (!word.startsWith("--") || equals < 0) {
        throw new IllegalArgumentException("'" + word + "' (expected: --name=value)");
      }
      if (!help.contains(word.substring(0, equals + 1))) {
        throw new IllegalArgumentException("'" + word + "' is unknown (there is: " + help + ")");
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
