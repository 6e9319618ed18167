// SPDX-License-Identifier: Apache-2.0

/// What keeps containers apart and measures them.
@NullMarked
package io.meseta.agent.containerizer.isolators;

import org.jspecify.annotations.NullMarked;
