// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.health;

import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// What one check has found out about one instance.
public record CheckState(
    int consecutiveFailures,
    @Nullable Instant firstSuccess,
    @Nullable Instant lastSuccess,
    @Nullable Instant lastFailure,
    @Nullable String lastFailureCause) {
  static final CheckState UNKNOWN = new CheckState(0, null, null, null, null);

  CheckState succeeded(Instant now) {
    return new CheckState(
        0, firstSuccess == null ? now : firstSuccess, now, lastFailure, lastFailureCause);
  }

  CheckState failed(String cause, Instant now) {
    return new CheckState(consecutiveFailures + 1, firstSuccess, lastSuccess, now, cause);
  }

  /// Whether the last success is newer than the last failure.
  public boolean alive() {
    return lastSuccess != null && (lastFailure == null || lastSuccess.isAfter(lastFailure));
  }

  /// Whether there was any result.
  public boolean known() {
    return lastSuccess != null || lastFailure != null;
  }

  /// As clients see it.
  public ObjectNode json(String instanceId) {
    var json = Docs.object();
    json.put("alive", alive());
    json.put("consecutiveFailures", consecutiveFailures);
    put(json, "firstSuccess", firstSuccess);
    json.put("instanceId", instanceId);
    put(json, "lastSuccess", lastSuccess);
    put(json, "lastFailure", lastFailure);
    if (lastFailureCause != null) {
      json.put("lastFailureCause", lastFailureCause);
    }
    return json;
  }

  private static void put(ObjectNode json, String name, @Nullable Instant time) {
    if (time != null) {
      json.put(name, Docs.time(time));
    }
  }
}
