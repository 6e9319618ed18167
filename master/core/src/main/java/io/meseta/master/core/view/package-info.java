// SPDX-License-Identifier: Apache-2.0

/// Immutable views of the master's state, built on the loop and rendered elsewhere.
@NullMarked
package io.meseta.master.core.view;

import org.jspecify.annotations.NullMarked;
