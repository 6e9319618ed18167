// SPDX-License-Identifier: Apache-2.0

/// Whether running instances are well: probes asked for as effects, answers counted per check.
@NullMarked
package io.meseta.marathon.core.health;

import org.jspecify.annotations.NullMarked;
