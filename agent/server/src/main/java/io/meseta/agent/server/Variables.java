// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.wire.json.JsonErrors;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// A JSON object whose values are all texts.
final class Variables {
  private static final String EXPECTED =
      "--executor_environment_variables (expected: a JSON object of strings, such as {\"PATH\":\"/bin\"})";

  private Variables() {}

  /// @throws IllegalArgumentException for anything else
  static Map<String, String> parse(String json) {
    var result = new TreeMap<String, String>();
    try (JsonParser in = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException(EXPECTED);
      }
      while (in.nextToken() == JsonToken.PROPERTY_NAME) {
        var name = in.currentName();
        if (in.nextToken() != JsonToken.VALUE_STRING) {
          throw new IllegalArgumentException(EXPECTED + ": '" + name + "' is no string");
        }
        result.put(name, in.getString());
      }
      return result;
    } catch (JacksonException e) {
      throw new IllegalArgumentException(EXPECTED + ": " + JsonErrors.plain(e));
    }
  }
}
