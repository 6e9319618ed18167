// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import io.meseta.allocator.AllocatorOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The flags that the core obeys; names as of the flags.
///
/// @param roles the only roles that frameworks may have; any when empty
/// @param allocatorAgentRecoveryFactor which part of the agents of the registry offers wait for
///   when there is quota, and `allocatorRecoveryTimeout` how long at most
/// @param weights at start; those in the registry come first
public record MasterConfig(
    Duration agentPingTimeout,
    int maxAgentPingTimeouts,
    Duration agentReregisterTimeout,
    Optional<Duration> removalInterval,
    Optional<Duration> offerTimeout,
    int maxCompletedFrameworks,
    int maxCompletedTasksPerFramework,
    int maxUnreachableTasksPerFramework,
    int maxOperatorEventStreamSubscribers,
    Set<String> roles,
    Map<String, Double> weights,
    boolean rootSubmissions,
    Duration registryGcInterval,
    Duration registryMaxAgentAge,
    int registryMaxAgentCount,
    double allocatorAgentRecoveryFactor,
    Duration allocatorRecoveryTimeout,
    AllocatorOptions allocator) {

  /// Schedulers hear from us at least this often.
  public static final Duration HEARTBEAT = Duration.ofSeconds(15);

  public MasterConfig {
    roles = new LinkedHashSet<>(roles);
    weights = new LinkedHashMap<>(weights);
  }

  /// The defaults of the flags.
  public static MasterConfig defaults() {
    return new MasterConfig(
        Duration.ofSeconds(15),
        5,
        Duration.ofMinutes(10),
        Optional.empty(),
        Optional.empty(),
        50,
        1000,
        1000,
        1000,
        Set.of(),
        Map.of(),
        true,
        Duration.ofMinutes(15),
        Duration.ofDays(14),
        102_400,
        0.8,
        Duration.ofMinutes(10),
        new AllocatorOptions(Duration.ofSeconds(1), List.of(), Set.of(), true));
  }

  /// With a least time between two agents that become unreachable.
  public MasterConfig withRemovalInterval(Duration interval) {
    return new MasterConfig(
        agentPingTimeout,
        maxAgentPingTimeouts,
        agentReregisterTimeout,
        Optional.of(interval),
        offerTimeout,
        maxCompletedFrameworks,
        maxCompletedTasksPerFramework,
        maxUnreachableTasksPerFramework,
        maxOperatorEventStreamSubscribers,
        roles,
        weights,
        rootSubmissions,
        registryGcInterval,
        registryMaxAgentAge,
        registryMaxAgentCount,
        allocatorAgentRecoveryFactor,
        allocatorRecoveryTimeout,
        allocator);
  }

  public MasterConfig withOfferTimeout(Duration timeout) {
    return new MasterConfig(
        agentPingTimeout,
        maxAgentPingTimeouts,
        agentReregisterTimeout,
        removalInterval,
        Optional.of(timeout),
        maxCompletedFrameworks,
        maxCompletedTasksPerFramework,
        maxUnreachableTasksPerFramework,
        maxOperatorEventStreamSubscribers,
        roles,
        weights,
        rootSubmissions,
        registryGcInterval,
        registryMaxAgentAge,
        registryMaxAgentCount,
        allocatorAgentRecoveryFactor,
        allocatorRecoveryTimeout,
        allocator);
  }

  /// With other limits of what is remembered.
  public MasterConfig withLimits(int frameworks, int completedTasks, int unreachableTasks) {
    return new MasterConfig(
        agentPingTimeout,
        maxAgentPingTimeouts,
        agentReregisterTimeout,
        removalInterval,
        offerTimeout,
        frameworks,
        completedTasks,
        unreachableTasks,
        maxOperatorEventStreamSubscribers,
        roles,
        weights,
        rootSubmissions,
        registryGcInterval,
        registryMaxAgentAge,
        registryMaxAgentCount,
        allocatorAgentRecoveryFactor,
        allocatorRecoveryTimeout,
        allocator);
  }
}
