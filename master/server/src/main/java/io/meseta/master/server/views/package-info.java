// SPDX-License-Identifier: Apache-2.0

/// Documents made of a [io.meseta.master.core.view.Snapshot]: the old endpoints' JSON, the v1 API's
/// answers, metrics.
@NullMarked
package io.meseta.master.server.views;

import org.jspecify.annotations.NullMarked;
