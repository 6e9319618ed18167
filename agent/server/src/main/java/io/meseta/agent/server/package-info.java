// SPDX-License-Identifier: Apache-2.0

/// The agent as a program: flags, HTTP, libprocess, disk and processes around
/// [io.meseta.agent.core.AgentCore].
///
/// ```
/// libprocess, HTTP, detector, containerizer --AgentEvent--> Loop(AgentCore) --Effect--> Effects: send, launch, write, remove
/// ```
@NullMarked
package io.meseta.agent.server;

import org.jspecify.annotations.NullMarked;
