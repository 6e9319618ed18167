// SPDX-License-Identifier: Apache-2.0

/// The algebra of resources.
///
/// A [Resources] value is an ordered bag of [ResourceItem]s. What an item *is* (name, reservations,
/// disk, allocation, revocable, shared) is its [ResourceKey]; how much of it there is, its
/// [Amount]. Amounts of equal keys add up, others stay apart. The wire form is read and written by
/// [ResourceWire] only.
@NullMarked
package io.meseta.model.resources;

import org.jspecify.annotations.NullMarked;
