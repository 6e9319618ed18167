// SPDX-License-Identifier: Apache-2.0

/// The `meseta` program: one command for each server, and the whole cluster in one process.
@NullMarked
package io.meseta.dist;

import org.jspecify.annotations.NullMarked;
