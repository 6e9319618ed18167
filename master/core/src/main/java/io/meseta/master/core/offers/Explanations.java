// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.offers;

import io.meseta.master.core.Effect;
import io.meseta.master.core.Master;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.frameworks.Framework;
import java.util.ArrayList;
import java.util.Optional;

/// Says agent by agent why the roles of a framework have no offer. Looks only; nothing changes.
public final class Explanations {
  /// Answers get no longer than this; there is `agent_id` to ask about one agent.
  private static final int MAX_ROWS = 10_000;

  private final Master master;

  public Explanations(Master master) {
    this.master = master;
  }

  public void on(MasterEvent.Why asked) {
    var framework = master.frameworks.get(asked.frameworkId()).orElse(null);
    if (framework == null) {
      master.out.add(new Effect.Explain(asked.requestId(), Optional.empty()));
      return;
    }
    var rows = new ArrayList<Effect.Reason>();
    for (var agent : master.agents.registered()) {
      if (asked.agentId().isEmpty() || asked.agentId().get().equals(agent.id())) {
        for (var role : framework.roles()) {
          if (rows.size() < MAX_ROWS) {
            rows.add(row(framework, agent, role));
          }
        }
      }
    }
    master.out.add(new Effect.Explain(asked.requestId(), Optional.of(rows)));
  }

  private Effect.Reason row(Framework framework, Agent agent, String role) {
    var offer =
        agent.offers().stream()
            .filter(held -> held.frameworkId().equals(framework.id()) && held.role().equals(role))
            .map(Offer::id)
            .findFirst();
    return new Effect.Reason(
        agent.id(),
        agent.info().getHostname(),
        role,
        offer,
        offer.isPresent()
            ? Optional.empty()
            : Optional.of(master.allocator.why(framework.id(), agent.id(), role)),
        agent.unavailability().isPresent());
  }
}
