// SPDX-License-Identifier: Apache-2.0

/// Launching: how long failing apps wait ([Delays]), why offers were not used ([Statistics]).
@NullMarked
package io.meseta.marathon.core.queue;

import org.jspecify.annotations.NullMarked;
