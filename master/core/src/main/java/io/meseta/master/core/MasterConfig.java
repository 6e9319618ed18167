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
/// @param recoveryAgentRemovalLimit which part of the registry's agents may be missing, from 0 to
///   1, before a new leader gives up rather than declares them unreachable
/// @param offerConstraintsMaxProgramSize how large regular expressions may be once compiled
/// @param weights while the registry has none
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
    double recoveryAgentRemovalLimit,
    boolean requireAgentDomain,
    int offerConstraintsMaxProgramSize,
    AllocatorOptions allocator) {

  /// Schedulers hear from us at least this often.
  public static final Duration HEARTBEAT = Duration.ofSeconds(15);

  public MasterConfig {
    roles = new LinkedHashSet<>(roles);
    weights = new LinkedHashMap<>(weights);
  }

  /// The defaults of the flags.
  public static MasterConfig defaults() {
    return new Builder().build();
  }

  /// The defaults of the flags, to be changed before [#build].
  public static final class Builder {
    public Duration agentPingTimeout = Duration.ofSeconds(15);
    public int maxAgentPingTimeouts = 5;
    public Duration agentReregisterTimeout = Duration.ofMinutes(10);
    public Optional<Duration> removalInterval = Optional.empty();
    public Optional<Duration> offerTimeout = Optional.empty();
    public int maxCompletedFrameworks = 50;
    public int maxCompletedTasksPerFramework = 1000;
    public int maxUnreachableTasksPerFramework = 1000;
    public int maxOperatorEventStreamSubscribers = 1000;
    public Set<String> roles = Set.of();
    public Map<String, Double> weights = Map.of();
    public Duration registryGcInterval = Duration.ofMinutes(15);
    public Duration registryMaxAgentAge = Duration.ofDays(14);
    public int registryMaxAgentCount = 102_400;
    public double recoveryAgentRemovalLimit = 1;
    public boolean requireAgentDomain;
    public int offerConstraintsMaxProgramSize = 100;
    public AllocatorOptions allocator =
        new AllocatorOptions(Duration.ofSeconds(1), List.of(), Set.of(), true);

    public MasterConfig build() {
      return new MasterConfig(
          agentPingTimeout,
          maxAgentPingTimeouts,
          agentReregisterTimeout,
          removalInterval,
          offerTimeout,
          maxCompletedFrameworks,
          maxCompletedTasksPerFramework,
          maxUnreachableTasksPerFramework,
          maxOperatorEventStreamSubscribers,
          roles,
          weights,
          true,
          registryGcInterval,
          registryMaxAgentAge,
          registryMaxAgentCount,
          0.8,
          Duration.ofMinutes(10),
          recoveryAgentRemovalLimit,
          requireAgentDomain,
          offerConstraintsMaxProgramSize,
          allocator);
    }
  }
}
