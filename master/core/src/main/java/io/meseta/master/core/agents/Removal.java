// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Master;
import io.meseta.master.core.TimerKey;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.master.core.tasks.Statuses;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus.Reason;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Agents that go: disconnected (may be back soon), unreachable (may be back some day), gone for
/// ever, or unregistered. What is final is written first and told afterwards.
public final class Removal {
  private static final String GONE = "Agent has been marked gone";

  /// How an agent goes, which decides what frameworks are told.
  private enum End {
    UNREACHABLE,
    GONE,
    LEFT
  }

  private final Master master;
  private final RemovalLimit limit;

  public Removal(Master master) {
    this.master = master;
    this.limit = new RemovalLimit(master);
  }

  /// Our connection to the agent broke: no offers. It has `agent_reregister_timeout` to be back.
  ///
  /// The original declares the tasks of frameworks that do not checkpoint lost at once
  /// (MESOS-7911), although most such agents live on and so do the tasks. Here nothing is lost
  /// before the agent says so, when it is back, or is unreachable.
  public void exited(Upid pid) {
    var agent = master.agents.get(pid).orElse(null);
    if (agent == null || !agent.connected || agent.removing) {
      return;
    }
    master.out.note("agent " + agent.id() + " at " + pid + " disconnected");
    agent.connected = false;
    agent.touch();
    deactivate(agent);
    master.out.setTimer(
        new TimerKey.AgentReregistration(agent.id()), master.config.agentReregisterTimeout());
  }

  void deactivate(Agent agent) {
    master.allocator.deactivateAgent(agent.id());
    List.copyOf(agent.offers()).forEach(master.offers::rescind);
  }

  /// A disconnected agent did not come back in time.
  public void reregistrationTimeout(String agentId) {
    master
        .agents
        .get(agentId)
        .filter(agent -> !agent.connected)
        .ifPresent(agent ->
            scheduleUnreachable(
                agent,
                "agent did not re-register within "
                    + master.config.agentReregisterTimeout().toSeconds()
                    + "secs after disconnecting"));
  }

  /// The agent is to become unreachable when the limit allows it and it has not answered till then.
  ///
  /// The limit protects frameworks to which unreachable tasks are lost ones. Those that are
  /// PARTITION_AWARE want to know at once and decide by themselves how fast to replace their tasks;
  /// the original lets them wait, too (MESOS-7721).
  void scheduleUnreachable(Agent agent, String why) {
    if (agent.removing) {
      return;
    }
    limit.schedule(
        agent.id(),
        onlyAwareFrameworksRunOn(agent),
        () ->
            master
                .agents
                .get(agent.id())
                .filter(there -> there == agent)
                .ifPresent(there -> markUnreachable(there, why)));
  }

  private boolean onlyAwareFrameworksRunOn(Agent agent) {
    var tasks = agent.tasks();
    return !tasks.isEmpty()
        && tasks.stream()
            .allMatch(task ->
                master
                    .frameworks
                    .get(task.frameworkId())
                    .filter(Framework::partitionAware)
                    .isPresent());
  }

  /// The agent has answered.
  void answered(Agent agent) {
    limit.cancel(agent.id());
  }

  /// The limit allows the next one.
  public void turn() {
    limit.turn();
  }

  private void markUnreachable(Agent agent, String why) {
    if (agent.removing) {
      return;
    }
    agent.removing = true;
    master.out.note("marking agent " + agent.id() + " unreachable: " + why);
    deactivate(agent);
    var when = master.now();
    master.registry.write(
        new RegistryOperation.MarkUnreachable(agent.id(), when),
        () -> {
          master.counters.add("slave_unreachable_completed");
          removed("unhealthy");
          // Launches that are under way must not arrive when the network is well again: their
          // tasks were declared lost, and nobody would expect them on what is offered to others.
          master
              .agents
              .get(agent.pid())
              .filter(there -> there == agent)
              .ifPresent(there -> master.out.add(new Effect.Unlink(agent.pid())));
          remove(agent, why, End.UNREACHABLE, when);
          master.agents.becameUnreachable(agent.id(), when);
        });
  }

  /// Agents of the registry that never came back after a master failover.
  public void recoveryTimeout() {
    double missing = master.agents.missing();
    double most = master.config.recoveryAgentRemovalLimit();
    if (missing > most) {
      // More likely something is wrong with this master or its network than with all those agents.
      master.out.add(
          new Effect.Fail(
              "Post-recovery agent removal limit exceeded! After "
                  + master.config.agentReregisterTimeout().toSeconds()
                  + "secs there were "
                  + master.agents.recovered().size()
                  + " ("
                  + Math.round(missing * 1000) / 10.0
                  + "%) agents recovered from the registry that did not reregister, and"
                  + " --recovery_agent_removal_limit is "
                  + Math.round(most * 1000) / 10.0
                  + "%"));
      return;
    }
    for (var info : List.copyOf(master.agents.recovered())) {
      limit.schedule(info.getId().getValue(), false, () -> neverBack(info));
    }
  }

  private void neverBack(AgentInfo info) {
    var id = info.getId().getValue();
    boolean missing =
        master.agents.recovered().stream().anyMatch(known -> known.getId().equals(info.getId()));
    if (missing && !master.agents.reregistering.contains(id) && master.agents.removing.add(id)) {
      var when = master.now();
      master.registry.write(
          new RegistryOperation.MarkUnreachable(id, when),
          () -> {
            master.agents.removing.remove(id);
            master.agents.becameUnreachable(id, when);
            removed("unhealthy");
            master.counters.add("recovery_slave_removals");
            master.counters.add("slave_unreachable_completed");
            master.out.note("agent " + id + " did not come back after the failover");
            tellLost(info);
          });
    }
  }

  /// An operator says that the agent will never be back. False when nobody knows it.
  ///
  /// @param done runs when it is durable
  public boolean markGone(String id, Runnable done) {
    var agents = master.agents;
    if (agents.isGone(id)) {
      done.run();
      return true;
    }
    var agent = agents.get(id).orElse(null);
    if (agent == null && !agents.isRecovered(id) && agents.unreachableSince(id).isEmpty()) {
      return false;
    }
    agents.removing.add(id);
    if (agent != null) {
      agent.removing = true;
      deactivate(agent);
    }
    var when = master.now();
    master.registry.write(
        new RegistryOperation.MarkGone(id, when),
        () -> {
          agents.removing.remove(id);
          // It may have become unreachable, or come back, while this was being written.
          agents
              .get(id)
              .ifPresent(present -> {
                master.out.send(present.pid(), Register.shutdown(GONE));
                remove(present, GONE, End.GONE, when);
              });
          master.frameworks.all().forEach(framework -> endUnreachable(framework, id));
          agents.becameGone(id, when);
          done.run();
        });
    return true;
  }

  /// Tasks that were unreachable with the agent are gone with it.
  private void endUnreachable(Framework framework, String agentId) {
    framework.completeUnreachable(
        task -> task.getAgentId().getValue().equals(agentId),
        task -> {
          boolean lost = task.getState() == TaskState.TASK_LOST;
          if (!lost && TaskStates.isTerminal(task.getState())) {
            return task; // it had ended before
          }
          boolean aware = framework.partitionAware();
          var status =
              Statuses.of(
                      task,
                      aware ? TaskState.TASK_GONE_BY_OPERATOR : TaskState.TASK_LOST,
                      aware ? Reason.REASON_AGENT_REMOVED_BY_OPERATOR : Reason.REASON_AGENT_REMOVED,
                      GONE,
                      master.now())
                  .build();
          master.tasks.report(framework, status);
          return lost ? task : master.tasks.end(task, status);
        },
        master.config.maxCompletedTasksPerFramework());
  }

  /// The agent says good-bye.
  public void unregister(Upid from, String id) {
    master
        .agents
        .get(id)
        .filter(agent -> agent.pid().equals(from) && !agent.removing)
        .ifPresent(agent -> forget(agent, "the agent unregistered", () -> because("unregistered")));
  }

  private void removed(String reason) {
    master.counters.add("slave_removals");
    because(reason);
  }

  private void because(String reason) {
    master.counters.add("slave_removals/reason_" + reason);
  }

  /// Ends the agent and all it runs; it may come back as another.
  public void shutDown(Agent agent, String why) {
    if (!agent.removing) {
      master.out.send(agent.pid(), Register.shutdown(why));
      forget(agent, why, () -> {});
    }
  }

  /// Makes room for an agent that registers as a new one at the same address.
  void replace(Agent agent, Runnable done) {
    forget(
        agent,
        "a new agent registered at the same address",
        () -> {
          because("registered");
          done.run();
        });
  }

  /// Removes the agent from the registry and from memory.
  private void forget(Agent agent, String why, Runnable done) {
    agent.removing = true;
    deactivate(agent);
    master.registry.write(
        new RegistryOperation.Remove(agent.id()),
        () -> {
          master.counters.add("slave_removals");
          remove(
              agent,
              "Agent " + agent.info().getHostname() + " removed: " + why,
              End.LEFT,
              master.now());
          master.agents.forgotten(agent.id());
          done.run();
        });
  }

  private static TaskState state(End end, boolean aware) {
    if (!aware) {
      return TaskState.TASK_LOST;
    }
    return switch (end) {
      case UNREACHABLE -> TaskState.TASK_UNREACHABLE;
      case GONE -> TaskState.TASK_GONE_BY_OPERATOR;
      case LEFT -> TaskState.TASK_LOST;
    };
  }

  private void remove(Agent agent, String why, End end, Instant when) {
    for (var task : agent.tasks()) {
      var framework = master.frameworks.get(task.frameworkId()).orElse(null);
      if (framework != null && task.active()) {
        boolean aware = framework.partitionAware();
        var status =
            Statuses.of(
                task.task(),
                state(end, aware),
                aware && end == End.GONE
                    ? Reason.REASON_AGENT_REMOVED_BY_OPERATOR
                    : Reason.REASON_AGENT_REMOVED,
                why,
                master.now());
        if (end == End.UNREACHABLE) {
          status.setUnreachableTime(RegistryOperation.time(when));
        }
        var built = status.build();
        master.tasks.report(framework, built);
        master.tasks.apply(task, built);
      }
      if (end == End.UNREACHABLE) {
        master.tasks.markUnreachable(task);
      } else {
        master.tasks.remove(task);
      }
    }
    agent.executors().forEach(master.tasks::remove);
    master.machines.inverseOffers().agentLeft(agent);
    master.operations.agentRemoved(
        agent,
        switch (end) {
          case UNREACHABLE -> Optional.of(OperationState.OPERATION_UNREACHABLE);
          case GONE -> Optional.of(OperationState.OPERATION_GONE_BY_OPERATOR);
          case LEFT -> Optional.empty();
        });
    List.copyOf(agent.offers()).forEach(master.offers::rescind);
    master.allocator.removeAgent(agent.id());
    master.agents.removed(agent);
    master.watchers.agentRemoved(agent);
    master.out.cancelTimer(new TimerKey.AgentPing(agent.id()));
    master.out.cancelTimer(new TimerKey.AgentReregistration(agent.id()));
    master.out.add(new Effect.CloseProcess(agent.observer));
    tellLost(agent.info());
  }

  private void tellLost(AgentInfo info) {
    AgentID id = info.getId();
    var event =
        Event.newBuilder()
            .setType(Event.Type.FAILURE)
            .setFailure(Event.Failure.newBuilder().setAgentId(id))
            .build();
    for (var framework : master.frameworks.all()) {
      master.frameworks.send(framework, event);
    }
  }
}
