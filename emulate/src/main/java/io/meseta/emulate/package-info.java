// SPDX-License-Identifier: Apache-2.0

/// Agents that run nothing: they speak the protocol of a real agent, take tasks and report what
/// became of them, thousands in one process. They show how large a cluster a master bears.
///
/// ```
/// network or sockets --message--> Fleet (one thread, timers) --> EmulatedAgent --> EmulatedTask
///        ^                                                            |
///        '-------------------------- Wire <---------------------------'
/// ```
@NullMarked
package io.meseta.emulate;

import org.jspecify.annotations.NullMarked;
