// SPDX-License-Identifier: Apache-2.0

/// What drivers of the old API are told: schedulers that are libprocess peers, addressed by their
/// pid, and take one message where others take an event.
@NullMarked
package io.meseta.master.core.v0;

import org.jspecify.annotations.NullMarked;
