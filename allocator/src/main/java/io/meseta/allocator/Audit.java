// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.Resources;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/// Adds up what the agents have and what is held on them, and compares with the sums that the role
/// tree and the quota book keep.
final class Audit {
  private final RoleTree tree;
  private final QuotaBook book;
  private final Collection<AgentEntry> agents;
  private final List<String> differences = new ArrayList<>();

  Audit(RoleTree tree, QuotaBook book, Collection<AgentEntry> agents) {
    this.tree = tree;
    this.book = book;
    this.agents = agents;
  }

  List<String> differences() {
    var total = Quantities.EMPTY;
    var headroom = Quantities.EMPTY;
    var allocated = new TreeMap<String, Quantities>();
    var consumed = new TreeMap<String, Quantities>();
    for (var agent : agents) {
      total = total.plus(agent.spec.total().quantities());
      agent
          .spec
          .total()
          .reservations()
          .forEach((role, part) ->
              consumed.merge(QuotaBook.top(role), part.quantities(), Quantities::plus));
      for (var held : agent.allocated.values()) {
        held.allocations()
            .forEach((role, part) -> {
              eachAbove(role, part.quantities(), (r, q) -> allocated.merge(r, q, Quantities::plus));
              consumed.merge(
                  QuotaBook.top(role),
                  part.filter(QuotaBook::counts).quantities(),
                  Quantities::plus);
            });
      }
      var free =
          agent
              .spec
              .total()
              .nonShared()
              .minusAvailable(Resources.sum(agent.allocated.values()).unallocate().nonShared());
      compare("free on " + agent.id, free.quantities(), agent.free.quantities());
      if (agent.active) {
        headroom = headroom.plus(free.filter(QuotaBook::counts).quantities());
      }
    }
    compare("total", total, tree.total());
    compare("headroom", headroom, book.available());
    var roles = new TreeSet<>(tree.roles());
    roles.addAll(allocated.keySet());
    for (var role : roles) {
      compare(
          "allocated to " + role,
          allocated.getOrDefault(role, Quantities.EMPTY),
          tree.allocated(role));
    }
    var tops = new TreeSet<>(book.tops());
    tops.addAll(consumed.keySet());
    for (var top : tops) {
      compare(
          "consumed by " + top, consumed.getOrDefault(top, Quantities.EMPTY), book.consumed(top));
    }
    return differences;
  }

  private static void eachAbove(
      String role, Quantities quantities, BiConsumer<String, Quantities> action) {
    for (var r = role; ; r = r.substring(0, r.lastIndexOf('/'))) {
      action.accept(r, quantities);
      if (r.indexOf('/') < 0) {
        return;
      }
    }
  }

  private void compare(String what, Quantities counted, Quantities kept) {
    if (!counted.equals(kept)) {
      differences.add(what + " is " + counted + ", kept as " + kept);
    }
  }
}
