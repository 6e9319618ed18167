// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Amount;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.Resources;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Quotas, and what counts against them: for each top-level role everything that is reserved to it
/// or below it, held or not, and what is held unreserved. Sums are kept up to date with every
/// change, so that the allocator never adds up a cluster.
final class QuotaBook {
  /// One top-level role.
  static final class Entry {
    final String top;
    Quota quota = Quota.NONE;
    Quantities consumed = Quantities.EMPTY;

    /// What is promised and not consumed yet.
    Quantities unsatisfied = Quantities.EMPTY;

    /// Whether limits leave too little for any offer of the usual size.
    boolean closed;

    private int clients;

    Entry(String top) {
      this.top = top;
    }

    /// How much more of a resource the role may hold, in thousandths.
    long room(String name) {
      var limit = quota.limits().get(name);
      return limit == null ? Long.MAX_VALUE : Math.max(0, limit - consumed.get(name));
    }
  }

  private final List<Quantities> minAllocatable;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private int quotas;

  /// What is promised and not consumed yet, of all roles.
  private Quantities required = Quantities.EMPTY;

  /// Free, unreserved and not revocable on all active agents.
  private Quantities available = Quantities.EMPTY;

  /// Whether somebody may have become able to take more since this was last asked.
  private boolean eased;

  /// Frameworks that want offers of another size than usual.
  int ownMinimums;

  QuotaBook(List<Quantities> minAllocatable) {
    this.minAllocatable = minAllocatable;
  }

  static String top(String role) {
    int slash = role.indexOf('/');
    return slash < 0 ? role : role.substring(0, slash);
  }

  /// What quota is about: scalars that are neither reserved nor revocable.
  static boolean counts(ResourceItem item) {
    return item.amount() instanceof Amount.Scalar
        && !item.key().reserved()
        && !item.key().revocable();
  }

  /// Whether no role has quota.
  boolean isEmpty() {
    return quotas == 0;
  }

  private Entry entry(String top) {
    return entries.computeIfAbsent(top, Entry::new);
  }

  /// The entry of a new client of `role`.
  Entry join(String role) {
    var entry = entry(top(role));
    entry.clients++;
    return entry;
  }

  void leave(Entry entry) {
    entry.clients--;
    prune(entry);
  }

  private void prune(Entry entry) {
    if (entry.clients == 0 && entry.consumed.isEmpty() && entry.quota.isNone()) {
      entries.remove(entry.top);
    }
  }

  void set(String top, Quota quota) {
    var entry = entry(top);
    quotas += (entry.quota.isNone() ? 0 : -1) + (quota.isNone() ? 0 : 1);
    entry.quota = quota;
    settle(entry);
    eased = true;
    prune(entry);
  }

  private boolean closed(Entry entry) {
    for (var alternative : minAllocatable) {
      boolean fits = true;
      for (int i = 0; i < alternative.size(); i++) {
        fits &= entry.room(alternative.name(i)) >= alternative.amount(i);
      }
      if (fits) {
        return false;
      }
    }
    return !minAllocatable.isEmpty();
  }

  private void settle(Entry entry) {
    var unsatisfied = entry.quota.guarantees().minus(entry.consumed);
    if (!unsatisfied.equals(entry.unsatisfied)) {
      required = required.minus(entry.unsatisfied).plus(unsatisfied);
      entry.unsatisfied = unsatisfied;
    }
    entry.closed = !entry.quota.limits().isEmpty() && closed(entry);
  }

  Quantities consumed(String top) {
    var entry = entries.get(top);
    return entry == null ? Quantities.EMPTY : entry.consumed;
  }

  /// Top-level roles with somebody in them, quota, or something that counts.
  Set<String> tops() {
    return entries.keySet();
  }

  Quantities required() {
    return required;
  }

  /// What may be given to anybody without breaking a promise.
  Quantities slack() {
    return available.minus(required);
  }

  Quantities available() {
    return available;
  }

  void available(Quantities before, Quantities after) {
    available = available.minus(before).plus(after);
    eased |= !before.contains(after);
  }

  /// The total of an agent changed.
  void reserved(Resources resources, boolean on) {
    resources
        .reservations()
        .forEach((role, part) -> consume(entry(top(role)), part.quantities(), on));
  }

  /// A framework holds more, or less, in `role`.
  void held(String role, Resources resources, boolean on) {
    var plain = resources.filter(QuotaBook::counts);
    if (!plain.isEmpty()) {
      consume(entry(top(role)), plain.quantities(), on);
    }
  }

  private void consume(Entry entry, Quantities quantities, boolean on) {
    entry.consumed = on ? entry.consumed.plus(quantities) : entry.consumed.minus(quantities);
    settle(entry);
    eased |= !on || !entry.quota.guarantees().isEmpty();
    prune(entry);
  }

  /// Whether held back resources are worth another look; asked once per allocation interval.
  boolean takeEased() {
    boolean result = eased;
    eased = false;
    return result;
  }
}
