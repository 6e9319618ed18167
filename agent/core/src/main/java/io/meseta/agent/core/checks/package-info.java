// SPDX-License-Identifier: Apache-2.0

/// Health checks and generic checks of running tasks.
@NullMarked
package io.meseta.agent.core.checks;

import org.jspecify.annotations.NullMarked;
