// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.view;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Master;
import io.meseta.master.core.MasterConfig;
import io.meseta.master.core.TimerKey;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.tasks.LaunchedTask;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.master.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Owns the operators' event streams. A stream begins with the whole state at the end of a batch
/// and then gets every change after it. Nothing is built while nobody watches.
public final class Watchers {
  private static final Event HEARTBEAT = Event.newBuilder().setType(Event.Type.HEARTBEAT).build();

  private final Master master;
  private final Map<String, Visibility> watching = new LinkedHashMap<>();
  private final Map<String, Visibility> joining = new LinkedHashMap<>();

  public Watchers(Master master) {
    this.master = master;
  }

  /// A new stream; the oldest is ended when there are too many.
  public void open(String streamId, Optional<String> principal) {
    joining.put(streamId, new Visibility(master.acls, principal));
    while (watching.size() + joining.size() > master.config.maxOperatorEventStreamSubscribers()) {
      var oldest = (watching.isEmpty() ? joining : watching).keySet().iterator().next();
      joining.remove(oldest);
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

  public boolean anyJoining() {
    return !joining.isEmpty();
  }

  /// The batch is done: whoever joined during it gets the state, and changes from now on.
  public void endOfBatch(Snapshot snapshot) {
    if (joining.isEmpty()) {
      return;
    }
    if (watching.isEmpty()) {
      master.out.setTimer(new TimerKey.OperatorHeartbeat(), MasterConfig.HEARTBEAT);
    }
    joining.forEach((streamId, visibility) -> {
      master.out.add(new Effect.BeginWatching(streamId, visibility.of(snapshot)));
      master.out.add(new Effect.SendOperatorEvent(List.of(streamId), HEARTBEAT));
      watching.put(streamId, visibility);
    });
    joining.clear();
  }

  public void heartbeat() {
    if (!watching.isEmpty()) {
      publish(() -> HEARTBEAT);
      master.out.setTimer(new TimerKey.OperatorHeartbeat(), MasterConfig.HEARTBEAT);
    }
  }

  private void publish(Supplier<Event> event) {
    if (watching.isEmpty()) {
      return;
    }
    var made = event.get();
    var to = new ArrayList<String>();
    watching.forEach((streamId, visibility) -> {
      if (visibility.isTotal()) {
        to.add(streamId);
      } else if (visibility.event(made, this::framework, this::task)) {
        var shown = visibility.shown(made);
        if (shown.equals(made)) {
          to.add(streamId);
        } else {
          master.out.add(new Effect.SendOperatorEvent(List.of(streamId), shown));
        }
      }
    });
    if (!to.isEmpty()) {
      master.out.add(new Effect.SendOperatorEvent(to, made));
    }
  }

  private Optional<FrameworkInfo> framework(String id) {
    return master.frameworks.get(id).map(Framework::info);
  }

  private Optional<Task> task(String frameworkId, String taskId) {
    return master
        .frameworks
        .get(frameworkId)
        .flatMap(framework -> framework.task(taskId))
        .map(LaunchedTask::task);
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
