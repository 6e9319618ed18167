// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.wire.v1.scheduler.Event;
import java.util.SortedMap;

/// What the core is told.
public sealed interface MarathonEvent {
  /// This Marathon leads; what was stored. The first event.
  record Loaded(SortedMap<String, byte[]> records) implements MarathonEvent {}

  /// A client's request; answered by a [Effect.Reply] with the same token.
  record Api(long token, ApiCall call) implements MarathonEvent {}

  /// An event of the master's stream.
  record Mesos(Event event) implements MarathonEvent {}

  /// The master is gone for now.
  record Disconnected(String reason) implements MarathonEvent {}

  /// A [Effect.Persist] was done.
  record Persisted(long id) implements MarathonEvent {}

  /// The answer to a [Effect.Probe].
  ///
  /// @param connected whether the task answered (HTTP) or let itself be connected to (TCP)
  /// @param status of HTTP, else 0
  /// @param cause why not connected
  /// @param body the beginning of the answer
  record Probed(
      Effect.ProbeKey key,
      boolean connected,
      int status,
      String cause,
      String contentType,
      String body)
      implements MarathonEvent {}

  /// Time for a health or readiness check.
  record ProbeDue(Effect.ProbeKey key) implements MarathonEvent {}

  /// Time to look after what takes long: every few seconds.
  record Housekeeping() implements MarathonEvent {}

  /// Time to look at all apps again.
  record ScaleCheck() implements MarathonEvent {}

  /// Time to ask the master for the state of all tasks.
  record Reconcile() implements MarathonEvent {}

  /// Offers are wanted again, some time after the last request for them.
  record ReviveDue() implements MarathonEvent {}

  /// Launch tokens are handed out again.
  record TokensDue() implements MarathonEvent {}
}
