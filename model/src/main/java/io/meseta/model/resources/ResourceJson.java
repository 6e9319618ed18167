// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import io.meseta.model.Invalid;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.Request;
import io.meseta.wire.v1.Resource;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// JSON arrays of resources, as flags and operator endpoints take them.
public final class ResourceJson {
  private ResourceJson() {}

  public static List<Resource> parse(String text) throws Invalid {
    // Any message with a repeated Resource will do to read an array of them.
    var holder = Request.newBuilder();
    try {
      Json.parse(("{\"resources\":" + text + "}").getBytes(StandardCharsets.UTF_8), holder);
    } catch (JsonException e) {
      throw new Invalid("Some JSON resources were not formatted properly: " + e.getMessage());
    }
    return holder.getResourcesList();
  }
}
