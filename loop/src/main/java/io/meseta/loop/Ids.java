// SPDX-License-Identifier: Apache-2.0
package io.meseta.loop;

import java.security.SecureRandom;
import java.util.Random;
import java.util.UUID;
import java.util.random.RandomGenerator;

/// The one source of randomness of a core, given to it by its constructor.
public final class Ids {
  private final RandomGenerator random;

  private Ids(RandomGenerator random) {
    this.random = random;
  }

  /// Unpredictable ids, for production.
  public static Ids secure() {
    return new Ids(new SecureRandom());
  }

  /// The same ids in every run with the same seed, for tests and the simulation.
  public static Ids seeded(long seed) {
    return new Ids(new Random(seed));
  }

  /// A random (version 4) UUID.
  public UUID uuid() {
    long high = (random.nextLong() & ~0xF000L) | 0x4000L;
    long low = (random.nextLong() & ~(0b11L << 62)) | (0b10L << 62);
    return new UUID(high, low);
  }

  /// For shuffles and jitter.
  public RandomGenerator random() {
    return random;
  }
}
