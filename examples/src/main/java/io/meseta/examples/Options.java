// SPDX-License-Identifier: Apache-2.0
package io.meseta.examples;

import java.util.LinkedHashMap;
import java.util.Map;

/// `--name=value` arguments.
record Options(Map<String, String> values) {
  static Options parse(String[] args) {
    var values = new LinkedHashMap<String, String>();
    for (var arg : args) {
      int equals = arg.indexOf('=');
      if (!arg.startsWith("--") || equals < 0) {
        throw new IllegalArgumentException("argument: '" + arg + "' (expected: --name=value)");
      }
      values.put(arg.substring(2, equals), arg.substring(equals + 1));
    }
    return new Options(values);
  }

  String get(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }
}
