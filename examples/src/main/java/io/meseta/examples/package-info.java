// SPDX-License-Identifier: Apache-2.0

/// Small frameworks to start from.
@NullMarked
package io.meseta.examples;

import org.jspecify.annotations.NullMarked;
