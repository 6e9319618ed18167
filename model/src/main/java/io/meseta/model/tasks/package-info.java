// SPDX-License-Identifier: Apache-2.0

/// Task states and their rules.
@NullMarked
package io.meseta.model.tasks;

import org.jspecify.annotations.NullMarked;
