// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.Value;
import java.util.ArrayList;
import java.util.List;

/// The executor that stands for a command.
final class CommandExecutor {
  private static final int SHOWN = 15;

  private CommandExecutor() {}

  /// The executor of a command task: its id is the task's, its resources are the overhead.
  static ExecutorInfo of(TaskInfo task, FrameworkID frameworkId, double cpus, long memMb) {
    var executor =
        ExecutorInfo.newBuilder()
            .setFrameworkId(frameworkId)
            .setName(
                "Command Executor (Task: "
                    + task.getTaskId().getValue()
                    + ") (Command: "
                    + shown(task.getCommand())
                    + ")")
            .setCommand(task.getCommand())
            .addAllResources(overhead(task, cpus, memMb));
    executor.getExecutorIdBuilder().setValue(task.getTaskId().getValue());
    setSource(executor, task.getTaskId().getValue());
    if (task.hasContainer()) {
      executor.setContainer(task.getContainer());
    }
    if (task.hasLabels()) {
      executor.setLabels(task.getLabels());
    }
    if (task.hasDiscovery()) {
      executor.setDiscovery(task.getDiscovery());
    }
    return executor.build();
  }

  @SuppressWarnings("deprecation") // readers of /state expect it
  private static void setSource(ExecutorInfo.Builder executor, String source) {
    executor.setSource(source);
  }

  private static List<Resource> overhead(TaskInfo task, double cpus, long memMb) {
    var result = new ArrayList<Resource>();
    for (var named : List.of("cpus", "mem")) {
      var resource =
          Resource.newBuilder()
              .setName(named)
              .setType(Value.Type.SCALAR)
              .setScalar(Value.Scalar.newBuilder().setValue(named.equals("cpus") ? cpus : memMb));
      task.getResourcesList().stream()
          .filter(Resource::hasAllocationInfo)
          .findFirst()
          .ifPresent(r -> resource.setAllocationInfo(r.getAllocationInfo()));
      result.add(resource.build());
    }
    return result;
  }

  private static String shown(CommandInfo command) {
    if (command.getShell()) {
      return command.hasValue() ? "sh -c '" + cut(command.getValue()) + "'" : "NO COMMAND";
    }
    return command.hasValue()
        ? "[" + cut(command.getValue() + ", " + String.join(", ", command.getArgumentsList())) + "]"
        : "NO EXECUTABLE";
  }

  private static String cut(String text) {
    return text.length() > SHOWN ? text.substring(0, SHOWN - 3) + "..." : text;
  }
}
