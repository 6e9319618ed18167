// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import com.google.protobuf.Message;
import io.meseta.agent.core.checks.ProbeResult;
import io.meseta.agent.core.container.ContainerEvent;
import io.meseta.agent.core.recovery.RecoveredState;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.executor.Call;
import java.util.Optional;

/// All that can happen to an agent.
public sealed interface AgentEvent {
  /// The first event: what the last agent left on the disk. Containers of it then answer as after a
  /// launch.
  record Recovered(RecoveredState state) implements AgentEvent {}

  /// The detector's news: who leads now, if anybody.
  record MasterDetected(Optional<MasterInfo> master) implements AgentEvent {}

  /// The connection to a peer that was linked is broken.
  record Exited(Upid peer) implements AgentEvent {}

  /// A message of the internal protocol.
  record FromPeer(Upid from, Message message) implements AgentEvent {}

  /// News of a container.
  record FromContainer(ContainerEvent event) implements AgentEvent {}

  /// A call of a custom executor; answered by [Effect.AnswerExecutor] with the same token.
  record FromExecutor(long token, Call call) implements AgentEvent {}

  /// The stream of a custom executor has ended.
  record ExecutorGone(long stream) implements AgentEvent {}

  /// Everything up to and including the [Effect.Persist] with this token is written.
  record Persisted(long token) implements AgentEvent {}

  /// A timer that was set is due.
  record TimerFired(TimerKey key) implements AgentEvent {}

  /// A check that was asked for is done.
  record Probed(String containerId, ProbeResult.Kind kind, ProbeResult result)
      implements AgentEvent {}

  /// How full the disk of the work directory is, from 0 to 1.
  record DiskMeasured(double used) implements AgentEvent {}

  /// A path that was to be removed is gone, or could not be removed.
  record PathRemoved(String path, boolean removed) implements AgentEvent {}

  /// The operator wants the agent to unregister, to kill all its tasks and to end.
  record Stop(String why) implements AgentEvent {}

  /// A reader wants a snapshot; answered by [Effect.Answer] with the same token.
  record Query(long token) implements AgentEvent {}
}
