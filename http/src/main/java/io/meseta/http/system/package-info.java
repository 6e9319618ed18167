// SPDX-License-Identifier: Apache-2.0

/// What every server says about its own process, as libprocess does: `/logging/toggle`,
/// `/system/stats.json`, `/__processes__`, profilers.
@NullMarked
package io.meseta.http.system;

import org.jspecify.annotations.NullMarked;
