// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate;

import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Label;
import io.meseta.wire.v1.Labels;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.Value;

/// What emulated agents may have behind them, for [Fleet#past]: frameworks and tasks as in the
/// original's master_benchmarks.cpp.
public final class Pasts {
  private Pasts() {}

  /// A framework of the role `*` that checkpoints.
  public static FrameworkInfo framework(String id) {
    return FrameworkInfo.newBuilder()
        .setId(FrameworkID.newBuilder().setValue(id))
        .setName("default")
        .setUser("emulate")
        .setCheckpoint(true)
        .addRoles("*")
        .addCapabilities(
            FrameworkInfo.Capability.newBuilder().setType(FrameworkInfo.Capability.Type.MULTI_ROLE))
        .build();
  }

  /// A task of 0.1 cpus and 5 MB with so many labels.
  public static Task task(
      String id, AgentID agent, FrameworkID framework, TaskState state, int labelCount) {
    var labels = Labels.newBuilder();
    for (int i = 0; i < labelCount; i++) {
      labels.addLabels(Label.newBuilder().setKey("key" + i).setValue("value" + i));
    }
    return Task.newBuilder()
        .setName("test-task")
        .setTaskId(TaskID.newBuilder().setValue(id))
        .setFrameworkId(framework)
        .setAgentId(agent)
        .setState(state)
        .addResources(scalar("cpus", 0.1))
        .addResources(scalar("mem", 5))
        .setLabels(labels)
        .build();
  }

  /// So much of a resource, unreserved.
  public static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .build();
  }
}
