// SPDX-License-Identifier: Apache-2.0

/// What operations of offers do to resources.
@NullMarked
package io.meseta.model.operations;

import org.jspecify.annotations.NullMarked;
