// SPDX-License-Identifier: Apache-2.0

/// The master without its edges: one thread, no IO, no clock.
///
/// [MasterCore] takes [MasterEvent]s and gives [Effect]s. The rooms: `frameworks` (schedulers and
/// their streams), `agents` (registration, health, removal), `offers`, `tasks`, `registry` (what
/// must be durable before it is promised) and `view` (immutable snapshots for readers). Each kind
/// of state has one owner class; they find each other through [Master].
@NullMarked
package io.meseta.master.core;

import org.jspecify.annotations.NullMarked;
