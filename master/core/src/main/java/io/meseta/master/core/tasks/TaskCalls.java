// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.tasks;

import io.meseta.master.core.Master;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.internal.FrameworkToExecutorMessage;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.ShutdownExecutorMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.v1.scheduler.Call;
import java.util.LinkedHashSet;

/// Calls of a scheduler about its tasks and executors: KILL, ACKNOWLEDGE, SHUTDOWN, MESSAGE. All
/// were answered 202 before they are looked at; what makes no sense is noted and dropped.
public final class TaskCalls {
  private static final int NOTED = 1000;
  private final Master master;
  private final Reconcile reconcile;

  /// Tasks whose kill could not be handed on, the latest ones.
  private final LinkedHashSet<String> noted = new LinkedHashSet<>();

  public TaskCalls(Master master, Reconcile reconcile) {
    this.master = master;
    this.reconcile = reconcile;
  }

  public void kill(Framework framework, Call.Kill call) {
    master.counters.add("messages_kill_task");
    var task =
        framework.task(call.getTaskId().getValue(), call.getAgentId().getValue()).orElse(null);
    if (task == null) {
      var unknown = Call.Reconcile.Task.newBuilder().setTaskId(call.getTaskId());
      if (call.hasAgentId()) {
        unknown.setAgentId(call.getAgentId());
      }
      if (!reconcile.one(framework, unknown.build())) {
        noteOnce(
            call.getTaskId().getValue(),
            ", which no agent has reported: some agents have not re-registered yet");
      }
      return;
    }
    if (call.hasAgentId() && !call.getAgentId().getValue().equals(task.agentId())) {
      noteOnce(task.id(), ": it is not on " + call.getAgentId().getValue());
      return;
    }
    var agent = master.agents.get(task.agentId()).orElseThrow();
    agent.rememberKill(task);
    if (agent.connected()) {
      var message =
          KillTaskMessage.newBuilder()
              .setFrameworkId(framework.info().getId())
              .setTaskId(call.getTaskId());
      if (call.hasKillPolicy()) {
        message.setKillPolicy(call.getKillPolicy());
      }
      master.out.send(agent.pid(), message.build());
    }
  }

  /// Frameworks ask again and again; once is enough for the log.
  private void noteOnce(String task, String why) {
    if (noted.add(task)) {
      master.out.note("not killing task " + task + why);
      if (noted.size() > NOTED) {
        noted.removeFirst();
      }
    }
  }

  public void acknowledge(Framework framework, Call.Acknowledge call) {
    master.counters.add("messages_status_update_acknowledgement");
    var agent = master.agents.get(call.getAgentId().getValue()).orElse(null);
    if (agent == null || !agent.connected()) {
      master.counters.add("invalid_status_update_acknowledgements");
      return;
    }
    var task = agent.task(framework.id(), call.getTaskId().getValue()).orElse(null);
    if (task != null) {
      if (!task.task().hasStatusUpdateState()) {
        master.counters.add("invalid_status_update_acknowledgements");
        return;
      }
      if (TaskStates.isTerminal(task.task().getStatusUpdateState())
          && task.task().getStatusUpdateUuid().equals(call.getUuid())) {
        master.tasks.remove(task);
      }
    }
    master.counters.add("valid_status_update_acknowledgements");
    master.out.send(
        agent.pid(),
        StatusUpdateAcknowledgementMessage.newBuilder()
            .setSlaveId(call.getAgentId())
            .setFrameworkId(framework.info().getId())
            .setTaskId(call.getTaskId())
            .setUuid(call.getUuid())
            .build());
  }

  public void shutdown(Framework framework, Call.Shutdown call) {
    master
        .agents
        .get(call.getAgentId().getValue())
        .ifPresent(agent ->
            master.out.send(
                agent.pid(),
                ShutdownExecutorMessage.newBuilder()
                    .setExecutorId(call.getExecutorId())
                    .setFrameworkId(framework.info().getId())
                    .build()));
  }

  public void message(Framework framework, Call.Message call) {
    master.counters.add("messages_framework_to_executor");
    var agent = master.agents.get(call.getAgentId().getValue()).orElse(null);
    if (agent == null || !agent.connected()) {
      master.counters.add("invalid_framework_to_executor_messages");
      return;
    }
    master.counters.add("valid_framework_to_executor_messages");
    master.out.send(
        agent.pid(),
        FrameworkToExecutorMessage.newBuilder()
            .setSlaveId(call.getAgentId())
            .setFrameworkId(framework.info().getId())
            .setExecutorId(call.getExecutorId())
            .setData(call.getData())
            .build());
  }
}
