// SPDX-License-Identifier: Apache-2.0

/// What survives the master: which agents it admitted, lost and banned.
///
/// Operations are written in order, one batch under way at a time; what follows from an operation
/// happens when its batch is reported durable, never before.
@NullMarked
package io.meseta.master.core.registry;

import org.jspecify.annotations.NullMarked;
