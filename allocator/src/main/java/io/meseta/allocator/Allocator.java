// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Decides who is offered what. Owned by the master's loop; see the package for how it works.
///
/// Unknown ids are our own mistake and throw; resources given back must have been allocated.
public final class Allocator {
  private final AllocatorOptions options;
  private final RandomGenerator random;
  private final QuotaBook book;
  private final RoleTree tree;
  private final Map<String, FrameworkEntry> frameworks = new LinkedHashMap<>();
  private final Map<String, AgentEntry> agents = new LinkedHashMap<>();

  private final Changed changed = new Changed();
  private final Refusals refusals = new Refusals(agents);

  /// Agents with something that nobody was given because of quota.
  private final Set<String> heldBack = new LinkedHashSet<>();

  private @Nullable Set<String> whitelist;

  /// @param random in which order agents are given away
  public Allocator(AllocatorOptions options, RandomGenerator random) {
    this.options = options;
    this.random = random;
    this.book = new QuotaBook(options.minAllocatable());
    this.tree = new RoleTree(options, book, random);
  }

  // Frameworks.

  /// Adds a framework, inactive: it gets offers after [#activateFramework].
  public void addFramework(String id, FrameworkSpec spec) {
    if (frameworks.putIfAbsent(id, new FrameworkEntry(id, spec)) != null) {
      throw new IllegalStateException("framework " + id + " is already known");
    }
    book.ownMinimums += spec.minAllocatable().isEmpty() ? 0 : 1;
    updateFramework(id, spec);
  }

  public void updateFramework(String id, FrameworkSpec spec) {
    var framework = framework(id);
    book.ownMinimums -= framework.spec.minAllocatable().isEmpty() ? 0 : 1;
    book.ownMinimums += spec.minAllocatable().isEmpty() ? 0 : 1;
    boolean otherConstraints = !framework.spec.constraints().equals(spec.constraints());
    framework.spec = spec;
    for (var role : spec.roles()) {
      framework.clients.computeIfAbsent(role, r -> tree.add(framework, r));
    }
    for (var client : List.copyOf(framework.clients.values())) {
      if (!spec.roles().contains(client.role)) {
        refusals.clear(client);
      }
      refreshWants(client);
      if (otherConstraints) {
        showEverything(client);
      }
      removeIfUnused(client);
    }
  }

  public void activateFramework(String id) {
    var framework = framework(id);
    framework.active = true;
    framework.clients.values().forEach(this::refreshWants);
  }

  /// No more offers, and past refusals are forgotten.
  public void deactivateFramework(String id) {
    var framework = framework(id);
    framework.active = false;
    for (var client : framework.clients.values()) {
      refusals.clear(client);
      refreshWants(client);
    }
  }

  /// @throws IllegalStateException when it still holds resources
  public void removeFramework(String id) {
    deactivateFramework(id);
    framework(id).clients.values().forEach(tree::remove);
    book.ownMinimums -= framework(id).spec.minAllocatable().isEmpty() ? 0 : 1;
    frameworks.remove(id);
  }

  /// No offers for these roles until revived; all roles when empty.
  public void suppress(String id, Collection<String> roles) {
    var framework = framework(id);
    framework.spec.suppressed().addAll(roles.isEmpty() ? framework.spec.roles() : roles);
    framework.clients.values().forEach(this::refreshWants);
  }

  /// Forgets refusals and suppression of these roles; all roles when empty.
  public void revive(String id, Collection<String> roles) {
    var framework = framework(id);
    for (var role : List.copyOf(roles.isEmpty() ? framework.spec.roles() : roles)) {
      framework.spec.suppressed().remove(role);
      var client = framework.clients.get(role);
      if (client != null) {
        refusals.clear(client);
        refreshWants(client);
        showEverything(client);
      }
    }
  }

  /// Roles of the framework that want no offers now.
  public Set<String> suppressed(String id) {
    return Collections.unmodifiableSet(framework(id).spec.suppressed());
  }

  private void refreshWants(Client client) {
    boolean wants = client.framework.wants(client.role);
    boolean before = client.wants > 0;
    tree.setWants(client, wants);
    if (wants && !before) {
      showEverything(client);
    }
  }

  private void showEverything(Client client) {
    if (client.wants > 0) {
      for (var agent : agents.values()) {
        show(agent, client);
      }
    }
  }

  private void removeIfUnused(Client client) {
    var framework = client.framework;
    if (!framework.spec.roles().contains(client.role) && client.allocated.isEmpty()) {
      framework.clients.remove(client.role);
      tree.remove(client);
    }
  }

  private FrameworkEntry framework(String id) {
    var framework = frameworks.get(id);
    if (framework == null) {
      throw new IllegalStateException("unknown framework " + id);
    }
    return framework;
  }

  // Agents.

  /// @param used what frameworks hold on it already, marked with the roles it is allocated to
  public void addAgent(String id, AgentSpec spec, Map<String, Resources> used) {
    var agent = new AgentEntry(id, spec);
    book.reserved(spec.total(), true);
    if (agents.putIfAbsent(id, agent) != null) {
      throw new IllegalStateException("agent " + id + " is already known");
    }
    tree.setTotal(tree.total().plus(spec.total().quantities()));
    used.forEach((framework, resources) -> hold(agent, framework, resources));
    refresh(agent);
    showToAll(agent);
  }

  /// Changes what the agent has or is able to do. What frameworks hold stays theirs, even if the
  /// agent shrank below it. Past refusals are forgotten only when `forgetRefusals`: attributes may
  /// make the agent interesting again, more of the same does not.
  public void updateAgent(String id, AgentSpec spec, boolean forgetRefusals) {
    var agent = agent(id);
    tree.setTotal(
        tree.total().minus(agent.spec.total().quantities()).plus(spec.total().quantities()));
    book.reserved(agent.spec.total(), false);
    book.reserved(spec.total(), true);
    agent.change(spec);
    refresh(agent);
    if (forgetRefusals) {
      refusals.clear(agent);
    }
    showToAll(agent);
  }

  /// Whatever frameworks hold on it is taken from them.
  public void removeAgent(String id) {
    var agent = agent(id);
    refusals.clear(agent);
    agent.allocated.forEach((framework, resources) -> account(framework, resources, false));
    tree.setTotal(tree.total().minus(agent.spec.total().quantities()));
    book.reserved(agent.spec.total(), false);
    book.available(agent.headroom, Quantities.EMPTY);
    agents.remove(id);
    changed.remove(id);
    heldBack.remove(id);
  }

  public void activateAgent(String id) {
    var agent = agent(id);
    agent.active = true;
    refresh(agent);
    showToAll(agent);
  }

  public void deactivateAgent(String id) {
    var agent = agent(id);
    agent.active = false;
    refresh(agent);
  }

  /// Only agents on hosts of these names are offered from now on; all when empty.
  public void setWhitelist(Optional<Set<String>> hostnames) {
    whitelist = hostnames.<Set<String>>map(LinkedHashSet::new).orElse(null);
    agents.values().forEach(this::showToAll);
  }

  private boolean listed(AgentEntry agent) {
    return whitelist == null || whitelist.contains(agent.spec.info().getHostname());
  }

  private AgentEntry agent(String id) {
    var agent = agents.get(id);
    if (agent == null) {
      throw new IllegalStateException("unknown agent " + id);
    }
    return agent;
  }

  /// What nobody holds on the agent; shared volumes are not counted.
  public Resources free(String agentId) {
    return agent(agentId).free;
  }

  // Weights.

  /// From role to weight; others have 1.
  public void setWeights(Map<String, Double> weights) {
    tree.setWeights(weights);
  }

  /// The largest share of any resource that `role` (with the roles below it) holds.
  public double dominantShare(String role) {
    return tree.share(role);
  }

  // Quota.

  /// What the top-level `role` is promised and may hold; [Quota#NONE] takes its quota away.
  public void setQuota(String role, Quota quota) {
    book.set(role, quota);
    agents.values().forEach(this::showToAll);
  }

  /// What counts against the quota of the top-level `role`, offers included.
  public Quantities consumed(String role) {
    return book.consumed(role);
  }

  /// What is free, unreserved and not revocable on all active agents.
  public Quantities headroom() {
    return book.available();
  }

  // Allocations.

  /// The framework holds more on the agent than was allocated: tasks found on it.
  public void take(String frameworkId, String agentId, Resources resources) {
    var agent = agent(agentId);
    if (!resources.isEmpty()) {
      hold(agent, frameworkId, resources);
      refresh(agent);
    }
  }

  /// Resources come back from a framework, marked with the role they were allocated to.
  ///
  /// @param refuse how long the framework does not want them again, if so
  public void recover(
      String frameworkId,
      String agentId,
      Resources resources,
      Optional<Duration> refuse,
      Instant now) {
    var agent = agents.get(agentId);
    if (agent == null || resources.isEmpty()) {
      return; // it took everything with it when it left
    }
    var held = agent.allocated.getOrDefault(frameworkId, Resources.EMPTY).minus(resources);
    if (held.isEmpty()) {
      agent.allocated.remove(frameworkId);
    } else {
      agent.allocated.put(frameworkId, held);
    }
    account(frameworkId, counted(resources, held), false);
    refresh(agent);
    if (refuse.isPresent() && !refuse.get().isZero()) {
      resources
          .allocations()
          .forEach((role, part) -> refuse(agent, frameworkId, role, part, refuse.get(), now));
    }
    showToAll(agent);
  }

  /// An operation turned `consumed`, held by the framework, into `converted`.
  public void convert(String frameworkId, String agentId, Resources consumed, Resources converted) {
    var agent = agent(agentId);
    var held = agent.allocated.getOrDefault(frameworkId, Resources.EMPTY);
    var rest = held.minus(consumed);
    agent.allocated.put(frameworkId, rest.plus(converted));
    account(frameworkId, counted(consumed, rest), false);
    account(frameworkId, counted(converted, rest), true);
    replaceTotal(agent, consumed.unallocate(), converted.unallocate());
  }

  /// Turns free resources of the agent into others; false when `consumed` is not all free.
  public boolean convertFree(String agentId, Resources consumed, Resources converted) {
    var agent = agent(agentId);
    if (!agent.offerable().contains(consumed)) {
      return false;
    }
    replaceTotal(agent, consumed, converted);
    showToAll(agent);
    return true;
  }

  private void replaceTotal(AgentEntry agent, Resources consumed, Resources converted) {
    var before = agent.spec.total();
    var after = before.minus(consumed).plus(converted);
    tree.setTotal(tree.total().minus(before.quantities()).plus(after.quantities()));
    book.reserved(before, false);
    book.reserved(after, true);
    agent.changeTotal(after);
    refresh(agent);
  }

  private void refresh(AgentEntry agent) {
    agent.recomputeFree();
    var headroom =
        agent.active ? agent.free.filter(QuotaBook::counts).quantities() : Quantities.EMPTY;
    if (!headroom.equals(agent.headroom)) {
      book.available(agent.headroom, headroom);
      agent.headroom = headroom;
    }
  }

  private void hold(AgentEntry agent, String frameworkId, Resources resources) {
    account(frameworkId, addedTo(agent, frameworkId, resources), true);
  }

  /// Gives the framework more of the agent; what of it counts.
  private static Resources addedTo(AgentEntry agent, String frameworkId, Resources resources) {
    var before = agent.allocated.getOrDefault(frameworkId, Resources.EMPTY);
    agent.allocated.put(frameworkId, before.plus(resources));
    return counted(resources, before);
  }

  /// Without shared volumes that are in `rest` too: of all that a framework holds of one, in offers
  /// and tasks, the first counts and no other, as in the original.
  private static Resources counted(Resources resources, Resources rest) {
    for (var item : resources.items()) {
      if (item.key().shared()) {
        return resources.filter(each ->
            !each.key().shared()
                || rest.items().stream().noneMatch(other -> other.key().equals(each.key())));
      }
    }
    return resources;
  }

  /// Books `resources` on (or off) the roles and the framework in them.
  private void account(String frameworkId, Resources resources, boolean on) {
    account(frameworkId, resources, on, true);
  }

  private void account(String frameworkId, Resources resources, boolean on, boolean quota) {
    var framework = frameworks.get(frameworkId);
    if (framework == null) {
      throw new IllegalStateException("unknown framework " + frameworkId);
    }
    for (var part : resources.allocations().entrySet()) {
      if (quota) {
        book.held(part.getKey(), part.getValue(), on);
      }
      var client =
          framework.clients.computeIfAbsent(part.getKey(), role -> tree.add(framework, role));
      if (on) {
        tree.allocated(client, part.getValue().quantities());
      } else {
        tree.recovered(client, part.getValue().quantities());
        removeIfUnused(client);
      }
    }
  }

  // Refusals.

  private void refuse(
      AgentEntry agent,
      String frameworkId,
      String role,
      Resources resources,
      Duration duration,
      Instant now) {
    var framework = frameworks.get(frameworkId);
    var client = framework == null ? null : framework.clients.get(role);
    if (client == null || client.wants == 0) {
      return; // it gets no offers anyway, and the refusal would be forgotten when it does
    }
    var interval = options.allocationInterval();
    var until = now.plus(duration.compareTo(interval) < 0 ? interval : duration);
    refusals.add(client, agent, resources, until);
  }

  /// How many refusals are remembered, by role.
  public Map<String, Integer> refusalsByRole() {
    return refusals.byRole();
  }

  /// When the next refusal ends, if there is one.
  public Optional<Instant> nextExpiry() {
    return refusals.nextExpiry();
  }

  /// How many refusals are remembered.
  public int refusals() {
    return refusals.count();
  }

  /// Why the framework has no offer of the agent in the role; the first thing that stands in the
  /// way. Changes nothing.
  public Why why(String frameworkId, String agentId, String role) {
    var framework = framework(frameworkId);
    var agent = agent(agentId);
    var client = framework.clients.get(role);
    if (!framework.active || client == null) {
      return Why.of(Why.Reason.FRAMEWORK_INACTIVE, "the framework is not connected");
    }
    if (client.wants == 0) {
      return Why.of(Why.Reason.ROLE_SUPPRESSED, "offers for the role are suppressed");
    }
    if (!agent.active) {
      return Why.of(
          Why.Reason.AGENT_DEACTIVATED, "the agent is disconnected, deactivated or draining");
    }
    if (!listed(agent)) {
      return Why.of(
          Why.Reason.AGENT_DEACTIVATED, "the agent's host is not in the file of --whitelist");
    }
    var obstacle = framework.obstacle(agent, role, options.hideGpus());
    if (obstacle != null) {
      return Why.of(
          obstacle.equals(FrameworkEntry.EXCLUDED) ? Why.Reason.CONSTRAINT : Why.Reason.CAPABILITY,
          obstacle);
    }
    return new Pass(options, book, agent, false).why(client);
  }

  /// Adds everything up anew and says which of the sums that are kept along the way differ:
  /// nothing, unless there is a bug. For checks of invariants.
  public List<String> audit() {
    return new Audit(tree, book, agents.values()).differences();
  }

  // The cycle.

  private void showToAll(AgentEntry agent) {
    changed.forAll(agent.id);
  }

  private void show(AgentEntry agent, Client client) {
    if (!agent.offersNothing()) {
      changed.forOne(agent.id, client);
    }
  }

  /// Has up to `count` agents looked at again although nothing is known to have changed: a safety
  /// net that goes round all of them in turn. Agents with something held back because of quota come
  /// first when quota may allow more now. To be called once per allocation interval.
  public void sweep(int count) {
    if (!heldBack.isEmpty() && book.takeEased()) {
      heldBack.forEach(id -> showToAll(agent(id)));
      heldBack.clear();
    }
    changed.sweep(count, agents.keySet());
  }

  /// Whether [#allocate] would have anything to do.
  public boolean pending(Instant now) {
    return !changed.isEmpty() || refusals.anyDue(now);
  }

  /// Gives away what changed since the last call, agents in random order.
  public List<Allocation> allocate(Instant now) {
    refusals.expire(now, this::show);
    if (changed.isEmpty()) {
      return List.of();
    }
    var ids = changed.agents();
    Collections.shuffle(ids, random);
    var result = new ArrayList<Allocation>();
    if (!book.required().isEmpty()) {
      for (var id : ids) {
        allocate(id, true, result);
      }
    }
    for (var id : ids) {
      allocate(id, false, result);
    }
    changed.clear();
    return result;
  }

  private void allocate(String id, boolean guaranteesOnly, List<Allocation> result) {
    var agent = agents.get(id);
    var candidates = changed.clients(id);
    if (agent == null
        || !agent.active
        || !listed(agent)
        || candidates == null
        || (guaranteesOnly && book.required().isEmpty())) {
      return;
    }
    var pass = new Pass(options, book, agent, guaranteesOnly);
    if (pass.exhausted()) {
      return;
    }
    if (candidates.isEmpty()) {
      tree.walk(pass::visit, pass::skips);
    } else if (tree.random()) {
      tree.walk(
          client -> !candidates.contains(client) || client.wants == 0 || pass.visit(client),
          pass::skips);
    } else {
      var ordered = new ArrayList<>(candidates);
      if (ordered.size() > 1) {
        ordered.sort(tree::compare);
      }
      for (var client : ordered) {
        if (client.wants > 0 && !pass.visit(client)) {
          break;
        }
      }
    }
    for (var allocation : pass.allocations) {
      // With quota the pass booked it already.
      account(
          allocation.frameworkId(),
          addedTo(agent, allocation.frameworkId(), allocation.resources()),
          true,
          book.isEmpty());
    }
    if (!pass.allocations.isEmpty()) {
      refresh(agent);
      result.addAll(pass.allocations);
    }
    if (pass.heldBack && !guaranteesOnly && !agent.free.isEmpty()) {
      heldBack.add(id);
    }
  }
}
