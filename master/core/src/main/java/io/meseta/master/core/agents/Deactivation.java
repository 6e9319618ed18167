// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Master;
import io.meseta.master.core.registry.RegistryOperation;

/// Keeps an agent from offers, or lets it be offered again; its tasks run on. Survives the master.
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

  public void set(String id, boolean deactivated, Answer answer) {
    var agents = master.agents;
    var agent = agents.get(id).orElse(null);
    var info = agent != null ? agent.info() : agents.recovered(id).orElse(null);
    if (info == null || (agent != null && agent.removing)) {
      answer.give(404, "Agent '" + id + "' not found");
      return;
    }
    master.registry.write(
        new RegistryOperation.Admit(info, deactivated),
        () -> {
          agents.setDeactivated(id, deactivated);
          agents
              .get(id)
              .filter(present -> !present.removing)
              .ifPresent(present -> {
                present.deactivated = deactivated;
                present.touch();
                if (deactivated) {
                  removal.deactivate(present);
                } else if (present.active()) {
                  master.allocator.activateAgent(id);
                }
              });
          answer.give(200, "");
        });
  }
}
