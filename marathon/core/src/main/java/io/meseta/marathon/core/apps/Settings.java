// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import java.util.Optional;
import java.util.Set;

/// What of the configuration shapes definitions.
///
/// @param defaultRole of apps, unless their group says otherwise
/// @param defaultNetworkName of container networks without a name
/// @param mesosBridgeName of the bridge network of the Mesos containerizer
/// @param features enabled ones: vips, task_killing, external_volumes, secrets, gpu_resources
/// @param localPortMin lowest service port given out
/// @param localPortMax highest service port given out
public record Settings(
    String defaultRole,
    Optional<String> defaultNetworkName,
    String mesosBridgeName,
    Set<String> features,
    int localPortMin,
    int localPortMax) {
  /// What Marathon has without flags.
  public static Settings defaults() {
    return new Settings("*", Optional.empty(), "mesos-bridge", Set.of(), 10000, 20000);
  }
}
