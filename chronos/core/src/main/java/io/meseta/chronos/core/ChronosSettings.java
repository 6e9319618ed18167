// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import java.time.Duration;

/// What flags decide.
///
/// @param cpus of a job that says nothing; also `mem` and `disk` in MB
/// @param failureRetry how long a retry waits
/// @param disableAfterFailures 0 for never
/// @param maxJobs more are refused
public record ChronosSettings(
    double cpus,
    double mem,
    double disk,
    String user,
    Duration failureRetry,
    long disableAfterFailures,
    Duration reconciliationInterval,
    Duration declineFor,
    int maxJobs) {
  JobJson.Defaults defaults() {
    return new JobJson.Defaults(cpus, mem, disk, user);
  }
}
