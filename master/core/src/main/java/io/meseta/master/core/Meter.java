// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import java.util.function.Supplier;

/// Measures how long parts of the core's work take. The core never learns the result, so it stays
/// deterministic.
public interface Meter {
  /// Measures nothing.
  Meter NONE =
      new Meter() {
        @Override
        public void event() {}

        @Override
        public void nothingToAllocate() {}

        @Override
        public <T> T allocation(Supplier<T> run) {
          return run.get();
        }
      };

  /// Something happened; the first since the last run is what the next run of the allocator
  /// answers.
  void event();

  /// What happened since then needs no run of the allocator.
  void nothingToAllocate();

  /// One run of the allocator.
  <T> T allocation(Supplier<T> run);
}
