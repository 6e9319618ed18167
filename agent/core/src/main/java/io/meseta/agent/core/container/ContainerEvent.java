// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.container;

/// What the containerizer tells the agent. For every launch either [Started] then [Exited], or one
/// [Refused].
public sealed interface ContainerEvent {
  /// Of which container.
  String id();

  /// The command runs (or is about to be executed) as `pid`.
  record Started(String id, long pid) implements ContainerEvent {}

  /// The command never ran.
  record Refused(String id, Cause cause, String message) implements ContainerEvent {}

  /// No process of the container is left.
  record Exited(String id, ExitStatus status) implements ContainerEvent {}

  /// What stood in the way of a launch.
  enum Cause {
    /// A URI could not be fetched; the message names it.
    FETCH,
    /// The sandbox or the user is unusable.
    SANDBOX,
    /// The command could not be executed.
    EXECUTE,
    /// The container was destroyed while it was being prepared.
    DESTROYED
  }
}
