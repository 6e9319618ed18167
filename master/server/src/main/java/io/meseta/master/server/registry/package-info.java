// SPDX-License-Identifier: Apache-2.0

/// Where the registry's records are kept.
@NullMarked
package io.meseta.master.server.registry;

import org.jspecify.annotations.NullMarked;
