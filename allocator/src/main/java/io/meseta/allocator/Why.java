// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Why a role of a framework has no offer of an agent.
///
/// @param detail for people
/// @param until when it may change by itself, if that is known
public record Why(Reason reason, String detail, @Nullable Instant until) {
  /// What stands in the way first.
  public enum Reason {
    /// The framework is not there, or does not want offers in the role.
    FRAMEWORK_INACTIVE,
    ROLE_SUPPRESSED,
    /// The agent is not offered to anybody.
    AGENT_DEACTIVATED,
    /// The framework lacks a capability for the agent, or the agent one for the role.
    CAPABILITY,
    /// The framework does not take the agent in this role.
    CONSTRAINT,
    /// Others hold everything.
    IN_USE,
    /// What is free is reserved to other roles.
    RESERVED_TO_OTHERS,
    /// Limits of the role, or promises to others.
    QUOTA,
    /// Less is free than the smallest offer.
    INSUFFICIENT,
    /// The framework declined it.
    REFUSED,
    /// Nothing: it comes with the next round.
    NEXT
  }

  static Why of(Reason reason, String detail) {
    return new Why(reason, detail, null);
  }
}
