// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Master;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.model.Invalid;
import io.meseta.model.resources.Resources;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.MasterSlaveConnection;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.v1.AgentID;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Admits an agent that has no id yet: gives it one, writes that down, then says so. Agents repeat
/// themselves until answered, so a message that cannot be used is noted and dropped. Original:
/// src/master/master.cpp, Master::registerSlave.
public final class Register {
  private final Master master;
  private final Health health;
  private final Removal removal;
  private final Set<Upid> underWay = new LinkedHashSet<>();

  public Register(Master master, Health health, Removal removal) {
    this.master = master;
    this.health = health;
    this.removal = removal;
  }

  public void on(Upid from, RegisterSlaveMessage given) {
    master.counters.add("messages_register_slave");
    if (underWay.contains(from)) {
      return;
    }
    RegisterSlaveMessage message;
    Resources total;
    try {
      message = given.toBuilder().setSlave(AgentResources.upgrade(given.getSlave())).build();
      AgentRules.checkVersion(message.getVersion());
      AgentRules.checkSize(message.getSlave());
      AgentRules.checkDomain(message.getSlave(), master);
      total =
          AgentResources.total(
              message.getSlave().getResourcesList(), message.getCheckpointedResourcesList());
    } catch (Invalid e) {
      master.out.note("dropping registration of agent at " + from + ": " + e.reason());
      return;
    }
    if (master.machines.isDown(from, message.getSlave().getHostname())) {
      master.out.note("agent at " + from + " is refused: its machine is down");
      master.out.send(from, shutdown("Machine is `DOWN`"));
      return;
    }
    var present = master.agents.get(from).orElse(null);
    if (present != null && present.removing) {
      return; // it will ask again
    }
    if (present != null && present.connected()) {
      acknowledge(present);
      return;
    }
    if (message.hasResourceVersionUuid() && isKnown(from, message, present)) {
      return;
    }
    underWay.add(from);
    if (present != null) {
      removal.replace(present, () -> admit(from, message, total));
    } else {
      admit(from, message, total);
    }
  }

  /// Whether this life of the agent was admitted before, so that it has an id or is about to hear
  /// of it: its message was long under way, or our answer was lost. It is told its id again, and
  /// that it has to re-register.
  ///
  /// The original takes it for another agent and tells it a second id, at which it ends itself.
  private boolean isKnown(Upid from, RegisterSlaveMessage message, @Nullable Agent present) {
    var id = master.agents.admittedAs(message.getResourceVersionUuid()).orElse(null);
    if (id == null) {
      return false;
    }
    if (present == null && master.agents.unreachableSince(id).isEmpty()) {
      return false; // removed for good: if it lives, it is another now
    }
    if (present != null && !present.id().equals(id)) {
      master.out.note("dropping an old registration of agent " + id + " at " + from);
      return true;
    }
    master.out.note("agent " + id + " at " + from + " registers again, and has to re-register");
    acknowledge(from, AgentID.newBuilder().setValue(id).build());
    master.out.send(from, PingSlaveMessage.newBuilder().setConnected(false).build());
    return true;
  }

  private void admit(Upid from, RegisterSlaveMessage message, Resources total) {
    var id = AgentID.newBuilder().setValue(master.agents.newId());
    var info = message.getSlave().toBuilder().setId(id).build();
    master.registry.write(
        new RegistryOperation.Admit(info),
        () -> {
          underWay.remove(from);
          var agent =
              new Agent(
                  info,
                  from,
                  message.getVersion(),
                  message.getAgentCapabilitiesList(),
                  total,
                  master.agents.newObserver(),
                  master.now());
          if (message.hasResourceVersionUuid()) {
            agent.setResourceVersion(message.getResourceVersionUuid());
            master.agents.admitted(message.getResourceVersionUuid(), agent.id());
          }
          master.agents.add(agent);
          master.allocator.addAgent(agent.id(), agent.spec(master.info.getDomain()), Map.of());
          master.watchers.agentAdded(agent);
          master.counters.add("slave_registrations");
          master.out.note("agent " + agent.id() + " at " + from + " registered");
          master.out.add(new Effect.Link(from));
          acknowledge(agent);
          health.watch(agent);
        });
  }

  private void acknowledge(Agent agent) {
    acknowledge(agent.pid(), agent.info().getId());
  }

  private void acknowledge(Upid pid, AgentID id) {
    master.out.send(
        pid,
        SlaveRegisteredMessage.newBuilder()
            .setSlaveId(id)
            .setConnection(connection(master))
            .build());
  }

  static MasterSlaveConnection connection(Master master) {
    return MasterSlaveConnection.newBuilder()
        .setTotalPingTimeoutSeconds(
            master
                    .config
                    .agentPingTimeout()
                    .multipliedBy(master.config.maxAgentPingTimeouts())
                    .toMillis()
                / 1000.0)
        .build();
  }

  static ShutdownMessage shutdown(String why) {
    return ShutdownMessage.newBuilder().setMessage(why).build();
  }
}
