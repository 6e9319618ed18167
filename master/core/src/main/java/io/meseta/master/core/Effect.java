// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.meseta.master.core.view.Snapshot;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What must happen outside the master, in order.
public sealed interface Effect {

  /// Answers a call. `message` is empty for success, else plain text for the caller.
  record Reply(long requestId, int status, String message) implements Effect {}

  /// Hands one snapshot to all readers that waited for it.
  record Answer(List<Long> requestIds, Snapshot snapshot) implements Effect {}

  /// Answers [MasterEvent.Why]; empty when nobody knows the framework.
  record Explain(long requestId, Optional<List<Reason>> reasons) implements Effect {}

  /// Why one role has no offer of one agent, or which it has.
  ///
  /// @param offerId of the outstanding offer; else `why` says what stands in the way
  record Reason(
      String agentId,
      String hostname,
      String role,
      Optional<String> offerId,
      Optional<io.meseta.allocator.Why> why,
      boolean maintenance) {}

  record SendEvent(String streamId, Event event) implements Effect {}

  /// The first thing on an operator's stream: everything as it is now.
  record BeginWatching(String streamId, Snapshot snapshot) implements Effect {}

  record SendOperatorEvent(List<String> streamIds, io.meseta.wire.v1.master.Event event)
      implements Effect {}

  /// Ends a stream after what was sent to it.
  record CloseStream(String streamId) implements Effect {}

  /// Sends a libprocess message from our process `from`, such as `master`.
  record Send(String from, Upid to, Message message) implements Effect {}

  /// Keeps a connection to the agent; its end is a [MasterEvent.AgentExited].
  record Link(Upid agent) implements Effect {}

  /// Drops the connection to the agent with everything that has not arrived; there is no
  /// [MasterEvent.AgentExited]. The next message makes a new one.
  record Unlink(Upid agent) implements Effect {}

  /// Accepts messages for a further process of ours, or no longer.
  record OpenProcess(String id) implements Effect {}

  record CloseProcess(String id) implements Effect {}

  /// Writes records in one transaction; `puts` and `deletes` have no key in common. Answered by
  /// [MasterEvent.Persisted]; a failure means that somebody else leads.
  record Persist(long batch, Map<String, ByteString> puts, List<String> deletes)
      implements Effect {}

  record SetTimer(TimerKey key, Duration delay) implements Effect {}

  record CancelTimer(TimerKey key) implements Effect {}

  /// Ends this master, for the operator to look: going on would do harm.
  record Fail(String reason) implements Effect {}

  /// For the log.
  record Note(String text) implements Effect {}
}
