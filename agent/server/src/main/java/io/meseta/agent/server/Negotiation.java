// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import java.util.Optional;

/// The two content types of the v1 API.
final class Negotiation {
  static final String JSON = "application/json";
  static final String PROTOBUF = "application/x-protobuf";

  private Negotiation() {}

  /// What an `Accept` header allows, JSON first.
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
