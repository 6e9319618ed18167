// SPDX-License-Identifier: Apache-2.0

/// Executors, their tasks, and what happens to them: run, kill, exit.
@NullMarked
package io.meseta.agent.core.executors;

import org.jspecify.annotations.NullMarked;
