// SPDX-License-Identifier: Apache-2.0

/// Reservations and volumes applied to the agent's own resources.
@NullMarked
package io.meseta.agent.core.operations;

import org.jspecify.annotations.NullMarked;
