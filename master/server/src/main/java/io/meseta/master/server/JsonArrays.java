// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.wire.json.JsonException;
import java.nio.charset.StandardCharsets;

/// Bodies that are an array where our reader takes a message.
final class JsonArrays {
  private JsonArrays() {}

  /// An object with `array` as its only field.
  ///
  /// @throws JsonException when the text is not one array, which could add fields of its own
  static byte[] wrap(String field, String array) throws JsonException {
    var text = array.strip();
    if (!text.startsWith("[") || end(text) != text.length()) {
      throw new JsonException(JsonException.Kind.SYNTAX, "expected a JSON array");
    }
    return ("{\"" + field + "\":" + text + "}").getBytes(StandardCharsets.UTF_8);
  }

  /// Where what begins the text ends.
  private static int end(String text) {
    int depth = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted) {
        i += c == '\\' ? 1 : 0;
        quoted = c != '"';
      } else if (c == '"') {
        quoted = true;
      } else if (c == '[' || c == '{') {
        depth++;
      } else if ((c == ']' || c == '}') && --depth == 0) {
        return i + 1;
      }
    }
    return text.length();
  }
}
