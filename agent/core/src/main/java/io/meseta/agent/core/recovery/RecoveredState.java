// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.recovery;

import io.meseta.wire.internal.ResourceState;
import io.meseta.wire.internal.StatusUpdateRecord;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import java.util.List;
import java.util.Optional;

/// What was read from the disk at the start.
///
/// @param info of the agent that was here before, with its id; empty for a new agent
/// @param rebooted whether the host was restarted since
/// @param resources dynamic reservations and volumes, and operations whose answers are owed
/// @param oldAgents folders of agents that are not this one, to be removed
/// @param errors how many files could not be read
public record RecoveredState(
    Optional<AgentInfo> info,
    boolean rebooted,
    ResourceState resources,
    Optional<DrainConfig> drain,
    List<Framework> frameworks,
    List<String> oldAgents,
    int errors) {

  /// Nothing was there.
  public static RecoveredState none() {
    return new RecoveredState(
        Optional.empty(),
        false,
        ResourceState.getDefaultInstance(),
        Optional.empty(),
        List.of(),
        List.of(),
        0);
  }

  /// A framework that checkpoints.
  ///
  /// @param pid the scheduler's address; "" for one that speaks HTTP
  public record Framework(FrameworkInfo info, String pid, List<Run> runs) {}

  /// The latest run of an executor.
  ///
  /// @param over whether nothing is owed for it any more
  public record Run(
      ExecutorInfo executor, String containerId, List<TaskState> tasks, boolean over) {}

  /// A task and all that was said about it.
  ///
  /// @param containerId the container that it runs in
  public record TaskState(
      Task task, TaskInfo info, String containerId, List<StatusUpdateRecord> records) {}
}
