// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.deployments;

import io.meseta.marathon.core.apps.Spec;

/// The arithmetic of replacing instances.
///
/// @param minHealthy so many healthy ones at least
/// @param maxCapacity so many old and new ones at most
/// @param keepAtFirst so many old ones stay until new ones are healthy
/// @param healthyAtFirst new ones that were healthy already when it began
///
///   Original: src/main/scala/mesosphere/marathon/core/deployment/impl/TaskReplaceActor.scala.
public record Rolling(int minHealthy, int maxCapacity, int keepAtFirst, int healthyAtFirst) {
  /// @param running instances of any configuration that count, healthy ones of them, those of an
  ///   old configuration, and healthy ones of the new
  public static Rolling begin(Spec spec, int running, int runningHealthy, int old, int newHealthy) {
    int minHealthy = (int) Math.ceil(spec.instances() * spec.minimumHealthCapacity());
    int maxCapacity = (int) Math.floor(spec.instances() * (1 + spec.maximumOverCapacity()));
    int kill = Math.max(0, runningHealthy - minHealthy);
    if (minHealthy == maxCapacity && maxCapacity <= running) {
      maxCapacity++; // else nothing could ever move
    }
    return new Rolling(minHealthy, maxCapacity, Math.max(0, old - kill), newHealthy);
  }

  /// How many of the old ones may go: one for each new one that is healthy, and what is healthy
  /// beyond need. The latter matters when old ones ended by themselves.
  ///
  /// @param old instances that stay so far, and healthy ones of them
  /// @param newHealthy instances of the new configuration, of `wanted`
  public int surplus(int old, int oldHealthy, int newHealthy, int wanted) {
    if (newHealthy >= wanted) {
      return old;
    }
    int exchanged = old - Math.max(0, keepAtFirst - (newHealthy - healthyAtFirst));
    int spare = oldHealthy + newHealthy - minHealthy;
    return Math.max(0, Math.min(old, Math.max(exchanged, spare)));
  }
}
