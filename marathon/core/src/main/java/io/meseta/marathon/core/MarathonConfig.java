// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import io.meseta.marathon.core.apps.Settings;
import io.meseta.marathon.core.matching.Matcher;
import io.meseta.wire.v1.FrameworkInfo;
import java.time.Duration;

/// The configuration of the core.
///
/// @param framework what to subscribe as; roles are added by the core
/// @param declineFor how long unused resources are not offered again
/// @param launchTimeout until a staging task counts as stuck
/// @param launchConfirmTimeout until a launch nobody heard of counts as lost
public record MarathonConfig(
    Settings settings,
    FrameworkInfo framework,
    Matcher.Options matching,
    int maxVersions,
    boolean newGroupsEnforceRole,
    int maxRunningDeployments,
    int launchTokens,
    Duration launchTokenRefresh,
    int maxInstancesPerOffer,
    Duration declineFor,
    Duration minReviveInterval,
    boolean suppressOffers,
    Duration launchTimeout,
    Duration launchConfirmTimeout,
    Duration reconciliationInitialDelay,
    Duration reconciliationInterval,
    Duration scaleInitialDelay,
    Duration scaleInterval,
    Duration killRetry) {

  /// What Marathon has without flags.
  public static MarathonConfig defaults(FrameworkInfo framework) {
    return new MarathonConfig(
        Settings.defaults(),
        framework,
        new Matcher.Options("", "mesos-bridge", true, Duration.ZERO),
        50,
        false,
        100,
        100,
        Duration.ofSeconds(30),
        5,
        Duration.ofSeconds(120),
        Duration.ofSeconds(5),
        true,
        Duration.ofMinutes(5),
        Duration.ofMinutes(5),
        Duration.ofSeconds(15),
        Duration.ofMinutes(10),
        Duration.ofSeconds(15),
        Duration.ofMinutes(5),
        Duration.ofSeconds(30));
  }
}
