// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.master.core.MasterCore;
import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.master.core.view.Standing;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.quota.QuotaConfig;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/// What must be true of a master that leads, whenever it has done a batch of events. Views are made
/// anew when anything in them changes, so the same view needs no second look; from time to time,
/// and at every rest, each gets one all the same, in case it was not made anew.
final class MasterChecks {
  /// The sums of the allocator are added up anew after so many changes, and at every rest.
  private static final int AUDIT = 8;

  /// Everything is looked at after so many batches, whether it changed or not.
  static final int ALL = 64;

  /// What the allocator has in its books.
  interface Books {
    /// What nobody holds of an agent.
    Resources freeOf(String agentId);

    /// What tasks hold of it that it has not confirmed.
    Resources unconfirmedOf(String agentId);

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
      public Resources unconfirmedOf(String agentId) {
        return core.unconfirmedOf(agentId);
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
  ///
  /// @param consumed what each top-level role has of it
  private record Checked(AgentView view, Resources free, Map<String, Quantities> consumed) {}

  private final String host;
  private final Quantities each;
  private final Books books;
  private final Map<String, Checked> checked = new HashMap<>();
  private final Map<String, FrameworkView> seen = new HashMap<>();
  private Set<String> known = Set.of();
  private Set<String> offers = new HashSet<>();
  private Map<String, QuotaConfig> quotas = Map.of();
  private int changes;
  private int batches;

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

  /// The ids of all, in order; the set of the last time when they are the same.
  private Set<String> ids(List<AgentView> agents) {
    boolean same = agents.size() == known.size();
    var before = known.iterator();
    for (int i = 0; same && i < agents.size(); i++) {
      same = agents.get(i).id().equals(before.next());
    }
    if (same) {
      return known;
    }
    var result = new LinkedHashSet<String>();
    for (var agent : agents) {
      if (!result.add(agent.id())) {
        throw new Broken(host + ": agent " + agent.id() + " is registered twice");
      }
    }
    return result;
  }

  private void checkAgent(AgentView agent) {
    Supplier<String> who = () -> host + ": agent " + agent.id();
    Broken.unless(
        agent.connected() || agent.offered().isEmpty(),
        () -> who.get() + " is disconnected but offered");
    var free = books.freeOf(agent.id());
    var used = agent.usedTotal();
    var offered = agent.offeredTotal();
    var held = used.plus(offered).unallocate();
    if (!agent.total().contains(held)) {
      // Launches that the agent missed together with the reservation that they were to use are
      // counted until it says so, and so is what it did not mention when it came back.
      var confirmed = held.minusAvailable(books.unconfirmedOf(agent.id()));
      Broken.unless(
          agent.total().contains(confirmed),
          () -> who.get() + " holds " + held + " of " + agent.total());
    }
    Broken.unless(
        free.equals(agent.total().minusAvailable(held)),
        () ->
            who.get()
                + ": used and offered "
                + held
                + ", free "
                + free
                + ", total "
                + agent.total());
    var before = checked.get(agent.id());
    Broken.unless(
        before != null && before.view().total() == agent.total()
            || agent.total().quantities().equals(each),
        () -> who.get() + " has " + agent.total() + ", which is not " + each);
    Broken.unless(
        !agent.deactivated() || agent.offered().isEmpty(),
        () -> who.get() + " is deactivated but offered");
    checked.put(agent.id(), new Checked(agent, free, consumed(agent.total(), used, offered)));
  }

  /// Looks at everything.
  void checkAll(Standing standing) {
    checked.clear();
    seen.clear();
    check(standing, true);
    audit();
  }

  /// Looks at what has changed.
  void check(Standing standing) {
    if (++batches % ALL == 0) {
      checkAll(standing);
    } else {
      check(standing, false);
    }
  }

  private void check(Standing standing, boolean all) {
    boolean any = all || !quotas.equals(standing.quotas());
    quotas = standing.quotas();
    var agents = ids(standing.agents());
    for (var agent : standing.agents()) {
      if (changed(agent)) {
        any = true;
        checkAgent(agent);
      }
      if (standing.unreachable().containsKey(agent.id())) {
        throw new Broken(host + ": agent " + agent.id() + " is registered and unreachable");
      }
    }
    for (var info : standing.recoveredAgents()) {
      var id = info.getId().getValue();
      Broken.unless(
          !agents.contains(id) && !standing.unreachable().containsKey(id),
          () -> host + ": agent " + id + " is recovered and in another state");
    }
    boolean sameAgents = agents == known;
    known = agents;
    if (!sameAgents) {
      checked.keySet().retainAll(agents);
    }
    for (var framework : standing.frameworks()) {
      if (seen.put(framework.id(), framework) != framework || !sameAgents) {
        checkFramework(framework, agents);
      }
    }
    if (any) {
      checkQuotas(standing);
      if (++changes % AUDIT == 0 && !all) {
        audit();
      }
    }
  }

  /// What the allocator added up along the way is what its agents hold.
  void audit() {
    var wrong = books.audit();
    Broken.unless(wrong.isEmpty(), () -> host + ": the allocator's sums are wrong: " + wrong);
  }

  private void checkFramework(FrameworkView framework, Set<String> agents) {
    Broken.unless(
        framework.connected() || framework.offers().isEmpty(),
        () -> host + ": framework " + framework.id() + " is away but has offers");
    for (var offer : framework.offers()) {
      Broken.unless(
          agents.contains(offer.getAgentId().getValue()),
          () -> host + ": offer " + offer.getId().getValue() + " is of a removed agent");
    }
    for (var task : framework.tasks()) {
      Broken.unless(
          agents.contains(task.getAgentId().getValue()),
          () -> host + ": task " + task.getTaskId().getValue() + " is on a removed agent");
    }
  }

  // Quota.

  private static String top(String role) {
    int slash = role.indexOf('/');
    return slash < 0 ? role : role.substring(0, slash);
  }

  /// Whoever is above a limit, because of force or of tasks that came back, is offered no more.
  private void checkQuotas(Standing standing) {
    var before = offers;
    offers = new HashSet<>();
    for (var framework : standing.frameworks()) {
      for (var offer : framework.offers()) {
        offers.add(offer.getId().getValue());
      }
    }
    if (standing.quotas().isEmpty()) {
      return;
    }
    for (var quota : standing.quotas().values()) {
      var consumed = consumed(standing, quota.getRole());
      Broken.unless(
          consumed.equals(books.consumed(quota.getRole())),
          () ->
              host
                  + ": role "
                  + quota.getRole()
                  + " consumes "
                  + consumed
                  + ", but the allocator counts "
                  + books.consumed(quota.getRole()));
      for (var framework : standing.frameworks()) {
        for (var offer : framework.offers()) {
          if (!before.contains(offer.getId().getValue())
              && top(offer.getAllocationInfo().getRole()).equals(quota.getRole())) {
            quota
                .getLimitsMap()
                .forEach((name, limit) ->
                    Broken.unless(
                        !offers(offer, name)
                            || consumed.get(name) <= Math.round(limit.getValue() * 1000),
                        () ->
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

  /// Of one agent: everything reserved to a role or below it, and what is held unreserved.
  private static Map<String, Quantities> consumed(
      Resources total, Resources used, Resources offered) {
    var result = new HashMap<String, Quantities>();
    total
        .reservations()
        .forEach((role, part) -> result.merge(top(role), part.quantities(), Quantities::plus));
    for (var held : List.of(used, offered)) {
      held.allocations()
          .forEach((role, part) ->
              result.merge(
                  top(role), part.unreserved().nonRevocable().quantities(), Quantities::plus));
    }
    return result;
  }

  private Quantities consumed(Standing standing, String role) {
    var result = Quantities.EMPTY;
    for (var agent : standing.agents()) {
      var found = checked.get(agent.id());
      if (found != null) {
        result = result.plus(found.consumed().getOrDefault(role, Quantities.EMPTY));
      }
    }
    return result;
  }
}
