// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.master.core.MasterCore;
import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.master.core.view.Snapshot;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.TaskState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What must be true of a master that leads, whenever it has done a batch of events. Views are made
/// anew when anything in them changes, so the same view needs no second look.
final class MasterChecks {
  /// The sums of the allocator are added up anew after so many changes, and at every rest.
  private static final int AUDIT = 8;

  /// What the allocator has in its books.
  interface Books {
    /// What nobody holds of an agent.
    Resources freeOf(String agentId);

    /// What counts against the quota of a top-level role.
    Quantities consumed(String role);

    /// What its sums have wrong, when everything is added up anew.
    List<String> audit();
  }

  static Books books(MasterCore core) {
    return new Books() {
      @Override
      public Resources freeOf(String agentId) {
        return core.freeOf(agentId);
      }

      @Override
      public Quantities consumed(String role) {
        return core.consumed(role);
      }

      @Override
      public List<String> audit() {
        return core.audit();
      }
    };
  }

  /// What was found right already.
  private record Checked(AgentView view, Resources free) {}

  private final String host;
  private final Quantities each;
  private final Books books;
  private final Map<String, Checked> checked = new HashMap<>();
  private final Map<String, FrameworkView> seen = new HashMap<>();
  private Set<String> known = Set.of();
  private Set<String> offers = new HashSet<>();
  private int changes;

  /// @param each what every agent has
  MasterChecks(String host, Quantities each, Books books) {
    this.host = host;
    this.each = each;
    this.books = books;
  }

  private boolean changed(AgentView agent) {
    var before = checked.get(agent.id());
    return before == null
        || before.view() != agent
        || !before.free().equals(books.freeOf(agent.id()));
  }

  private void checkResources(String who, AgentView agent, Snapshot snapshot) {
    var free = books.freeOf(agent.id());
    var held = Resources.sum(List.of(agent.usedTotal(), agent.offeredTotal())).unallocate();
    if (!agent.total().contains(held)) {
      // Launches that the agent missed together with the reservation that they were to use are
      // counted until it says so.
      var confirmed = held.minusAvailable(staging(agent, snapshot));
      Broken.unless(
          agent.total().contains(confirmed), who + " holds " + held + " of " + agent.total());
    }
    Broken.unless(
        free.equals(agent.total().minusAvailable(held)),
        who + ": used and offered " + held + ", free " + free + ", total " + agent.total());
    Broken.unless(
        agent.total().quantities().equals(each),
        who + " has " + agent.total() + ", which is not " + each);
    Broken.unless(
        !agent.deactivated() || agent.offered().isEmpty(), who + " is deactivated but offered");
    checked.put(agent.id(), new Checked(agent, free));
  }

  private static Resources staging(AgentView agent, Snapshot snapshot) {
    var parts = new ArrayList<Resources>();
    for (var framework : snapshot.frameworks()) {
      for (var task : framework.tasks()) {
        if (task.getAgentId().equals(agent.info().getId())
            && task.getState() == TaskState.TASK_STAGING) {
          parts.add(ResourceWire.decodeTrusted(task.getResourcesList()).unallocate());
        }
      }
    }
    return Resources.sum(parts);
  }

  void check(Snapshot snapshot) {
    var agents = new HashSet<String>();
    boolean any = false;
    for (var agent : snapshot.agents()) {
      var id = agent.id();
      Broken.unless(agents.add(id), host + ": agent " + id + " is registered twice");
      if (changed(agent)) {
        any = true;
        checkResources(host + ": agent " + id, agent, snapshot);
      }
      Broken.unless(
          agent.connected() || agent.offered().isEmpty(),
          host + ": agent " + id + " is disconnected but offered");
      Broken.unless(
          !snapshot.unreachable().containsKey(id),
          host + ": agent " + id + " is registered and unreachable");
    }
    for (var info : snapshot.recoveredAgents()) {
      var id = info.getId().getValue();
      Broken.unless(
          !agents.contains(id) && !snapshot.unreachable().containsKey(id),
          host + ": agent " + id + " is recovered and in another state");
    }
    boolean sameAgents = agents.equals(known);
    known = agents;
    for (var framework : snapshot.frameworks()) {
      if (seen.put(framework.id(), framework) != framework || !sameAgents) {
        checkFramework(framework, agents);
      }
    }
    if (any) {
      checkQuotas(snapshot);
      if (++changes % AUDIT == 0) {
        audit();
      }
    }
  }

  /// What the allocator added up along the way is what its agents hold.
  void audit() {
    var wrong = books.audit();
    Broken.unless(wrong.isEmpty(), host + ": the allocator's sums are wrong: " + wrong);
  }

  private void checkFramework(FrameworkView framework, Set<String> agents) {
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

  // Quota.

  private static String top(String role) {
    int slash = role.indexOf('/');
    return slash < 0 ? role : role.substring(0, slash);
  }

  /// Whoever is above a limit, because of force or of tasks that came back, is offered no more.
  private void checkQuotas(Snapshot snapshot) {
    var before = offers;
    offers = new HashSet<>();
    for (var framework : snapshot.frameworks()) {
      for (var offer : framework.offers()) {
        offers.add(offer.getId().getValue());
      }
    }
    if (snapshot.quotas().isEmpty()) {
      return;
    }
    for (var quota : snapshot.quotas().values()) {
      var consumed = consumed(snapshot, quota.getRole());
      Broken.unless(
          consumed.equals(books.consumed(quota.getRole())),
          host
              + ": role "
              + quota.getRole()
              + " consumes "
              + consumed
              + ", but the allocator counts "
              + books.consumed(quota.getRole()));
      for (var framework : snapshot.frameworks()) {
        for (var offer : framework.offers()) {
          if (!before.contains(offer.getId().getValue())
              && top(offer.getAllocationInfo().getRole()).equals(quota.getRole())) {
            quota
                .getLimitsMap()
                .forEach((name, limit) ->
                    Broken.unless(
                        !offers(offer, name)
                            || consumed.get(name) <= Math.round(limit.getValue() * 1000),
                        host
                            + ": role "
                            + quota.getRole()
                            + " is offered more than its limit: "
                            + consumed));
          }
        }
      }
    }
  }

  private static boolean offers(Offer offer, String name) {
    return offer.getResourcesList().stream()
        .anyMatch(r -> r.getName().equals(name) && r.getReservationsCount() == 0);
  }

  /// Everything reserved to the role or below it, and what is held unreserved.
  private static Quantities consumed(Snapshot snapshot, String role) {
    var result = Quantities.EMPTY;
    for (var agent : snapshot.agents()) {
      for (var part : agent.total().reservations().entrySet()) {
        if (top(part.getKey()).equals(role)) {
          result = result.plus(part.getValue().quantities());
        }
      }
      for (var held : List.of(agent.usedTotal(), agent.offeredTotal())) {
        for (var part : held.allocations().entrySet()) {
          if (top(part.getKey()).equals(role)) {
            result = result.plus(part.getValue().unreserved().nonRevocable().quantities());
          }
        }
      }
    }
    return result;
  }
}
