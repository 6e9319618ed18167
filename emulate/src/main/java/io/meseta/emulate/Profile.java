// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate;

import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.wire.v1.Resource;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/// What all agents of a fleet have in common.
///
/// @param resources of each agent
/// @param runs how long a task runs on average; zero for as long as nobody kills it
/// @param deviation of that, normally distributed
/// @param spread registrations begin within this time
public record Profile(
    List<Resource> resources, Duration runs, Duration deviation, Duration spread) {

  /// A profile with resources in the form of the agent's flag.
  ///
  /// @throws IllegalArgumentException naming what is wrong with `resources`
  public static Profile of(String resources, Duration runs, Duration deviation, Duration spread) {
    try {
      return new Profile(
          ResourceWire.encode(ResourceText.parse(resources, "*"), ResourceWire.Format.PRE),
          runs,
          deviation,
          spread);
    } catch (Invalid e) {
      throw new IllegalArgumentException("--resources=" + resources + ": " + e.getMessage(), e);
    }
  }

  /// How long the next task runs, in nanoseconds; negative for ever.
  long lifetime(RandomGenerator random) {
    if (runs.isZero()) {
      return -1;
    }
    return Math.max(0, runs.toNanos() + (long) (random.nextGaussian() * deviation.toNanos()));
  }
}
