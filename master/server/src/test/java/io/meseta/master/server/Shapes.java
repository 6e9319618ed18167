// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Which keys JSON documents have and of which types their values are.
final class Shapes {
  private Shapes() {}

  /// The body of a recorded answer.
  static String golden(String name) throws IOException {
    var text =
        Files.readString(
            Path.of("../../wire/src/test/resources/golden/endpoints/" + name),
            StandardCharsets.UTF_8);
    return text.substring(text.indexOf("\r\n\r\n") + 4);
  }

  static Object parse(String json) {
    try (var parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      return value(parser);
    }
  }

  private static Object value(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Object> object = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          var name = parser.currentName();
          parser.nextToken();
          object.put(name, value(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(value(parser));
        }
        yield array;
      }
      case VALUE_NUMBER_INT -> 1L;
      case VALUE_NUMBER_FLOAT -> 1.0;
      case VALUE_TRUE, VALUE_FALSE -> true;
      default -> parser.getString();
    };
  }

  /// From path (array elements as `[]`) to kinds of value seen there.
  static Map<String, Set<String>> of(String json) {
    var result = new TreeMap<String, Set<String>>();
    collect("", parse(json), result);
    return result;
  }

  private static void collect(String path, Object value, Map<String, Set<String>> out) {
    out.computeIfAbsent(path, p -> new TreeSet<>())
        .add(
            switch (value) {
              case Map<?, ?> map -> "object";
              case List<?> list -> "array";
              case Double number -> "fraction";
              case Long number -> "integer";
              case Boolean flag -> "boolean";
              default -> "text";
            });
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, member) -> collect(path + "." + name, member, out));
    } else if (value instanceof List<?> list) {
      list.forEach(element -> collect(path + "[]", element, out));
    }
  }
}
