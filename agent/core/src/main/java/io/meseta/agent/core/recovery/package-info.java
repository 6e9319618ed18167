// SPDX-License-Identifier: Apache-2.0

/// What is on the agent's disk, where it lies, and what it means after a restart.
@NullMarked
package io.meseta.agent.core.recovery;

import org.jspecify.annotations.NullMarked;
