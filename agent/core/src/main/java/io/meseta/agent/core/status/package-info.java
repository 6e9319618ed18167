// SPDX-License-Identifier: Apache-2.0

/// Status updates that are owed to schedulers: one in flight per task, retried until acknowledged.
@NullMarked
package io.meseta.agent.core.status;

import org.jspecify.annotations.NullMarked;
