// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.allocator.AllocatorOptions;
import io.meseta.flags.Durations;
import io.meseta.flags.Texts;
import io.meseta.http.Firewall;
import io.meseta.master.core.MasterConfig;
import io.meseta.model.Invalid;
import io.meseta.model.attributes.DomainText;
import io.meseta.model.resources.Quantities;
import io.meseta.model.roles.Roles;
import io.meseta.wire.v1.DomainInfo;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What the core is told of the flags.
final class CoreConfig {
  private CoreConfig() {}

  /// @throws IllegalArgumentException naming the flag that cannot be used
  static MasterConfig of(MasterFlags flags) {
    return new MasterConfig(
        flags.agentPingTimeout(),
        flags.maxAgentPingTimeouts(),
        flags.agentReregisterTimeout(),
        flags.agentRemovalRateLimit().map(CoreConfig::interval),
        flags.offerTimeout(),
        flags.maxCompletedFrameworks(),
        flags.maxCompletedTasksPerFramework(),
        flags.maxUnreachableTasksPerFramework(),
        flags.maxOperatorEventStreamSubscribers(),
        new LinkedHashSet<>(flags.roles().orElse(List.of())),
        weights(flags.weights().orElse(List.of()), flags.roles()),
        flags.rootSubmissions(),
        flags.registryGcInterval(),
        flags.registryMaxAgentAge(),
        flags.registryMaxAgentCount(),
        flags.allocatorAgentRecoveryFactor(),
        flags.allocatorRecoveryTimeout(),
        part(flags.recoveryAgentRemovalLimit()),
        flags.requireAgentDomain(),
        flags.offerConstraintsRe2MaxProgramSize(),
        new AllocatorOptions(
            flags.allocationInterval(),
            minAllocatable(flags.minAllocatableResources()),
            new LinkedHashSet<>(flags.fairSharingExcludedResourceNames()),
            flags.filterGpuResources(),
            AllocatorOptions.Sorter.valueOf(flags.roleSorter().toUpperCase(Locale.ROOT)),
            AllocatorOptions.Sorter.valueOf(flags.frameworkSorter().toUpperCase(Locale.ROOT))));
  }

  static List<Quantities> minAllocatable(String text) {
    try {
      return AllocatorOptions.parseMinAllocatable(text);
    } catch (Invalid e) {
      throw new IllegalArgumentException(
          "--min_allocatable_resources=" + text + ": " + e.reason(), e);
    }
  }

  /// The time between two removals, out of `1/10mins`.
  static Duration interval(String limit) {
    int slash = limit.indexOf('/');
    try {
      int permits = slash < 0 ? 0 : Integer.parseInt(limit.substring(0, slash).strip());
      var interval = Durations.parse(limit.substring(slash + 1).strip());
      if (permits > 0 && !interval.isNegative() && !interval.isZero()) {
        return interval.dividedBy(permits);
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "--agent_removal_rate_limit=" + limit + ": expected <agents>/<duration>, such as 1/10mins");
  }

  /// `25%` as 0.25.
  static double part(String limit) {
    try {
      var text = limit.strip();
      double part =
          text.endsWith("%") ? Double.parseDouble(text.substring(0, text.length() - 1)) / 100 : -1;
      if (part >= 0 && part <= 1) {
        return part;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "--recovery_agent_removal_limit=" + limit + ": expected 0% to 100%");
  }

  static DomainInfo domain(String text) {
    try {
      return DomainText.parse(Texts.json("domain", text));
    } catch (Invalid e) {
      throw new IllegalArgumentException("--domain: " + e.reason(), e);
    }
  }

  static Firewall firewall(String text) {
    var json = Texts.json("firewall_rules", text);
    try {
      return Firewall.parse(json);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--firewall_rules: " + e.getMessage(), e);
    }
  }

  /// @param roles the only ones there may be; the default role always may
  static Map<String, Double> weights(List<String> texts, Optional<List<String>> roles) {
    var result = new LinkedHashMap<String, Double>();
    for (var text : texts) {
      int equals = text.indexOf('=');
      double weight = -1;
      try {
        weight = equals < 0 ? -1 : Double.parseDouble(text.substring(equals + 1));
      } catch (NumberFormatException e) {
        weight = -1;
      }
      if (equals <= 0
          || !(weight > 0)
          || Double.isInfinite(weight)
          || Roles.problem(text.substring(0, equals)).isPresent()) {
        throw new IllegalArgumentException(
            "--weights: '" + text + "' (expected: role=weight, the weight positive)");
      }
      var role = text.substring(0, equals);
      if (!role.equals(Roles.ANY) && roles.isPresent() && !roles.get().contains(role)) {
        throw new IllegalArgumentException(
            "--weights: '" + text + "' (expected: a role of --roles)");
      }
      result.put(role, weight);
    }
    return result;
  }
}
