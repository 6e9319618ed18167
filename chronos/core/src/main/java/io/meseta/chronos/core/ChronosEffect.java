// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import io.meseta.wire.v1.scheduler.Call;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/// What [ChronosCore] wants done outside, in order.
public sealed interface ChronosEffect {
  /// Answer a request.
  ///
  /// @param headers beside the content type
  record Reply(
      long request, int status, String contentType, byte[] body, Map<String, String> headers)
      implements ChronosEffect {
    public Reply(long request, int status, String contentType, byte[] body) {
      this(request, status, contentType, body, Map.of());
    }
  }

  /// Tell the operator something through the log.
  record Warn(String text) implements ChronosEffect {}

  /// Store and delete records in one go, then report [ChronosEvent.Persisted].
  record Persist(long batch, Map<String, byte[]> puts, Set<String> deletes)
      implements ChronosEffect {}

  /// Send a call to the master.
  record Send(Call call) implements ChronosEffect {}

  record SetTimer(String key, Duration delay) implements ChronosEffect {}

  record CancelTimer(String key) implements ChronosEffect {}

  /// Tell the owners of a job something; `kind` is removed, disabled or retries exhausted.
  record Notify(String job, String owner, String kind, String message) implements ChronosEffect {}
}
