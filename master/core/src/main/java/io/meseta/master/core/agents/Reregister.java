// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Master;
import io.meseta.master.core.TimerKey;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.frameworks.FrameworkRules;
import io.meseta.master.core.frameworks.Frameworks;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.master.core.tasks.LaunchedExecutor;
import io.meseta.master.core.tasks.Statuses;
import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.ReconcileTasksMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.AllocationInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Takes an agent back: one that is registered and reconnects, one from before a master failover,
/// one that was unreachable, or one that the registry never saw. Its tasks, executors and
/// frameworks come with it. Original: src/master/master.cpp, Master::reregisterSlave and what
/// follows it.
public final class Reregister {
  private final Master master;
  private final Health health;
  private final Drain drain;

  public Reregister(Master master, Health health, Drain drain) {
    this.master = master;
    this.health = health;
    this.drain = drain;
  }

  public void on(Upid from, ReregisterSlaveMessage given) {
    master.counters.add("messages_reregister_slave");
    var id = given.getSlave().getId().getValue();
    var agents = master.agents;
    if (agents.reregistering.contains(id) || agents.removing.contains(id)) {
      return;
    }
    if (agents.isGone(id)) {
      master.out.send(from, Register.shutdown("Agent has been marked gone"));
      return;
    }
    if (master.machines.isDown(from, given.getSlave().getHostname())) {
      master.out.note("agent " + id + " at " + from + " is refused: its machine is down");
      master.out.send(from, Register.shutdown("Machine is `DOWN`"));
      return;
    }
    ReregisterSlaveMessage message;
    Resources total;
    try {
      AgentRules.check(given);
      AgentRules.checkDomain(given.getSlave(), master);
      message = upgrade(given);
      total =
          AgentResources.total(
              message.getSlave().getResourcesList(), message.getCheckpointedResourcesList());
    } catch (Invalid e) {
      master.out.note("dropping re-registration of agent " + id + ": " + e.reason());
      return;
    }
    var present = agents.get(id).orElse(null);
    if (present != null) {
      known(present, from, message, total);
    } else {
      unknown(id, from, message, total);
    }
  }

  /// The same with all resources in the form that servers use.
  private static ReregisterSlaveMessage upgrade(ReregisterSlaveMessage message) throws Invalid {
    var result =
        message.toBuilder().setSlave(AgentResources.upgrade(message.getSlave())).clearTasks();
    var roles = new HashMap<String, Set<String>>();
    for (var framework : message.getFrameworksList()) {
      roles.put(framework.getId().getValue(), FrameworkRules.roles(framework));
    }
    for (var task : message.getTasksList()) {
      var framework = task.getFrameworkId().getValue();
      result.addTasks(
          isNew(task.getResourcesList())
              ? task
              : task.toBuilder()
                  .clearResources()
                  .addAllResources(
                      upgrade(task.getResourcesList(), roles.getOrDefault(framework, Set.of())))
                  .build());
      var unused = ResourceWire.decode(task.getResourcesList());
    }
    result.clearExecutorInfos();
    for (var executor : message.getExecutorInfosList()) {
      var framework = executor.getFrameworkId().getValue();
      result.addExecutorInfos(
          executor.toBuilder()
              .clearResources()
              .addAllResources(
                  upgrade(executor.getResourcesList(), roles.getOrDefault(framework, Set.of()))));
      var unused = ResourceWire.decode(executor.getResourcesList());
    }
    return result.build();
  }

  /// Whether there is nothing to convert, as in most messages of a failover.
  @SuppressWarnings("deprecation") // the form of old agents
  private static boolean isNew(List<Resource> resources) {
    for (var resource : resources) {
      if (resource.hasRole() || resource.hasReservation() || !resource.hasAllocationInfo()) {
        return false;
      }
    }
    return true;
  }

  /// Agents that are not MULTI_ROLE do not say which role holds a resource; with one role there is
  /// no doubt.
  private static List<Resource> upgrade(List<Resource> resources, Set<String> roles)
      throws Invalid {
    var result = new ArrayList<Resource>();
    for (var resource : ResourceWire.convert(resources, Format.POST)) {
      if (resource.hasAllocationInfo()) {
        result.add(resource);
        continue;
      }
      if (roles.size() != 1) {
        throw new Invalid(
            "resource '"
                + resource.getName()
                + "' has no allocation_info, and its framework has the roles "
                + roles);
      }
      result.add(
          resource.toBuilder()
              .setAllocationInfo(AllocationInfo.newBuilder().setRole(roles.iterator().next()))
              .build());
    }
    return result;
  }

  private void known(Agent agent, Upid from, ReregisterSlaveMessage message, Resources total) {
    if (agent.removing) {
      return;
    }
    var info = message.getSlave();
    if (!agent.pid().ip().equals(from.ip())
        || !agent.info().getHostname().equals(info.getHostname())) {
      master.out.send(
          from,
          Register.shutdown(
              "Agent attempted to re-register with different IP / hostname; agent was expected to"
                  + " have IP "
                  + agent.pid().ip()
                  + " and hostname "
                  + agent.info().getHostname()));
      return;
    }
    if (agent.info().equals(info)) {
      reconnect(agent, from, message, total);
      return;
    }
    master.agents.reregistering.add(agent.id());
    master.registry.write(
        new RegistryOperation.Admit(info),
        () -> {
          master.agents.reregistering.remove(agent.id());
          if (!agent.removing) {
            reconnect(agent, from, message, total);
          }
        });
  }

  private void reconnect(Agent agent, Upid from, ReregisterSlaveMessage message, Resources total) {
    boolean otherAttributes =
        !agent.info().getAttributesList().equals(message.getSlave().getAttributesList());
    var before = agent.pid();
    // In the same life of the agent operations may be under way that the message does not know of:
    // what became of them is asked and answered one by one.
    boolean sameLife =
        message.hasResourceVersionUuid()
            && agent.resourceVersions().stream()
                .anyMatch(v -> v.getUuid().equals(message.getResourceVersionUuid()));
    boolean keepsWhatItIsTold =
        message.getAgentCapabilitiesList().stream()
            .noneMatch(c -> c.getType() == AgentInfo.Capability.Type.RESOURCE_PROVIDER);
    var has =
        sameLife
            ? agent.total()
            : (keepsWhatItIsTold ? told(agent, message, total) : total)
                .plus(agent.total().revocable());
    if (!has.equals(agent.total())) {
      // An operation did not arrive before the agent ended: what is offered may not be there.
      List.copyOf(agent.offers()).forEach(master.offers::rescind);
    }
    boolean hadFeedback = agent.has(AgentInfo.Capability.Type.AGENT_OPERATION_FEEDBACK);
    agent.update(
        message.getSlave(), from, message.getVersion(), message.getAgentCapabilitiesList(), has);
    if (hadFeedback && !agent.has(AgentInfo.Capability.Type.AGENT_OPERATION_FEEDBACK)) {
      master.operations.downgraded(agent.id());
    }
    master.agents.moved(agent, before);
    if (message.hasResourceVersionUuid()) {
      agent.setResourceVersion(message.getResourceVersionUuid());
    }
    agent.reregisteredTime = master.now();
    if (!sameLife) {
      agent.nothingToUndo();
      master.operations.reconnected(agent.id());
    }
    master.allocator.updateAgent(agent.id(), agent.spec(master.info.getDomain()), otherAttributes);
    master.out.add(new Effect.Link(from));
    master.out.cancelTimer(new TimerKey.AgentReregistration(agent.id()));
    agent.connected = true;
    health.back(agent);
    agent.missedPings = 0;
    agent.touch();
    master.counters.add("slave_reregistrations");
    master.out.note("agent " + agent.id() + " at " + from + " is back");
    takeOverMore(agent, message);
    reconcile(agent, message);
    if (agent.active()) {
      master.allocator.activateAgent(agent.id());
    }
    drain.remind(agent);
    updateFrameworks(agent, message);
    if (keepsWhatItIsTold) {
      master.operations.tellWhatToKeep(agent);
    }
  }

  /// What an agent before RESOURCE_PROVIDER has once it was told again: of operations that it
  /// missed it knows nothing, and nobody would be told that they failed.
  private Resources told(Agent agent, ReregisterSlaveMessage message, Resources otherwise) {
    try {
      return AgentResources.total(
          message.getSlave().getResourcesList(),
          ResourceWire.encode(agent.total().nonRevocable().needCheckpointing(), Format.POST));
    } catch (Invalid e) {
      master.out.note(
          "agent " + agent.id() + " has too little for what it was told to keep: " + e.reason());
      return otherwise;
    }
  }

  /// Tells the agent which of its tasks it did not mention, and drops executors that it no longer
  /// has.
  private void reconcile(Agent agent, ReregisterSlaveMessage message) {
    var mentioned = new HashMap<List<String>, TaskState>();
    for (var task : message.getTasksList()) {
      mentioned.put(
          List.of(task.getFrameworkId().getValue(), task.getTaskId().getValue()), task.getState());
    }
    var missing = new LinkedHashMap<String, ReconcileTasksMessage.Builder>();
    for (var task : agent.tasks()) {
      var state = mentioned.get(List.of(task.frameworkId(), task.id()));
      task.doubt(state == null || TaskStates.isTerminal(state));
      var framework = master.frameworks.get(task.frameworkId()).orElse(null);
      if (state == null && framework != null) {
        missing
            .computeIfAbsent(
                task.frameworkId(),
                id ->
                    ReconcileTasksMessage.newBuilder()
                        .setFrameworkId(FrameworkID.newBuilder().setValue(id))
                        .setFramework(framework.info()))
            .addStatuses(
                Statuses.unknown(
                    task.id(),
                    agent.id(),
                    task.reportedState(),
                    Reason.REASON_RECONCILIATION,
                    "Reconciliation request",
                    master.now()));
      }
    }
    var answer =
        SlaveReregisteredMessage.newBuilder()
            .setSlaveId(agent.info().getId())
            .setConnection(Register.connection(master));
    missing.values().forEach(answer::addReconciliations);
    master.out.send(agent.pid(), answer.build());

    var executors = new HashSet<List<String>>();
    for (var executor : message.getExecutorInfosList()) {
      executors.add(
          List.of(executor.getFrameworkId().getValue(), executor.getExecutorId().getValue()));
    }
    for (var executor : agent.executors()) {
      if (!executors.contains(List.of(executor.frameworkId(), executor.id()))) {
        master.tasks.remove(executor);
      }
    }
    for (var task : message.getTasksList()) {
      if (!TaskStates.isTerminal(task.getState())
          && agent.wasKilled(task.getFrameworkId().getValue(), task.getTaskId().getValue())) {
        master.out.send(
            agent.pid(),
            KillTaskMessage.newBuilder()
                .setFrameworkId(task.getFrameworkId())
                .setTaskId(task.getTaskId())
                .build());
      }
    }
  }

  private void unknown(String id, Upid from, ReregisterSlaveMessage message, Resources total) {
    var info = message.getSlave();
    var recovered = master.agents.recovered(id).orElse(null);
    if (info.equals(recovered)) {
      readmit(from, message, total);
      return;
    }
    master.agents.reregistering.add(id);
    master.registry.write(
        new RegistryOperation.Admit(info),
        () -> {
          master.agents.reregistering.remove(id);
          if (!master.agents.isGone(id)) {
            readmit(from, message, total);
          }
        });
  }

  private void readmit(Upid from, ReregisterSlaveMessage message, Resources total) {
    var agents = master.agents;
    var id = message.getSlave().getId().getValue();
    boolean failedOver = agents.isRecovered(id);
    boolean wasUnreachable = agents.unreachableSince(id).isPresent();
    agents
        .get(from)
        .filter(other -> !other.id().equals(id))
        .ifPresent(
            other -> master.out.note("agent " + id + " has the address of " + other.id() + " now"));
    var agent =
        new Agent(
            message.getSlave(),
            from,
            message.getVersion(),
            message.getAgentCapabilitiesList(),
            total,
            agents.newObserver(),
            master.now());
    agent.reregisteredTime = master.now();
    agent.complete = !agent.has(AgentInfo.Capability.Type.RESOURCE_PROVIDER);
    if (message.hasResourceVersionUuid()) {
      agent.setResourceVersion(message.getResourceVersionUuid());
    }
    agents.add(agent);
    for (var info : message.getFrameworksList()) {
      var framework = info.getId().getValue();
      if (master.frameworks.get(framework).isEmpty() && !master.frameworks.completed(framework)) {
        var unused = master.frameworks.recover(info);
      }
    }
    var used = new LinkedHashMap<String, Resources>();
    for (var executor : message.getExecutorInfosList()) {
      takeOver(agent, executor, used);
    }
    for (var task : message.getTasksList()) {
      takeOver(agent, task, failedOver, wasUnreachable, used);
    }
    for (var archived : message.getCompletedFrameworksList()) {
      master
          .frameworks
          .get(archived.getFrameworkInfo().getId().getValue())
          .ifPresent(framework -> remember(framework, archived.getTasksList()));
    }
    if (wasUnreachable) {
      master.frameworks.all().forEach(framework -> framework.forgetUnreachable(id));
    }
    master.allocator.addAgent(agent.id(), agent.spec(master.info.getDomain()), used);
    if (!agent.active()) {
      master.allocator.deactivateAgent(agent.id());
    }
    master.watchers.agentAdded(agent);
    master.counters.add("slave_reregistrations");
    master.out.note(
        "agent "
            + id
            + " at "
            + from
            + " re-registered with "
            + message.getTasksCount()
            + " tasks");
    master.out.add(new Effect.Link(from));
    master.out.send(
        from,
        SlaveReregisteredMessage.newBuilder()
            .setSlaveId(agent.info().getId())
            .setConnection(Register.connection(master))
            .build());
    health.watch(agent);
    drain.remind(agent);
    updateFrameworks(agent, message);
  }

  /// A connection that stood still may have admitted the agent by a message that is older than its
  /// last launches. What a later one mentions beyond that runs as well and holds what it needs; the
  /// original would never know of it, and offer its resources to others.
  private void takeOverMore(Agent agent, ReregisterSlaveMessage message) {
    var used = new LinkedHashMap<String, Resources>();
    for (var executor : message.getExecutorInfosList()) {
      var frameworkId = executor.getFrameworkId().getValue();
      if (agent.executor(frameworkId, executor.getExecutorId().getValue()).isEmpty()) {
        takeOver(agent, executor, used);
      }
    }
    for (var task : message.getTasksList()) {
      var frameworkId = task.getFrameworkId().getValue();
      var id = task.getTaskId().getValue();
      boolean over =
          TaskStates.isTerminal(task.getState())
              || master.frameworks.get(frameworkId).filter(f -> f.isCompleted(id)).isPresent();
      if (!over && agent.task(frameworkId, id).isEmpty()) {
        master.out.note("agent " + agent.id() + " runs task " + id + ", too");
        takeOver(agent, task, true, false, used);
      }
    }
    if (!used.isEmpty()) {
      List.copyOf(agent.offers()).forEach(master.offers::rescind);
      used.forEach((framework, held) -> master.allocator.take(framework, agent.id(), held));
    }
  }

  private void takeOver(Agent agent, ExecutorInfo executor, Map<String, Resources> used) {
    var frameworkId = executor.getFrameworkId().getValue();
    master
        .frameworks
        .get(frameworkId)
        .ifPresent(framework -> {
          var resources = ResourceWire.decodeTrusted(executor.getResourcesList());
          master.tasks.add(
              new LaunchedExecutor(frameworkId, agent.id(), executor, resources), agent, framework);
          used.merge(frameworkId, resources, Resources::plus);
        });
  }

  private void takeOver(
      Agent agent,
      Task given,
      boolean failedOver,
      boolean wasUnreachable,
      Map<String, Resources> used) {
    var framework = master.frameworks.get(given.getFrameworkId().getValue()).orElse(null);
    if (framework == null) {
      return; // completed: its agent is told to shut it down
    }
    // Not every agent refuses an executor's word for what only the master can know.
    var task =
        TaskStates.isMastersOnly(given.getState())
            ? given.toBuilder().setState(TaskState.TASK_RUNNING).build()
            : given;
    framework.forgetPast(task.getTaskId().getValue(), agent.id());
    var launched = master.tasks.add(task, agent, framework);
    if (launched.active()) {
      used.merge(framework.id(), launched.resources(), Resources::plus);
    }
    if (!failedOver) {
      master.tasks.report(
          framework,
          Statuses.withDetails(
                  task,
                  task.getState(),
                  Reason.REASON_AGENT_REREGISTERED,
                  wasUnreachable
                      ? "Unreachable agent re-reregistered"
                      : "Unknown agent reregistered",
                  master.now())
              .build());
    }
  }

  /// What ended on the agent in another master's time: the latest, as far as there is room for, so
  /// that a failover of many agents stays cheap and what this master saw itself is not pushed out.
  /// Frameworks that only the archive names stay unknown, as in the original.
  private void remember(Framework framework, List<Task> tasks) {
    int limit = master.config.maxCompletedTasksPerFramework();
    int room = Math.max(0, limit - framework.completedCount());
    for (var task : tasks.subList(Math.max(0, tasks.size() - room), tasks.size())) {
      if (!TaskStates.isTerminal(task.getState())
          || !task.getFrameworkId().getValue().equals(framework.id())
          || framework.knows(task.getTaskId().getValue())) {
        continue;
      }
      try {
        var resources =
            isNew(task.getResourcesList())
                ? task.getResourcesList()
                : upgrade(task.getResourcesList(), framework.roles());
        var unused = ResourceWire.decode(resources);
        framework.remember(
            master.tasks.sharing(
                task.toBuilder().clearResources().addAllResources(resources).build()),
            limit);
      } catch (Invalid e) {
        master.out.note(
            "leaving out completed task " + task.getTaskId().getValue() + ": " + e.reason());
      }
    }
  }

  /// What changed about frameworks while the agent was away.
  private void updateFrameworks(Agent agent, ReregisterSlaveMessage message) {
    for (var info : message.getFrameworksList()) {
      var id = info.getId().getValue();
      var framework = master.frameworks.get(id).orElse(null);
      if (framework != null) {
        master.out.send(agent.pid(), Frameworks.updateMessage(framework));
      } else if (master.frameworks.completed(id)) {
        master.out.send(
            agent.pid(),
            ShutdownFrameworkMessage.newBuilder().setFrameworkId(info.getId()).build());
      } else {
        var unused = master.frameworks.recover(info);
      }
    }
  }
}
