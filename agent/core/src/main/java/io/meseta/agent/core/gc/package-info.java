// SPDX-License-Identifier: Apache-2.0

/// Sandboxes nobody needs any more.
@NullMarked
package io.meseta.agent.core.gc;

import org.jspecify.annotations.NullMarked;
