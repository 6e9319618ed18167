// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import io.meseta.agent.core.checks.ProbeResult;

/// What timers are for. Equal keys are the same timer.
public sealed interface TimerKey {
  /// The next attempt to register.
  record Register() implements TimerKey {}

  /// No ping came for too long.
  record PingTimeout() implements TimerKey {}

  /// Recovered containers had time enough to answer.
  record RecoveryDone() implements TimerKey {}

  /// An update is not acknowledged yet.
  record RetryUpdate(String frameworkId, String taskId) implements TimerKey {}

  /// An operation's update is not acknowledged yet.
  record RetryOperation(String uuid) implements TimerKey {}

  /// The grace period of a kill is over.
  record KillEscalation(String containerId) implements TimerKey {}

  /// A custom executor has not registered, or not ended, in time.
  record ExecutorTimeout(String containerId) implements TimerKey {}

  /// A custom executor is to hear that the connection lives.
  record ExecutorHeartbeat(String containerId) implements TimerKey {}

  /// The task has run for as long as it may.
  record Deadline(String containerId) implements TimerKey {}

  /// The next check.
  record NextProbe(String containerId, ProbeResult.Kind kind) implements TimerKey {}

  /// Look how full the disk is.
  record DiskWatch() implements TimerKey {}

  /// The oldest path waiting for removal is due.
  record Collect() implements TimerKey {}
}
