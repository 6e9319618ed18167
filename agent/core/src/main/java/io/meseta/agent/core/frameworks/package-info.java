// SPDX-License-Identifier: Apache-2.0

/// The frameworks that have something on this agent, and those that had.
@NullMarked
package io.meseta.agent.core.frameworks;

import org.jspecify.annotations.NullMarked;
