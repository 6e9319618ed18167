// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.Resources;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One agent shown to one client after the other.
///
/// Reserved, revocable and other than scalar resources go to whoever comes first. Of the rest a
/// role with a guarantee that is not met gets its guarantee first; beyond that everybody gets what
/// its limits leave and what is not needed for promises to others (the headroom). Unlike the
/// original's, the quota of a role is that of all roles below it, too. Original:
/// HierarchicalAllocatorProcess::__generateOffers.
final class Pass {
  private final AllocatorOptions options;
  private final QuotaBook book;
  private final AgentEntry agent;
  private final boolean guaranteesOnly;
  private final boolean quotas;
  private final boolean special;
  final List<Allocation> allocations = new ArrayList<>(1);
  private Resources rest;
  private Quantities free;
  private Quantities slack;
  private boolean nothingToSpare;

  /// Whether something was kept back because of a limit or a promise.
  boolean heldBack;

  private QuotaBook.@Nullable Entry last;
  private boolean lastHopeless;

  /// @param guaranteesOnly whether only roles whose guarantee is not met get anything
  Pass(AllocatorOptions options, QuotaBook book, AgentEntry agent, boolean guaranteesOnly) {
    this.options = options;
    this.book = book;
    this.agent = agent;
    this.guaranteesOnly = guaranteesOnly;
    this.quotas = !book.isEmpty();
    this.rest = agent.offerable();
    this.free = quotas ? rest.quantities() : Quantities.EMPTY;
    this.slack = quotas ? book.slack() : Quantities.EMPTY;
    this.special =
        quotas
            && rest.items().stream()
                .anyMatch(item -> item.key().reserved() || item.key().revocable());
    this.nothingToSpare = computeNothingToSpare();
  }

  boolean exhausted() {
    return rest.isEmpty();
  }

  /// Whether no framework of a top-level role, or below it, would get anything.
  boolean skips(QuotaBook.Entry entry) {
    if (!quotas) {
      return false;
    }
    if (guaranteesOnly) {
      return entry.unsatisfied.isEmpty();
    }
    if (special || book.ownMinimums > 0) {
      return false;
    }
    boolean skip = entry.closed || (nothingToSpare && entry.unsatisfied.isEmpty());
    heldBack |= skip;
    return skip;
  }

  /// Whether promises leave too little of this agent for those who were promised nothing.
  private boolean computeNothingToSpare() {
    if (!quotas || book.required().isEmpty() || options.minAllocatable().isEmpty()) {
      return false;
    }
    for (var alternative : options.minAllocatable()) {
      boolean fits = true;
      for (int i = 0; i < alternative.size(); i++) {
        var name = alternative.name(i);
        fits &= Math.min(free.get(name), slack.get(name)) >= alternative.amount(i);
      }
      if (fits) {
        return false;
      }
    }
    return true;
  }

  /// False when there is nothing left to show.
  boolean visit(Client client) {
    if (quotas && hopeless(client)) {
      return true;
    }
    var framework = client.framework;
    if (framework.obstacle(agent, client.role, options.hideGpus()) != null) {
      return true;
    }
    var offer = framework.understood(rest.allocatableTo(client.role));
    if (quotas) {
      offer = fit(offer, client.quota);
    }
    if (offer.isEmpty()
        || !framework.worthwhile(offer.quantities(), client.role, options)
        || client.refuses(agent.id, offer)) {
      return true;
    }
    allocations.add(
        new Allocation(framework.id, client.role, agent.id, offer.allocate(client.role)));
    rest = rest.minus(offer);
    if (quotas) {
      take(client, offer);
    }
    return !rest.isEmpty();
  }

  /// Why `client` would get nothing; says NEXT when it would.
  Why why(Client client) {
    if (rest.isEmpty()) {
      return Why.of(Why.Reason.IN_USE, "nothing of the agent is free");
    }
    var own = rest.allocatableTo(client.role);
    if (own.isEmpty()) {
      return Why.of(Why.Reason.RESERVED_TO_OTHERS, "what is free is reserved: " + rest);
    }
    var framework = client.framework;
    var understood = framework.understood(own);
    if (understood.isEmpty()) {
      return Why.of(
          Why.Reason.CAPABILITY, "the framework lacks the capability for what is free: " + own);
    }
    if (!framework.worthwhile(understood.quantities(), client.role, options)) {
      return Why.of(
          Why.Reason.INSUFFICIENT,
          "less is free than the smallest offer ("
              + framework.spec.minAllocatable().getOrDefault(client.role, options.minAllocatable())
              + "): "
              + understood);
    }
    var offer = quotas ? fit(understood, client.quota) : understood;
    if (!framework.worthwhile(offer.quantities(), client.role, options)) {
      return Why.of(
          Why.Reason.QUOTA,
          "of "
              + understood
              + " quota leaves "
              + offer
              + ": role '"
              + client.quota.top
              + "' consumes "
              + client.quota.consumed
              + ", promised to roles and not used yet: "
              + book.required());
    }
    var list = client.refusals.get(agent.id);
    if (list != null) {
      for (var refusal : list) {
        if (refusal.resources().contains(offer)) {
          return new Why(Why.Reason.REFUSED, "declined: " + refusal.resources(), refusal.until());
        }
      }
    }
    return Why.of(Why.Reason.NEXT, "to be offered, unless a role with a smaller share takes it");
  }

  private void take(Client client, Resources offer) {
    // The agent's part of the headroom is adjusted with the agent, after this pass.
    book.held(client.role, offer, true);
    free = rest.quantities();
    var given = offer.filter(QuotaBook::counts).quantities();
    var own = agent.headroom;
    agent.headroom = own.minus(given);
    book.available(own, agent.headroom);
    slack = book.slack();
    last = null;
    nothingToSpare = computeNothingToSpare();
  }

  /// Whether all frameworks of the role would get too little, seen without looking at them.
  private boolean hopeless(Client client) {
    var entry = client.quota;
    if (guaranteesOnly && entry.unsatisfied.isEmpty()) {
      return true;
    }
    if (special
        || options.minAllocatable().isEmpty()
        || !client.framework.spec.minAllocatable().isEmpty()) {
      return false;
    }
    if (entry != last) {
      last = entry;
      lastHopeless = true;
      for (var alternative : options.minAllocatable()) {
        lastHopeless &= !possible(alternative, entry);
      }
      heldBack |= lastHopeless;
    }
    return lastHopeless;
  }

  private boolean possible(Quantities wanted, QuotaBook.Entry entry) {
    boolean promises = !book.required().isEmpty();
    for (int i = 0; i < wanted.size(); i++) {
      var name = wanted.name(i);
      long most = Math.min(free.get(name), entry.room(name));
      if (promises) {
        most = Math.min(most, slack.get(name) + entry.unsatisfied.get(name));
      }
      if (most < wanted.amount(i)) {
        return false;
      }
    }
    return true;
  }

  /// What of `offer` the role may have.
  private Resources fit(Resources offer, QuotaBook.Entry entry) {
    var plain = offer.filter(QuotaBook::counts);
    if (plain.isEmpty()) {
      return guaranteesOnly ? Resources.EMPTY : offer;
    }
    var promised = Chop.to(plain, entry.unsatisfied::get);
    if (guaranteesOnly && promised.isEmpty()) {
      return Resources.EMPTY;
    }
    var more = plain.minus(promised);
    if (!entry.quota.limits().isEmpty()) {
      var quantities = promised.quantities();
      more = Chop.to(more, name -> Math.max(0, entry.room(name) - quantities.get(name)));
    }
    if (!book.required().isEmpty()) {
      more = Chop.to(more, slack::get);
    }
    var allowed = promised.plus(more);
    if (allowed.equals(plain)) {
      return offer;
    }
    heldBack = true;
    return offer.filter(item -> !QuotaBook.counts(item)).plus(allowed);
  }
}
