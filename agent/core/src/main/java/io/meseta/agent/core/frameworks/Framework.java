// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.frameworks;

import io.meseta.agent.core.executors.Executor;
import io.meseta.wire.v1.FrameworkInfo;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;

/// A framework with something on this agent.
public final class Framework {
  public FrameworkInfo info;

  /// The scheduler's address; "" for one that speaks HTTP.
  public String pid;

  public final Map<String, Executor> executors = new LinkedHashMap<>();

  /// Those of `executors` that may have tasks of other names than their own: all but those of
  /// commands. Few, so that looking for a task does not mean looking at all.
  public final Map<String, Executor> shared = new LinkedHashMap<>();

  public final ArrayDeque<Executor> completedExecutors = new ArrayDeque<>();

  /// Removed by the master: its executors are being killed, nobody takes updates.
  public boolean terminating;

  /// Whether its description is on the disk.
  boolean written;

  Framework(FrameworkInfo info, String pid) {
    this.info = info;
    this.pid = pid;
  }

  public String id() {
    return info.getId().getValue();
  }

  public boolean checkpoints() {
    return info.getCheckpoint();
  }

  public boolean can(FrameworkInfo.Capability.Type capability) {
    return info.getCapabilitiesList().stream().anyMatch(c -> c.getType() == capability);
  }
}
