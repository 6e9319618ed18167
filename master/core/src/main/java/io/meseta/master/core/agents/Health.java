// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Master;
import io.meseta.master.core.TimerKey;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.PingSlaveMessage;

/// Pings agents. One that leaves `max_agent_ping_timeouts` pings in a row unanswered becomes
/// unreachable; a pong in time saves it.
public final class Health {
  private final Master master;
  private final Removal removal;

  public Health(Master master, Removal removal) {
    this.master = master;
    this.removal = removal;
  }

  /// The agent is new: the first ping goes out at once.
  void watch(Agent agent) {
    master.out.add(new Effect.OpenProcess(agent.observer));
    ping(agent);
  }

  private void ping(Agent agent) {
    agent.pinged = true;
    master.out.add(
        new Effect.Send(
            agent.observer,
            agent.pid(),
            PingSlaveMessage.newBuilder().setConnected(agent.connected()).build()));
    master.out.setTimer(new TimerKey.AgentPing(agent.id()), master.config.agentPingTimeout());
  }

  /// The agent has registered again.
  void back(Agent agent) {
    removal.answered(agent);
  }

  public void pong(Upid from) {
    master
        .agents
        .get(from)
        .ifPresent(agent -> {
          agent.pinged = false;
          agent.missedPings = 0;
          if (agent.connected()) {
            removal.answered(agent);
          }
        });
  }

  public void timer(String agentId) {
    var agent = master.agents.get(agentId).orElse(null);
    if (agent == null) {
      return;
    }
    if (agent.pinged && ++agent.missedPings >= master.config.maxAgentPingTimeouts()) {
      removal.scheduleUnreachable(agent, "health check timed out");
    }
    ping(agent);
  }
}
