// SPDX-License-Identifier: Apache-2.0

/// Reservations and volumes: operations on the resources of one agent.
///
/// The master takes the result for granted when it sends the operation (the agent decides alike),
/// so that later operations of the same call may use it. The agent's answer is kept until it is
/// acknowledged, by the framework if it named the operation, else by the master:
///
/// ```
///   PENDING --agent's answer--> FINISHED, FAILED, DROPPED --acknowledged--> forgotten
///      |
///      '-- agent unreachable or gone: told, forgotten (comes back with the agent)
/// ```
@NullMarked
package io.meseta.master.core.operations;

import org.jspecify.annotations.NullMarked;
