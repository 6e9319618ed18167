// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.ExecutorInfo;

/// An executor that an agent runs, or was told to run. Command tasks have none here.
///
/// @param resources marked with the role that they are allocated to
public record LaunchedExecutor(
    String frameworkId, String agentId, ExecutorInfo info, Resources resources) {
  public String id() {
    return info.getExecutorId().getValue();
  }
}
