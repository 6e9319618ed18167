// SPDX-License-Identifier: Apache-2.0

/// Who is offered what: a pure library that the master calls inside its own loop.
///
/// The master reports what changed ([Allocator#recover], [Allocator#addAgent], [Allocator#revive],
/// ...) and once per batch asks [Allocator#allocate] for new allocations. Only pairs of agent and
/// framework that may have a different answer than last time are looked at: an agent whose free
/// resources changed is shown to all frameworks, in the order of their dominant shares; a framework
/// that revived, or whose refusal expired, is shown the agents concerned and nobody else.
///
/// Shares (dominant resource fairness) are kept in [RoleTree], level by level of the role
/// hierarchy.
@NullMarked
package io.meseta.allocator;

import org.jspecify.annotations.NullMarked;
