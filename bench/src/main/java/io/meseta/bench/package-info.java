// SPDX-License-Identifier: Apache-2.0

/// Benchmarks of the real servers in processes of their own; docs/performance.md has the figures.
///
/// Every one prints its figures with the load of the machine at its beginning, because nothing here
/// is worth much on a busy machine.
@NullMarked
package io.meseta.bench;

import org.jspecify.annotations.NullMarked;
