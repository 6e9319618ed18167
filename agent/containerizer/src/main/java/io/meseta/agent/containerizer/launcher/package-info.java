// SPDX-License-Identifier: Apache-2.0

/// Users and process tables of the host.
@NullMarked
package io.meseta.agent.containerizer.launcher;

import org.jspecify.annotations.NullMarked;
