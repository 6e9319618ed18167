// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.container;

import io.meseta.wire.v1.CommandInfo;
import java.util.List;
import java.util.SortedMap;

/// All that is needed to start one container.
///
/// @param id unique on this agent; a nested container's is `PARENT.CHILD`
/// @param sandbox absolute path of the folder that becomes the working directory and holds `stdout`
///   and `stderr`
/// @param user whom to run as; "" for the agent's own user
/// @param command what to run, and the URIs to fetch into the sandbox before
/// @param environment the whole environment of the command
/// @param volumes folders of the host that appear in the sandbox
/// @param cpus share of processors that the container is held to or accounted by
/// @param memBytes memory likewise, 0 when none was asked
public record ContainerSpec(
    String id,
    String sandbox,
    String user,
    CommandInfo command,
    SortedMap<String, String> environment,
    List<Volume> volumes,
    double cpus,
    long memBytes) {

  /// A folder of the host under a name in the sandbox.
  ///
  /// @param hostPath absolute
  /// @param containerPath relative to the sandbox
  public record Volume(String hostPath, String containerPath) {}
}
