// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.frameworks;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Master;
import io.meseta.master.core.MasterConfig;
import io.meseta.master.core.TimerKey;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.tasks.Statuses;
import io.meseta.master.core.v0.DriverEvents;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Event;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Owns all frameworks: the ones that live, and a limited memory of those that ended.
public final class Frameworks {
  private final Master master;
  private final Map<String, Framework> known = new LinkedHashMap<>();
  private final Map<String, Framework> byStream = new LinkedHashMap<>();
  private final Map<String, FrameworkView> completed = new LinkedHashMap<>();
  private int nextId;

  public Frameworks(Master master) {
    this.master = master;
  }

  public Optional<Framework> get(String id) {
    return Optional.ofNullable(known.get(id));
  }

  public Collection<Framework> all() {
    return Collections.unmodifiableCollection(known.values());
  }

  public boolean completed(String id) {
    return completed.containsKey(id);
  }

  public List<FrameworkView> completed() {
    return List.copyOf(completed.values());
  }

  public List<FrameworkView> views() {
    var result = new ArrayList<FrameworkView>(known.size());
    for (var framework : known.values()) {
      result.add(framework.view(master.allocator.suppressed(framework.id())));
    }
    return Collections.unmodifiableList(result);
  }

  String newId() {
    return "%s-%04d".formatted(master.info.getId(), nextId++);
  }

  /// Adds a framework that has no stream yet.
  Framework add(FrameworkInfo info) {
    var framework = new Framework(info, master.now());
    known.put(framework.id(), framework);
    master.allocator.addFramework(framework.id(), framework.spec(Set.of()));
    return framework;
  }

  /// A framework that some agent, or its scheduler, knows from another master's time.
  public Framework recover(FrameworkInfo info) {
    var framework = add(info);
    framework.recovered = true;
    master.watchers.frameworkAdded(framework); // before anything else is said of it
    framework.touch(); // the view made for watchers does not say which roles are suppressed
    return framework;
  }

  void update(
      Framework framework,
      FrameworkInfo info,
      OfferConstraints constraints,
      Collection<String> suppressed) {
    for (var offer : List.copyOf(framework.offers())) {
      if (!FrameworkRules.roles(info).contains(offer.role())) {
        master.offers.rescind(offer);
      }
    }
    framework.update(info, constraints);
    master.allocator.updateFramework(framework.id(), framework.spec(suppressed));
  }

  /// Gives the framework its stream, says SUBSCRIBED, and lets offers come.
  void connect(Framework framework, String streamId) {
    framework.streamId = streamId;
    framework.pid = null;
    byStream.put(streamId, framework);
    framework.counts.add("calls");
    framework.counts.add("calls/subscribe");
    connected(framework);
    send(
        framework,
        Event.newBuilder()
            .setType(Event.Type.SUBSCRIBED)
            .setSubscribed(
                Event.Subscribed.newBuilder()
                    .setFrameworkId(framework.info().getId())
                    .setHeartbeatIntervalSeconds(MasterConfig.HEARTBEAT.toSeconds())
                    .setMasterInfo(master.info))
            .build());
    heartbeat(framework);
    master.allocator.activateFramework(framework.id());
  }

  /// Gives the framework its driver, says so to it, and lets offers come.
  ///
  /// @param again whether it was the framework's driver before
  void connect(Framework framework, Upid driver, boolean again) {
    framework.pid = driver;
    framework.linked = true;
    framework.counts.add("calls");
    framework.counts.add("calls/subscribe");
    connected(framework);
    master.out.add(new Effect.Link(driver));
    acknowledge(framework, again);
    master.allocator.activateFramework(framework.id());
  }

  private void connected(Framework framework) {
    framework.recovered = false;
    framework.active = true;
    framework.disconnectedTime = null;
    framework.touch();
    master.out.cancelTimer(new TimerKey.FailoverTimeout(framework.id()));
  }

  /// Says, perhaps once more, that the driver is the framework's.
  void acknowledge(Framework framework, boolean again) {
    master.out.send(
        framework.pid(), DriverEvents.subscribed(framework.info().getId(), master.info, again));
  }

  /// The connected framework whose driver has this address.
  Optional<Framework> of(Upid driver) {
    return known.values().stream()
        .filter(framework -> framework.linked && driver.equals(framework.pid))
        .findFirst();
  }

  private void heartbeat(Framework framework) {
    send(framework, Event.newBuilder().setType(Event.Type.HEARTBEAT).build());
    master.out.setTimer(new TimerKey.Heartbeat(framework.id()), MasterConfig.HEARTBEAT);
  }

  public void heartbeat(String frameworkId) {
    get(frameworkId).filter(framework -> framework.streamId != null).ifPresent(this::heartbeat);
  }

  /// Sends an event to a connected framework; false when there is nobody to send it to.
  public boolean send(Framework framework, Event event) {
    if (framework.streamId != null) {
      master.out.add(new Effect.SendEvent(framework.streamId, event));
    } else if (framework.linked) {
      DriverEvents.of(
              framework.info().getId(),
              event,
              agent -> master.agents.get(agent).map(Agent::pid).orElse(Upid.NONE))
          .ifPresent(message -> master.out.send(framework.pid(), message));
    } else {
      return false;
    }
    count(framework, event.getType());
    return true;
  }

  private static void count(Framework framework, Event.Type type) {
    framework.counts.add("events");
    framework.counts.add("events/" + type.name().toLowerCase(Locale.ROOT));
  }

  /// Hands on what an agent reported, for the framework to acknowledge; false when there is nobody
  /// to hand it to.
  ///
  /// @param status of the update, with its uuid
  public boolean forward(Framework framework, StatusUpdateMessage message, TaskStatus status) {
    if (framework.linked) {
      var update = message.getUpdate().toBuilder().setStatus(status);
      master.out.send(framework.pid(), message.toBuilder().setUpdate(update).build());
      count(framework, Event.Type.UPDATE);
      return true;
    }
    return master.tasks.report(framework, status);
  }

  /// Tells the scheduler that another one takes its place.
  void sendFailedOver(Framework framework) {
    if (framework.streamId != null) {
      sendError(framework.streamId, "Framework failed over");
    } else if (framework.linked) {
      sendError(framework.pid(), "Framework failed over");
    }
  }

  public void sendError(Upid driver, String message) {
    master.out.send(driver, DriverEvents.error(message));
  }

  /// The driver wants no offers until it subscribes again.
  public void deactivate(Framework framework) {
    framework.active = false;
    framework.touch();
    master.allocator.deactivateFramework(framework.id());
    master.machines.inverseOffers().frameworkLeft(framework.id());
    List.copyOf(framework.offers()).forEach(master.offers::rescind);
  }

  void sendError(String streamId, String message) {
    master.out.add(
        new Effect.SendEvent(
            streamId,
            Event.newBuilder()
                .setType(Event.Type.ERROR)
                .setError(Event.Error.newBuilder().setMessage(message))
                .build()));
    master.out.add(new Effect.CloseStream(streamId));
  }

  /// The stream of the framework is no longer its stream; offers are taken back without a word.
  void detach(Framework framework) {
    if (framework.streamId != null) {
      byStream.remove(framework.streamId);
      framework.streamId = null;
    }
    framework.linked = false;
    framework.active = false;
    framework.touch();
    master.out.cancelTimer(new TimerKey.Heartbeat(framework.id()));
    master.machines.inverseOffers().frameworkLeft(framework.id());
    master.allocator.deactivateFramework(framework.id());
    List.copyOf(framework.offers())
        .forEach(offer -> master.offers.discard(offer, Optional.empty()));
  }

  /// The scheduler went away: it has `failover_timeout` to come back.
  public void streamClosed(String streamId) {
    var framework = byStream.get(streamId);
    if (framework != null) {
      disconnected(framework);
    }
  }

  /// The connection to the driver broke. It may still be there, and must not go on as if nothing
  /// had happened.
  public void exited(Upid driver) {
    var framework = of(driver).orElse(null);
    if (framework != null) {
      sendError(driver, "Framework disconnected");
      disconnected(framework);
    }
  }

  private void disconnected(Framework framework) {
    master.out.note("framework " + framework.id() + " disconnected");
    detach(framework);
    framework.disconnectedTime = master.now();
    master.out.setTimer(
        new TimerKey.FailoverTimeout(framework.id()),
        FrameworkRules.failoverTimeout(framework.info()).orElse(Duration.ZERO));
  }

  public void failoverTimeout(String frameworkId) {
    var framework = known.get(frameworkId);
    if (framework != null && !framework.connected() && !framework.recovered()) {
      master.out.note("framework " + frameworkId + " did not come back in time");
      remove(framework);
    }
  }

  /// Ends the framework: its tasks are killed everywhere and it never comes back.
  public void remove(Framework framework) {
    var streamId = framework.streamId;
    detach(framework);
    master.out.cancelTimer(new TimerKey.FailoverTimeout(framework.id()));
    if (streamId != null) {
      master.out.add(new Effect.CloseStream(streamId));
    }
    var shutdown =
        ShutdownFrameworkMessage.newBuilder().setFrameworkId(framework.info().getId()).build();
    for (var agent : master.agents.registered()) {
      if (agent.connected()) {
        master.out.send(agent.pid(), shutdown);
      }
    }
    for (var task : framework.tasks()) {
      if (task.active()) {
        master.tasks.apply(task, killed(framework, task.task()));
      }
      master.tasks.remove(task);
    }
    // Nobody will hear of these again: their agents are told to end them when they are back.
    framework.completeUnreachable(
        task -> true,
        task ->
            TaskStates.isTerminal(task.getState())
                ? task
                : master.tasks.end(task, killed(framework, task)),
        master.config.maxCompletedTasksPerFramework());
    framework.executors().forEach(master.tasks::remove);
    master.operations.frameworkRemoved(framework.id());
    known.remove(framework.id());
    master.machines.inverseOffers().frameworkLeft(framework.id());
    master.watchers.frameworkRemoved(framework.info());
    master.allocator.removeFramework(framework.id());
    completed.put(framework.id(), framework.completedView(master.now()));
    while (completed.size() > master.config.maxCompletedFrameworks()) {
      completed.remove(completed.keySet().iterator().next());
    }
  }

  private TaskStatus killed(Framework framework, Task task) {
    return Statuses.of(
            task,
            TaskState.TASK_KILLED,
            TaskStatus.Reason.REASON_FRAMEWORK_REMOVED,
            "Framework " + framework.id() + " removed",
            master.now())
        .build();
  }

  /// Tells every agent what the framework is like now; they resend what was not acknowledged.
  void broadcast(Framework framework) {
    tellWatchers(framework);
    var message = updateMessage(framework);
    for (var agent : master.agents.registered()) {
      if (agent.connected()) {
        master.out.send(agent.pid(), message);
      }
    }
  }

  void tellWatchers(Framework framework) {
    master.watchers.frameworkUpdated(framework);
    framework.touch(); // the view made for watchers does not say which roles are suppressed
  }

  public static UpdateFrameworkMessage updateMessage(Framework framework) {
    return UpdateFrameworkMessage.newBuilder()
        .setFrameworkId(FrameworkID.newBuilder().setValue(framework.id()))
        .setPid(framework.pid().toString())
        .setFrameworkInfo(framework.info())
        .build();
  }
}
