// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.view;

import io.meseta.agent.core.Agent;
import io.meseta.model.resources.Resources;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Operation;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// The whole agent at one moment, immutable, for readers on other threads.
///
/// @param info with its id once registered
/// @param total resources with all operations applied
/// @param allocated to executors that are not over, with their tasks
/// @param counts of everything that `/metrics/snapshot` counts
/// @param gcPending folders waiting for their removal
public record AgentSnapshot(
    Agent.Phase phase,
    AgentInfo info,
    Upid self,
    Instant started,
    Optional<MasterInfo> master,
    Optional<DrainConfig> drain,
    Optional<Instant> drainStarted,
    Resources total,
    Resources allocated,
    List<Framework> frameworks,
    List<Framework> completedFrameworks,
    List<Operation> operations,
    Map<String, Long> counts,
    int gcPending,
    Duration gcMaxAge) {

  /// A framework with its executors.
  public record Framework(
      FrameworkInfo info,
      String pid,
      List<Executor> executors,
      List<Executor> completedExecutors) {}

  /// An executor with its tasks.
  ///
  /// @param queued asked for, not started yet
  /// @param launched started, not over
  /// @param terminated over, not acknowledged
  /// @param completed acknowledged
  public record Executor(
      ExecutorInfo info,
      boolean command,
      boolean over,
      String containerId,
      String sandbox,
      List<Container> containers,
      List<TaskInfo> queued,
      List<Task> launched,
      List<Task> terminated,
      List<Task> completed) {

    /// All of them as tasks.
    public Stream<Task> tasks() {
      return Stream.of(launched, terminated, completed).flatMap(List::stream);
    }
  }

  /// A container that runs a task.
  public record Container(String id, String taskId, long pid, String sandbox) {}

  /// All executors that are not completed.
  public Stream<Executor> executors() {
    return frameworks.stream().flatMap(framework -> framework.executors().stream());
  }
}
