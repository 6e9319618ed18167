// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.deployments;

import io.meseta.marathon.core.apps.Spec;

/// The arithmetic of replacing instances.
///
/// @param maxCapacity so many old and new ones at most
/// @param keepAtFirst so many old ones stay until new ones are healthy
/// @param healthyAtFirst new ones that were healthy already when it began
///
///   Original: src/main/scala/mesosphere/marathon/core/deployment/impl/TaskReplaceActor.scala.
public record Rolling(int maxCapacity, int keepAtFirst, int healthyAtFirst) {
  /// @param running instances of any configuration that count, healthy ones of them, those of an
  ///   old configuration, and healthy ones of the new
  public static Rolling begin(Spec spec, int running, int runningHealthy, int old, int newHealthy) {
    int minHealthy = (int) Math.ceil(spec.instances() * spec.minimumHealthCapacity());
    int maxCapacity = (int) Math.floor(spec.instances() * (1 + spec.maximumOverCapacity()));
    int kill = Math.max(0, runningHealthy - minHealthy);
    if (minHealthy == maxCapacity && maxCapacity <= running) {
      maxCapacity++; // else nothing could ever move
    }
    return new Rolling(maxCapacity, Math.max(0, old - kill), newHealthy);
  }

  /// How many old ones stay when so many new ones are healthy.
  public int keep(int newHealthy, int instances) {
    return newHealthy >= instances ? 0 : Math.max(0, keepAtFirst - (newHealthy - healthyAtFirst));
  }
}
