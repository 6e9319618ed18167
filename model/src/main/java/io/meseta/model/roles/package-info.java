// SPDX-License-Identifier: Apache-2.0

/// Role names and their hierarchy.
@NullMarked
package io.meseta.model.roles;

import org.jspecify.annotations.NullMarked;
