// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.frameworks.Framework;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.Environment;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;

/// The variables a task sees. Later ones win: the agent's `--executor_environment_variables`, what
/// describes the executor, the task's own. Original: executorEnvironment in src/slave/slave.cpp.
public final class TaskEnvironment {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private TaskEnvironment() {}

  static SortedMap<String, String> of(
      Agent agent, Framework framework, Executor executor, TaskRun task) {
    var result = of(agent, framework, executor);
    result.put("MESOS_SANDBOX", task.sandbox);
    for (var resource : task.info.getResourcesList()) {
      if (resource.hasAllocationInfo()) {
        result.put("MESOS_ALLOCATION_ROLE", resource.getAllocationInfo().getRole());
      }
    }
    putAll(result, task.info.getCommand());
    return result;
  }

  /// What a custom executor sees, and what tasks see before their own variables.
  static SortedMap<String, String> of(Agent agent, Framework framework, Executor executor) {
    var result = new TreeMap<>(agent.config.executorEnvironment());
    result.put("LIBPROCESS_PORT", "0");
    result.put("MESOS_FRAMEWORK_ID", framework.id());
    result.put("MESOS_EXECUTOR_ID", executor.id());
    result.put("MESOS_DIRECTORY", executor.sandbox);
    result.put("MESOS_SANDBOX", executor.sandbox);
    result.put("MESOS_SLAVE_ID", agent.id());
    result.put("MESOS_SLAVE_PID", agent.config.self().toString());
    result.put("MESOS_AGENT_ENDPOINT", agent.config.self().address());
    result.put("MESOS_CHECKPOINT", framework.checkpoints() ? "1" : "0");
    result.put("MESOS_HTTP_COMMAND_EXECUTOR", "0");
    result.put("MESOS_CONTAINER_IP", agent.config.ip());
    result.put(
        "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD",
        text(
            executor.info.hasShutdownGracePeriod()
                ? Duration.ofNanos(executor.info.getShutdownGracePeriod().getNanoseconds())
                : agent.config.executorShutdownGracePeriod()));
    if (framework.checkpoints()) {
      result.put("MESOS_RECOVERY_TIMEOUT", text(agent.config.recoveryTimeout()));
      result.put(
          "MESOS_SUBSCRIPTION_BACKOFF_MAX", text(agent.config.executorReregistrationTimeout()));
    }
    if (!executor.command && executor.info.hasCommand()) {
      putAll(result, executor.info.getCommand());
    }
    result.putIfAbsent("PATH", DEFAULT_PATH);
    return result;
  }

  private static void putAll(SortedMap<String, String> into, CommandInfo command) {
    for (var variable : command.getEnvironment().getVariablesList()) {
      into.put(
          variable.getName(),
          variable.getType() == Environment.Variable.Type.SECRET
              ? variable.getSecret().getValue().getData().toStringUtf8()
              : variable.getValue());
    }
  }

  /// As the original prints a duration: `5secs`, `15mins`, `1.5secs`.
  static String text(Duration duration) {
    long nanos = duration.toNanos();
    String[] names = {"weeks", "days", "hrs", "mins", "secs", "ms", "us", "ns"};
    long[] units = {
      604_800_000_000_000L,
      86_400_000_000_000L,
      3_600_000_000_000L,
      60_000_000_000L,
      1_000_000_000L,
      1_000_000L,
      1_000L,
      1L
    };
    for (int i = 0; i < units.length; i++) {
      if (Math.abs(nanos) >= units[i] && (nanos % units[i] == 0 || i >= 4)) {
        double count = (double) nanos / units[i];
        return (count == Math.rint(count) ? Long.toString((long) count) : Double.toString(count))
            + names[i];
      }
    }
    return "0ns";
  }
}
