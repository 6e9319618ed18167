// SPDX-License-Identifier: Apache-2.0

/// Agents: registration, re-registration, health, disconnection and removal.
///
/// ```
///   (registry) recovered --re-register--> registered <--re-register-- unreachable
///                  |                        |    ^                        ^
///                  |                        |    '---- connected again    |
///                  '------- timeout --------+---- no pong / not back -----'
///                                           '---- gone, unregistered: removed for ever
/// ```
@NullMarked
package io.meseta.master.core.agents;

import org.jspecify.annotations.NullMarked;
