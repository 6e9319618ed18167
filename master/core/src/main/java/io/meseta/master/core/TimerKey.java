// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

/// What a timer of the master is for.
public sealed interface TimerKey {
  record Heartbeat(String frameworkId) implements TimerKey {}

  record FailoverTimeout(String frameworkId) implements TimerKey {}

  record OfferTimeout(String offerId) implements TimerKey {}

  record AgentPing(String agentId) implements TimerKey {}

  record AgentReregistration(String agentId) implements TimerKey {}

  /// All agents known from the registry should be back by now.
  record RecoveryTimeout() implements TimerKey {}

  /// The next agent may become unreachable.
  record Removal() implements TimerKey {}

  /// Operators' streams hear from us.
  record OperatorHeartbeat() implements TimerKey {}

  record Allocation() implements TimerKey {}

  record RegistryGc() implements TimerKey {}

  /// Offers wait no longer for agents after a failover.
  record AllocatorRecovery() implements TimerKey {}
}
