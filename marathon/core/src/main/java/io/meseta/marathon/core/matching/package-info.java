// SPDX-License-Identifier: Apache-2.0

/// Offers in, tasks out: what of an offer is left ([Pool]), where an instance may go
/// ([Constraints]), which ports it gets ([Ports]), what the task looks like ([TaskBuilder]), and
/// why an offer was not used ([Reject]).
@NullMarked
package io.meseta.marathon.core.matching;

import org.jspecify.annotations.NullMarked;
