// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.emulate.Pasts;
import io.meseta.sdk.Calls;
import io.meseta.sdk.Scheduler;
import io.meseta.sdk.SchedulerClient;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A framework that launches all the time and keeps a book of what became of each task.
final class Ledger implements Scheduler, AutoCloseable {
  private final SchedulerClient client;

  /// Tasks whose end is not known, with the agent each was launched on.
  private final Map<String, AgentID> open = new LinkedHashMap<>();

  /// Tasks that the cluster called lost; by id.
  private final Map<String, TaskState> lost = new LinkedHashMap<>();

  private int launched;
  private int finished;
  private boolean launching = true;

  Ledger(String masters) {
    client =
        SchedulerClient.builder(
                masters,
                FrameworkInfo.newBuilder()
                    .setName("ledger")
                    .setUser("bench")
                    .setFailoverTimeout(3600)
                    .build())
            .maxWaitingCalls(100_000)
            .start(this);
  }

  @Override
  public synchronized void subscribed(SchedulerClient from, FrameworkID id, MasterInfo master) {
    reconcile();
  }

  /// Asks about every task whose end is not known.
  synchronized void reconcile() {
    var tasks = new ArrayList<Call.Reconcile.Task>();
    open.forEach((id, agent) ->
        tasks.add(
            Call.Reconcile.Task.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(agent)
                .build()));
    if (!tasks.isEmpty()) {
      client.send(Calls.reconcile(tasks));
    }
  }

  @Override
  public synchronized void offers(SchedulerClient from, List<Offer> offers) {
    for (var offer : offers) {
      if (!launching) {
        client.send(Calls.decline(List.of(offer.getId()), Duration.ofHours(1)));
        continue;
      }
      var id = "task-" + ++launched;
      open.put(id, offer.getAgentId());
      client.send(
          Calls.accept(
              List.of(offer.getId()),
              List.of(
                  Calls.launch(
                      List.of(
                          TaskInfo.newBuilder()
                              .setName("ledger")
                              .setTaskId(TaskID.newBuilder().setValue(id))
                              .setAgentId(offer.getAgentId())
                              .addResources(Pasts.scalar("cpus", 1))
                              .addResources(Pasts.scalar("mem", 128))
                              .setCommand(CommandInfo.newBuilder().setValue("true"))
                              .build()))),
              Duration.ZERO));
    }
  }

  @Override
  public synchronized void update(SchedulerClient from, TaskStatus status) {
    var id = status.getTaskId().getValue();
    switch (status.getState()) {
      case TASK_FINISHED -> {
        if (open.remove(id) != null) {
          finished++;
        }
      }
      case TASK_LOST,
          TASK_DROPPED,
          TASK_GONE,
          TASK_UNKNOWN,
          TASK_ERROR,
          TASK_FAILED,
          TASK_KILLED -> {
        if (open.remove(id) != null) {
          lost.put(id, status.getState());
        }
      }
      default -> {}
    }
  }

  synchronized void stopLaunching() {
    launching = false;
  }

  synchronized int launched() {
    return launched;
  }

  synchronized int finished() {
    return finished;
  }

  synchronized int open() {
    return open.size();
  }

  synchronized Map<String, TaskState> lost() {
    return new LinkedHashMap<>(lost);
  }

  @Override
  public void close() {
    client.teardown();
  }
}
