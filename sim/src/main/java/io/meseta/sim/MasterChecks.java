// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.Snapshot;
import io.meseta.model.resources.Resources;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// What must be true of a master that leads, whenever it has done a batch of events.
final class MasterChecks {
  /// What was found right already.
  private record Checked(AgentView view, Resources free) {}

  private final String host;
  private final Function<String, Resources> freeOf;
  private final Map<String, Checked> checked = new HashMap<>();

  /// @param freeOf what the allocator holds for free, by agent
  MasterChecks(String host, Function<String, Resources> freeOf) {
    this.host = host;
    this.freeOf = freeOf;
  }

  private void checkResources(String who, AgentView agent) {
    var free = freeOf.apply(agent.id());
    var before = checked.get(agent.id());
    if (before != null && before.view() == agent && before.free().equals(free)) {
      return; // views are made anew when anything changes
    }
    var held = Resources.sum(List.of(agent.usedTotal(), agent.offeredTotal())).unallocate();
    Broken.unless(agent.total().contains(held), who + " holds " + held + " of " + agent.total());
    Broken.unless(
        free.equals(agent.total().minus(held)),
        who + ": used and offered " + held + ", free " + free + ", total " + agent.total());
    checked.put(agent.id(), new Checked(agent, free));
  }

  void check(Snapshot snapshot) {
    var agents = new HashSet<String>();
    for (var agent : snapshot.agents()) {
      var who = host + ": agent " + agent.id();
      Broken.unless(agents.add(agent.id()), who + " is registered twice");
      checkResources(who, agent);
      Broken.unless(
          agent.connected() || agent.offered().isEmpty(), who + " is disconnected but offered");
      Broken.unless(
          !snapshot.unreachable().containsKey(agent.id()), who + " is registered and unreachable");
    }
    for (var info : snapshot.recoveredAgents()) {
      var id = info.getId().getValue();
      Broken.unless(
          !agents.contains(id) && !snapshot.unreachable().containsKey(id),
          host + ": agent " + id + " is recovered and in another state");
    }
    for (var framework : snapshot.frameworks()) {
      Broken.unless(
          framework.connected() || framework.offers().isEmpty(),
          host + ": framework " + framework.id() + " is away but has offers");
      for (var offer : framework.offers()) {
        Broken.unless(
            agents.contains(offer.getAgentId().getValue()),
            host + ": offer " + offer.getId().getValue() + " is of a removed agent");
      }
      for (var task : framework.tasks()) {
        Broken.unless(
            agents.contains(task.getAgentId().getValue()),
            host + ": task " + task.getTaskId().getValue() + " is on a removed agent");
      }
    }
  }
}
