// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.view;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Master;
import io.meseta.master.core.MasterConfig;
import io.meseta.master.core.TimerKey;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.master.Event;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Owns the operators' event streams. A stream begins with the whole state at the end of a batch
/// and then gets every change after it. Nothing is built while nobody watches.
public final class Watchers {
  private static final Event HEARTBEAT = Event.newBuilder().setType(Event.Type.HEARTBEAT).build();

  private final Master master;
  private final Set<String> watching = new LinkedHashSet<>();
  private final List<String> joining = new ArrayList<>();

  public Watchers(Master master) {
    this.master = master;
  }

  /// A new stream; the oldest is ended when there are too many.
  public void open(String streamId) {
    joining.add(streamId);
    while (watching.size() + joining.size() > master.config.maxOperatorEventStreamSubscribers()) {
      var oldest = watching.isEmpty() ? joining.removeFirst() : watching.iterator().next();
      watching.remove(oldest);
      master.out.add(new Effect.CloseStream(oldest));
    }
  }

  public void closed(String streamId) {
    joining.remove(streamId);
    watching.remove(streamId);
  }

  public int count() {
    return watching.size() + joining.size();
  }

  /// The batch is done: whoever joined during it gets the state, and changes from now on.
  public void endOfBatch(Supplier<Snapshot> snapshot) {
    if (joining.isEmpty()) {
      return;
    }
    if (watching.isEmpty()) {
      master.out.setTimer(new TimerKey.OperatorHeartbeat(), MasterConfig.HEARTBEAT);
    }
    for (var streamId : joining) {
      master.out.add(new Effect.BeginWatching(streamId, snapshot.get()));
      master.out.add(new Effect.SendOperatorEvent(List.of(streamId), HEARTBEAT));
      watching.add(streamId);
    }
    joining.clear();
  }

  public void heartbeat() {
    if (!watching.isEmpty()) {
      publish(() -> HEARTBEAT);
      master.out.setTimer(new TimerKey.OperatorHeartbeat(), MasterConfig.HEARTBEAT);
    }
  }

  private void publish(Supplier<Event> event) {
    if (!watching.isEmpty()) {
      master.out.add(new Effect.SendOperatorEvent(List.copyOf(watching), event.get()));
    }
  }

  public void taskAdded(Task task) {
    publish(() ->
        Event.newBuilder()
            .setType(Event.Type.TASK_ADDED)
            .setTaskAdded(Event.TaskAdded.newBuilder().setTask(task))
            .build());
  }

  public void taskUpdated(Task task, TaskStatus status) {
    publish(() ->
        Event.newBuilder()
            .setType(Event.Type.TASK_UPDATED)
            .setTaskUpdated(
                Event.TaskUpdated.newBuilder()
                    .setFrameworkId(task.getFrameworkId())
                    .setStatus(status)
                    .setState(task.getState()))
            .build());
  }

  public void agentAdded(Agent agent) {
    publish(() ->
        Event.newBuilder()
            .setType(Event.Type.AGENT_ADDED)
            .setAgentAdded(Event.AgentAdded.newBuilder().setAgent(V1Views.agent(agent.view())))
            .build());
  }

  public void agentRemoved(Agent agent) {
    publish(() ->
        Event.newBuilder()
            .setType(Event.Type.AGENT_REMOVED)
            .setAgentRemoved(Event.AgentRemoved.newBuilder().setAgentId(agent.info().getId()))
            .build());
  }

  public void frameworkAdded(Framework framework) {
    publish(() ->
        Event.newBuilder()
            .setType(Event.Type.FRAMEWORK_ADDED)
            .setFrameworkAdded(
                Event.FrameworkAdded.newBuilder()
                    .setFramework(V1Views.framework(framework.view(Set.of()))))
            .build());
  }

  public void frameworkUpdated(Framework framework) {
    publish(() ->
        Event.newBuilder()
            .setType(Event.Type.FRAMEWORK_UPDATED)
            .setFrameworkUpdated(
                Event.FrameworkUpdated.newBuilder()
                    .setFramework(V1Views.framework(framework.view(Set.of()))))
            .build());
  }

  public void frameworkRemoved(FrameworkInfo info) {
    publish(() ->
        Event.newBuilder()
            .setType(Event.Type.FRAMEWORK_REMOVED)
            .setFrameworkRemoved(Event.FrameworkRemoved.newBuilder().setFrameworkInfo(info))
            .build());
  }
}
