// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.json.Docs;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// An answer to a request. The body is made of immutable values when it is asked for, so a long
/// list costs the core only the picking of its elements.
public record Answer(
    int status, Map<String, String> headers, @Nullable Supplier<? extends JsonNode> body) {

  public static Answer of(int status, JsonNode body) {
    return new Answer(status, Map.of(), () -> body);
  }

  /// 200 with a body made later.
  public static Answer later(Supplier<? extends JsonNode> body) {
    return new Answer(200, Map.of(), body);
  }

  public static Answer empty(int status) {
    return new Answer(status, Map.of(), null);
  }

  public static Answer message(int status, String message) {
    var document = Docs.object();
    document.put("message", message);
    return of(status, document);
  }
}
