// SPDX-License-Identifier: Apache-2.0

/// Chronos as a program: flags, REST, election, the scheduler client. The decisions are the core's.
@NullMarked
package io.meseta.chronos.server;

import org.jspecify.annotations.NullMarked;
