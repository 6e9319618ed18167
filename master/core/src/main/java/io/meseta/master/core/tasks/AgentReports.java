// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.master.core.Master;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.v1.scheduler.Event;

/// What agents report about tasks and executors: status updates, ended executors, messages.
public final class AgentReports {
  private static final int UUID_BYTES = 16;

  private final Master master;

  public AgentReports(Master master) {
    this.master = master;
  }

  /// Forwards the update and takes note of it. The agent repeats it until the framework has
  /// acknowledged, so what a framework that is away misses now comes again.
  public void on(StatusUpdateMessage message) {
    master.counters.add("messages_status_update");
    var update = message.getUpdate();
    var agent = master.agents.get(update.getSlaveId().getValue()).orElse(null);
    if (agent == null || update.getUuid().size() != UUID_BYTES) {
      master.counters.add("invalid_status_updates");
      return;
    }
    var status = update.getStatus().toBuilder().setUuid(update.getUuid()).build();
    var framework = master.frameworks.get(update.getFrameworkId().getValue()).orElse(null);
    boolean heard = framework != null && master.frameworks.forward(framework, message, status);
    var task =
        agent.task(update.getFrameworkId().getValue(), status.getTaskId().getValue()).orElse(null);
    var latest = update.hasLatestState() ? update.getLatestState() : status.getState();
    if (task != null) {
      master.tasks.applyReported(task, status, latest);
    } else if (framework != null && agent.connected() && !TaskStates.isTerminal(latest)) {
      // A launch that was under way while the agent was unreachable. The framework was told that
      // the task is lost and its resources are offered to others; the original lets it run.
      master.out.note("killing task " + status.getTaskId().getValue() + ", which was given up");
      master.out.send(
          agent.pid(),
          KillTaskMessage.newBuilder()
              .setFrameworkId(update.getFrameworkId())
              .setTaskId(status.getTaskId())
              .build());
    }
    master.counters.add(heard && task != null ? "valid_status_updates" : "invalid_status_updates");
  }

  public void on(ExitedExecutorMessage message) {
    master.counters.add("messages_exited_executor");
    var agent = master.agents.get(message.getSlaveId().getValue()).orElse(null);
    if (agent == null) {
      return;
    }
    var executor =
        agent
            .executor(message.getFrameworkId().getValue(), message.getExecutorId().getValue())
            .orElse(null);
    if (executor == null) {
      return;
    }
    master.tasks.remove(executor);
    master
        .frameworks
        .get(executor.frameworkId())
        .ifPresent(framework ->
            master.frameworks.send(
                framework,
                Event.newBuilder()
                    .setType(Event.Type.FAILURE)
                    .setFailure(
                        Event.Failure.newBuilder()
                            .setAgentId(message.getSlaveId())
                            .setExecutorId(message.getExecutorId())
                            .setStatus(message.getStatus()))
                    .build()));
  }

  public void on(ExecutorToFrameworkMessage message) {
    master.counters.add("messages_executor_to_framework");
    if (master.agents.get(message.getSlaveId().getValue()).isEmpty()) {
      master.counters.add("invalid_executor_to_framework_messages");
      return;
    }
    master.counters.add("valid_executor_to_framework_messages");
    master
        .frameworks
        .get(message.getFrameworkId().getValue())
        .ifPresent(framework ->
            master.frameworks.send(
                framework,
                Event.newBuilder()
                    .setType(Event.Type.MESSAGE)
                    .setMessage(
                        Event.Message.newBuilder()
                            .setAgentId(message.getSlaveId())
                            .setExecutorId(message.getExecutorId())
                            .setData(message.getData()))
                    .build()));
  }
}
