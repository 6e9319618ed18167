// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Master;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.wire.internal.DrainSlaveMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.DrainInfo;
import io.meseta.wire.v1.DrainState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Empties agents: the agent is not offered any more and told to end its tasks; when the last task
/// and operation is over and acknowledged it is DRAINED, or marked gone. Survives the master and
/// the agent, which is told again whenever it comes back. Original: src/master/http.cpp,
/// Master::Http::drainAgent, and src/master/master.cpp, Master::checkAndTransitionDrainingAgent.
public final class Drain {
  private final Master master;
  private final Removal removal;

  /// How many beginnings and ends of drains are being written, by agent.
  private final Map<String, Integer> writing = new LinkedHashMap<>();

  public Drain(Master master, Removal removal) {
    this.master = master;
    this.removal = removal;
  }

  public void start(String id, DrainConfig config, Deactivation.Answer answer) {
    var agents = master.agents;
    var agent = agents.get(id).orElse(null);
    if (!agents.exists(id)) {
      answer.give(400, "Unknown agent '" + id + "'");
      return;
    }
    if (agents.removing.contains(id)) {
      answer.give(409, "Agent '" + id + "' is currently being marked gone");
      return;
    }
    // As in the original only a best effort: of an agent that is away neither is known.
    if (agent != null && agent.unavailability().isPresent()) {
      answer.give(
          400,
          "Agent '"
              + id
              + "' is part of a maintenance schedule, as its machine "
              + agent.info().getHostname()
              + " is");
      return;
    }
    if (agent != null && !agent.has(AgentInfo.Capability.Type.AGENT_DRAINING)) {
      answer.give(400, "Agent '" + id + "' is not capable of draining");
      return;
    }
    var drain = DrainInfo.newBuilder().setState(DrainState.DRAINING).setConfig(config).build();
    write(
        id,
        drain,
        () -> {
          master.out.note("draining agent " + id);
          agents
              .get(id)
              .ifPresent(there -> {
                removal.deactivate(there);
                remind(there);
              });
        },
        () -> answer.give(200, ""));
  }

  private void write(String id, DrainInfo drain, Runnable whenDurable, Runnable always) {
    writing.merge(id, 1, Integer::sum);
    master.registry.write(
        new RegistryOperation.Drain(id, drain),
        () -> {
          writing.computeIfPresent(id, (agent, count) -> count == 1 ? null : count - 1);
          if (master.agents.exists(id)) {
            master.agents.setDeactivated(id);
            master.agents.setDrain(id, drain);
            whenDurable.run();
          } else {
            // It unregistered, or was forgotten, in between.
            master.registry.write(new RegistryOperation.Reactivate(id), () -> {});
          }
          always.run();
        });
  }

  /// Tells an agent again what is to become of it: it may have been started anew, or lost the
  /// message.
  void remind(Agent agent) {
    var drain = agent.drain;
    if (drain != null) {
      master.out.send(
          agent.pid(), DrainSlaveMessage.newBuilder().setConfig(drain.getConfig()).build());
      agent.drainStarted = master.now();
      agent.touch();
    }
  }

  /// Ends drains that are over.
  public void check() {
    for (var id : List.copyOf(master.agents.drains())) {
      master.agents.get(id).filter(this::isOver).ifPresent(this::end);
    }
  }

  private boolean isOver(Agent agent) {
    var drain = agent.drain;
    return drain != null
        && drain.getState() == DrainState.DRAINING
        && agent.complete
        && !agent.removing
        && agent.tasks().isEmpty()
        && !master.operations.anyOf(agent.id())
        && !writing.containsKey(agent.id());
  }

  private void end(Agent agent) {
    var id = agent.id();
    var drain = master.agents.drain(id).orElseThrow();
    if (drain.getConfig().getMarkGone()) {
      master.out.note("agent " + id + " is drained, and marked gone");
      boolean known = removal.markGone(id, () -> {});
      if (!known) {
        throw new IllegalStateException("agent " + id + " is registered but not known");
      }
      return;
    }
    write(
        id,
        drain.toBuilder().setState(DrainState.DRAINED).build(),
        () -> master.out.note("agent " + id + " is drained"),
        () -> {});
  }
}
