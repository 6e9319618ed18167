// SPDX-License-Identifier: Apache-2.0

/// One way for data to flow through every server.
///
/// ```
/// edge -> Inbox (bounded) -> Loop (one thread, batches) -> core.on(event, now) -> effects -> edges
///                              ^                                                     |
///                              '------ answers come back as events ------------------'
/// ```
///
/// A [Core] owns all state of a server and is a function of the events it is given: it has no
/// clock, no randomness, no thread and no IO. The [Loop] feeds it in production; the simulation
/// feeds the same core in virtual time.
@NullMarked
package io.meseta.loop;

import org.jspecify.annotations.NullMarked;
