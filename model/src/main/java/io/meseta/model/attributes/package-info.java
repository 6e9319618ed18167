// SPDX-License-Identifier: Apache-2.0

/// Attributes of agents.
@NullMarked
package io.meseta.model.attributes;

import org.jspecify.annotations.NullMarked;
