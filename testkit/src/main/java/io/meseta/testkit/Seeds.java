// SPDX-License-Identifier: Apache-2.0
package io.meseta.testkit;

import java.util.Random;
import java.util.SplittableRandom;

/// Runs a property over many seeds and names the one that fails, so that it can be run again alone.
///
/// `-Dseed=N` runs only seed N; `-Dseeds=N` sets how many (default: what the test asks for).
public final class Seeds {
  private Seeds() {}

  /// A property to hold for one source of randomness.
  @FunctionalInterface
  public interface Property {
    void check(Random random) throws Exception;
  }

  /// Checks `property` for seeds 1 to `count`.
  ///
  /// @throws AssertionError naming the first failing seed, with its cause
  public static void forAll(int count, Property property) {
    var only = Long.getLong("seed");
    long first = only != null ? only : 1;
    long last = only != null ? only : Integer.getInteger("seeds", count);
    for (long seed = first; seed <= last; seed++) {
      try {
        property.check(Random.from(new SplittableRandom(seed)));
      } catch (Exception | AssertionError failure) {
        throw new AssertionError(
            "seed " + seed + " fails (-Dseed=" + seed + "): " + failure, failure);
      }
    }
  }
}
