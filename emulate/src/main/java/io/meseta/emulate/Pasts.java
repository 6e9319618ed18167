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
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What emulated agents may have behind them, for [Fleet#past]: frameworks and tasks as in the
/// original's master_benchmarks.cpp.
public final class Pasts {
  // What all tasks have, once: emulated agents share their memory with who is measured.
  private static final Resource CPUS = scalar("cpus", 0.1);
  private static final Resource MEM = scalar("mem", 5);
  private static final Map<Integer, Labels> LABELS = new ConcurrentHashMap<>();

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
    return Task.newBuilder()
        .setName("test-task")
        .setTaskId(TaskID.newBuilder().setValue(id))
        .setFrameworkId(framework)
        .setAgentId(agent)
        .setState(state)
        .addResources(CPUS)
        .addResources(MEM)
        .setLabels(LABELS.computeIfAbsent(labelCount, Pasts::labels))
        .build();
  }

  private static Labels labels(int count) {
    var labels = Labels.newBuilder();
    for (int i = 0; i < count; i++) {
      labels.addLabels(Label.newBuilder().setKey("key" + i).setValue("value" + i));
    }
    return labels.build();
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
