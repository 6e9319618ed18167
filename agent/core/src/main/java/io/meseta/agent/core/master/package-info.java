// SPDX-License-Identifier: Apache-2.0

/// Belonging to a master: registration with backoff, pings, and when to look again.
@NullMarked
package io.meseta.agent.core.master;

import org.jspecify.annotations.NullMarked;
