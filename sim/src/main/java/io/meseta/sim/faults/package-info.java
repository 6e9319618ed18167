// SPDX-License-Identifier: Apache-2.0

/// What can go wrong. Each fault is one small record that strikes a cluster and ends by itself; any
/// of them can strike while others last.
@NullMarked
package io.meseta.sim.faults;

import org.jspecify.annotations.NullMarked;
