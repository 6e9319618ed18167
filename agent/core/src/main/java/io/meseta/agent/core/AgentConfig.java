// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentInfo;
import java.time.Duration;
import java.util.SortedMap;

/// What the agent is told at its start.
///
/// @param self address of the agent's process
/// @param info what the agent offers, without an id
/// @param workDir absolute path
/// @param ip what tasks report as their address
/// @param executorEnvironment given to every task before the agent's own variables
/// @param cleanup kill what is recovered and end, in place of going on (`--recover=cleanup`)
/// @param switchUser whether tasks run as their own user
public record AgentConfig(
    Upid self,
    AgentInfo info,
    String version,
    String workDir,
    String ip,
    SortedMap<String, String> executorEnvironment,
    boolean switchUser,
    boolean cleanup,
    Duration registrationBackoffFactor,
    Duration executorRegistrationTimeout,
    Duration executorShutdownGracePeriod,
    Duration executorReregistrationTimeout,
    Duration recoveryTimeout,
    Duration gcDelay,
    double gcDiskHeadroom,
    Duration diskWatchInterval,
    int maxCompletedExecutorsPerFramework) {

  /// How many frameworks that are gone are remembered, as in the original.
  public static final int MAX_COMPLETED_FRAMEWORKS = 50;

  /// How many tasks that are done are remembered of an executor, as in the original.
  public static final int MAX_COMPLETED_TASKS_PER_EXECUTOR = 200;

  /// What a command task gets on top of its resources, for the executor that the original ran
  /// beside it.
  public static final double OVERHEAD_CPUS = 0.1;

  /// Megabytes, see [#OVERHEAD_CPUS].
  public static final long OVERHEAD_MEM_MB = 32;
}
