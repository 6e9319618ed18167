// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import java.util.SequencedMap;
import tools.jackson.databind.node.ObjectNode;

/// What must happen outside the core.
public sealed interface Effect {
  /// Answers a request.
  record Reply(long token, Answer answer) implements Effect {}

  /// Stores records, all or nothing; answered by [MarathonEvent.Persisted]. Persists are carried
  /// out in order.
  record Persist(long id, SequencedMap<String, byte[]> puts, List<String> deletes)
      implements Effect {}

  /// Begins to talk to the master as this framework; once, after [MarathonEvent.Loaded].
  record Subscribe(FrameworkInfo info) implements Effect {}

  /// Sends a call to the master.
  record Send(Call call) implements Effect {}

  /// Tells the event stream's clients.
  record Publish(String type, ObjectNode data) implements Effect {}

  /// Asks a task for its health or readiness; answered by [MarathonEvent.Probed].
  ///
  /// @param protocol HTTP, HTTPS (any certificate) or TCP
  record Probe(ProbeKey key, String protocol, String host, int port, String path, Duration timeout)
      implements Effect {}

  /// Sets or replaces a timer.
  record SetTimer(Object key, Duration delay, MarathonEvent event) implements Effect {}

  /// Forgets a timer.
  record CancelTimer(Object key) implements Effect {}

  /// Ends the process.
  record Exit(int code, String reason) implements Effect {}

  /// What a probe is for.
  ///
  /// @param check index of the app's health check, -1 for its readiness check
  record ProbeKey(String instanceId, int attempt, int check) {}
}
