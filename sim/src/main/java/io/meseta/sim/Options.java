// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

/// What to simulate.
///
/// @param plant a fault of our own making that the invariants must find
public record Options(
    long seed, int masters, int agents, int schedulers, Plant plant, boolean trace) {

  /// Bugs that can be put into the cluster, to prove that they would be found.
  public enum Plant {
    NONE,
    /// The registry takes writes from whoever led once.
    STORE_WITHOUT_FENCE,
    /// A write of a checkpoint counts as done although it is lost in a crash.
    FORGETFUL_DISK,
    /// The master sends a task to its agent a second time, later.
    LAUNCH_TWICE,
    /// The agent never says that a task has ended.
    LOST_TERMINAL_UPDATE,
    /// The agent says what comes next although nobody acknowledged the update before.
    ACKNOWLEDGED_BY_NOBODY,
    /// An agent that re-registers leaves out one of its tasks.
    TASK_LEFT_OUT,
    /// The master loses a message that names a wish to kill.
    KILLS_FORGOTTEN,
    /// An agent that re-registers brings an executor that is over.
    DEAD_EXECUTOR,
    /// The agent says that it has unreserved, and does nothing.
    OPERATION_NOT_DONE,
    /// The agent never says what became of an operation.
    OPERATION_ANSWER_LOST,
    /// A host knows nothing of its reservations after a restart of the agent.
    RESERVATIONS_FORGOTTEN
  }

  public static Options of(long seed) {
    return new Options(seed, 3, 4, 3, Plant.NONE, false);
  }

  public Options with(Plant other) {
    return new Options(seed, masters, agents, schedulers, other, trace);
  }

  public Options tracing(boolean on) {
    return new Options(seed, masters, agents, schedulers, plant, on);
  }
}
