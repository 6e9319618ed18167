// SPDX-License-Identifier: Apache-2.0
/// What this build is.
@NullMarked
package io.meseta.wire.build;

import org.jspecify.annotations.NullMarked;
