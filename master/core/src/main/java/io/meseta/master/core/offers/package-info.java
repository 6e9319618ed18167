// SPDX-License-Identifier: Apache-2.0

/// Offers, and the calls that use them.
@NullMarked
package io.meseta.master.core.offers;

import org.jspecify.annotations.NullMarked;
