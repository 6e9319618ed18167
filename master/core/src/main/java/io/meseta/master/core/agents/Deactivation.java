// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Master;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.wire.v1.DrainState;

/// Keeps an agent from offers, or lets it be offered again; its tasks run on. Survives the master,
/// and holds for agents that are away. Original: src/master/http.cpp, Master::Http::deactivateAgent
/// and reactivateAgent.
public final class Deactivation {
  /// How a call ends.
  @FunctionalInterface
  public interface Answer {
    void give(int status, String message);
  }

  private final Master master;
  private final Removal removal;

  public Deactivation(Master master, Removal removal) {
    this.master = master;
    this.removal = removal;
  }

  public void deactivate(String id, Answer answer) {
    if (!master.agents.exists(id)) {
      answer.give(400, "Unknown agent '" + id + "'");
      return;
    }
    master.registry.write(
        new RegistryOperation.Deactivate(id),
        () -> {
          if (master.agents.exists(id)) {
            master.agents.setDeactivated(id);
            master.agents.get(id).ifPresent(removal::deactivate);
          } else {
            master.registry.write(new RegistryOperation.Reactivate(id), () -> {});
          }
          answer.give(200, "");
        });
  }

  /// A drain cannot be called off: tasks have been told already. It can be ended once it is over.
  public void reactivate(String id, Answer answer) {
    if (!master.agents.isDeactivated(id)) {
      answer.give(400, "Agent '" + id + "' is not deactivated");
      return;
    }
    if (master
        .agents
        .drain(id)
        .filter(drain -> drain.getState() == DrainState.DRAINING)
        .isPresent()) {
      answer.give(400, "Agent '" + id + "' is still in the DRAINING state");
      return;
    }
    master.registry.write(
        new RegistryOperation.Reactivate(id),
        () -> {
          master.agents.forgotten(id);
          master
              .agents
              .get(id)
              .filter(Agent::active)
              .ifPresent(agent -> master.allocator.activateAgent(id));
          answer.give(200, "");
        });
  }
}
