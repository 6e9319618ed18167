// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.http.Request;
import java.util.List;
import java.util.Optional;

/// The two content types of the v1 API.
final class Negotiation {
  static final String JSON = "application/json";
  static final String PROTOBUF = "application/x-protobuf";

  private Negotiation() {}

  /// What the `Accept` headers allow, JSON first. Several are one list.
  static Optional<String> accepted(Request request) {
    var all = String.join(",", request.headers().getOrDefault("accept", List.of()));
    return accepted(all.isBlank() ? "*/*" : all);
  }

  static Optional<String> accepted(String accept) {
    Optional<String> found = Optional.empty();
    for (var each : accept.split(",")) {
      var type = each.split(";")[0].strip();
      boolean refused = each.replace(" ", "").matches(".*;q=0(\\.0*)?$");
      if (refused) {
        continue;
      }
      if (type.equals("*/*") || type.equals("application/*") || type.equals(JSON)) {
        return Optional.of(JSON);
      }
      if (type.equals(PROTOBUF)) {
        found = Optional.of(PROTOBUF);
      }
    }
    return found;
  }
}
