// SPDX-License-Identifier: Apache-2.0

/// Frameworks: subscription, failover, removal, and the calls about themselves.
@NullMarked
package io.meseta.master.core.frameworks;

import org.jspecify.annotations.NullMarked;
