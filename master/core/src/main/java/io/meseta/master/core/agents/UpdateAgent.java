// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Master;
import io.meseta.master.core.operations.OperationReports;
import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceWire;
import io.meseta.wire.internal.UpdateSlaveMessage;
import java.util.List;

/// An agent says what it has beyond its own resources: oversubscribed (revocable) ones. Offers that
/// contain such are taken back when they change.
public final class UpdateAgent {
  private final Master master;
  private final OperationReports operations;

  public UpdateAgent(Master master, OperationReports operations) {
    this.master = master;
    this.operations = operations;
  }

  public void on(UpdateSlaveMessage message) {
    master.counters.add("messages_update_slave");
    var agent = master.agents.get(message.getSlaveId().getValue()).orElse(null);
    if (agent == null || agent.removing) {
      return;
    }
    agent.complete = true;
    if (message.hasResourceVersionUuid()) {
      agent.setResourceVersion(message.getResourceVersionUuid());
    }
    if (message.hasOperations()) {
      operations.on(agent, message.getOperations().getOperationsList());
    }
    boolean updates =
        message.hasUpdateOversubscribedResources()
            ? message.getUpdateOversubscribedResources()
            : message.getOversubscribedResourcesCount() > 0;
    if (!updates) {
      return;
    }
    try {
      var revocable = ResourceWire.decode(message.getOversubscribedResourcesList());
      if (!revocable.nonRevocable().isEmpty()) {
        throw new Invalid("oversubscribed resources " + revocable + " are not revocable");
      }
      var total = agent.total().nonRevocable().plus(revocable);
      if (total.equals(agent.total())) {
        return;
      }
      for (var offer : List.copyOf(agent.offers())) {
        if (!offer.resources().revocable().isEmpty()) {
          master.offers.rescind(offer);
        }
      }
      agent.setTotal(total);
      master.allocator.updateAgent(agent.id(), agent.spec(master.info.getDomain()), false);
    } catch (Invalid e) {
      master.out.note("dropping update of agent " + agent.id() + ": " + e.reason());
    }
  }
}
