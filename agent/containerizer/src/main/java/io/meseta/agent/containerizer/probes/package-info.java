// SPDX-License-Identifier: Apache-2.0

/// Looks at tasks from outside: commands, HTTP requests, connections.
@NullMarked
package io.meseta.agent.containerizer.probes;

import org.jspecify.annotations.NullMarked;
