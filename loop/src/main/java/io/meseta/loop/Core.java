// SPDX-License-Identifier: Apache-2.0
package io.meseta.loop;

import java.time.Instant;
import java.util.List;

/// The state of one server and its rules. Called by one thread only.
///
/// @param <E> events, usually a sealed interface of records
/// @param <F> effects: data that says what must happen outside
public interface Core<E, F> {
  /// Changes this core's state and says what must happen outside it, in order. Never waits, never
  /// throws for bad input.
  List<F> on(E event, Instant now);

  /// Called once after every batch of events: the place for work that pays off when done for many
  /// events at once (allocating resources, publishing a snapshot).
  default List<F> endOfBatch(Instant now) {
    return List.of();
  }
}
