// SPDX-License-Identifier: Apache-2.0

/// Tasks and executors: launch rules, status updates, kills, reconciliation.
@NullMarked
package io.meseta.master.core.tasks;

import org.jspecify.annotations.NullMarked;
