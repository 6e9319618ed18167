// SPDX-License-Identifier: Apache-2.0

/// The port through which the agent runs containers: what it asks ([ContainerSpec]) and what it is
/// told ([ContainerEvent]). The containerizer carries it out with real processes; the simulation
/// with none.
@NullMarked
package io.meseta.agent.core.container;

import org.jspecify.annotations.NullMarked;
