// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import com.google.protobuf.Message;
import io.meseta.agent.core.checks.Probe;
import io.meseta.agent.core.checks.ProbeResult;
import io.meseta.agent.core.container.ContainerSpec;
import io.meseta.agent.core.container.Signal;
import io.meseta.agent.core.recovery.Write;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.executor.Event;
import java.time.Duration;
import java.util.List;

/// What must happen outside the core. Carried out in order.
public sealed interface Effect {
  /// Sends a message; it may be lost.
  record Send(Upid to, Message message) implements Effect {}

  /// Watches the connection to a peer.
  record Link(Upid peer) implements Effect {}

  /// Stops watching it.
  record Unlink(Upid peer) implements Effect {}

  /// Writes to the disk in order; answered by [AgentEvent.Persisted].
  record Persist(long token, List<Write> writes) implements Effect {}

  /// Answers a call of an executor; 200 opens its stream.
  record AnswerExecutor(long token, int status, String text) implements Effect {}

  /// Sends an event on an executor's stream.
  record SendExecutor(long stream, Event event) implements Effect {}

  /// Ends an executor's stream.
  record CloseExecutor(long stream) implements Effect {}

  /// Starts a container; answered by [AgentEvent.FromContainer].
  ///
  /// @param latest a link to keep pointing at the newest sandbox; "" for none
  record Launch(ContainerSpec spec, String latest) implements Effect {}

  /// Sends a signal to all processes of a container.
  record SignalContainer(String containerId, Signal signal) implements Effect {}

  /// The container's end is recorded: what is kept of it for recovery can go.
  record ForgetContainer(String containerId) implements Effect {}

  /// Sets or replaces a timer.
  record SetTimer(TimerKey key, Duration delay) implements Effect {}

  /// Forgets a timer.
  record CancelTimer(TimerKey key) implements Effect {}

  /// Runs one check of a container; answered by [AgentEvent.Probed].
  record RunProbe(String containerId, ProbeResult.Kind kind, Probe probe) implements Effect {}

  /// Asks how full the disk is; answered by [AgentEvent.DiskMeasured].
  record MeasureDisk() implements Effect {}

  /// Removes a path and all below it; answered by [AgentEvent.PathRemoved].
  record RemovePath(String path) implements Effect {}

  /// Answers a reader.
  record Answer(long token, AgentSnapshot snapshot) implements Effect {}

  /// Tells the operator.
  record Note(String text) implements Effect {}

  /// Ends the agent. Writes asked for before are done first.
  ///
  /// @param code 0 when all is well
  record Exit(int code, String why) implements Effect {}
}
