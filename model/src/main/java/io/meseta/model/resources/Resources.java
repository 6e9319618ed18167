// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An immutable bag of resources, in the order in which they were first added.
///
/// Laws, checked by ResourcesPropertyTest: addition is associative and commutative, `a.plus(b)`
/// contains `b`, and `a.plus(b).minus(b)` is `a` when ranges and sets do not overlap.
public final class Resources {
  public static final Resources EMPTY = new Resources(List.of());

  private final List<ResourceItem> items;

  private Resources(List<ResourceItem> items) {
    this.items = items;
  }

  public static Resources of(ResourceItem... items) {
    return of(List.of(items));
  }

  /// Empty amounts are left out, equal keys added up.
  public static Resources of(Collection<ResourceItem> items) {
    var result = new ArrayList<ResourceItem>(items.size());
    for (var item : items) {
      add(result, item);
    }
    return wrap(result);
  }

  public static Resources sum(Iterable<Resources> all) {
    var result = new ArrayList<ResourceItem>();
    for (var resources : all) {
      for (var item : resources.items) {
        add(result, item);
      }
    }
    return wrap(result);
  }

  private static Resources wrap(List<ResourceItem> items) {
    return items.isEmpty() ? EMPTY : new Resources(items);
  }

  private static void add(List<ResourceItem> items, ResourceItem item) {
    if (item.amount().isEmpty()) {
      return;
    }
    if (item.key().exclusive() && !item.key().shared()) {
      items.add(item);
      return;
    }
    for (int i = 0; i < items.size(); i++) {
      var present = items.get(i);
      if (present.matches(item)) {
        items.set(
            i,
            item.key().shared()
                ? new ResourceItem(
                    present.key(), present.amount(), present.copies() + item.copies())
                : present.withAmount(present.amount().plus(item.amount())));
        return;
      }
    }
    items.add(item);
  }

  /// Removes `item` from `items`; false when it was not (wholly) there, in which case nothing
  /// changed.
  private static boolean remove(List<ResourceItem> items, ResourceItem item) {
    for (int i = 0; i < items.size(); i++) {
      var present = items.get(i);
      if (!present.matches(item) || !present.contains(item)) {
        continue;
      }
      if (item.key().shared()) {
        int left = present.copies() - item.copies();
        if (left == 0) {
          items.remove(i);
        } else {
          items.set(i, new ResourceItem(present.key(), present.amount(), left));
        }
        return true;
      }
      var rest = present.amount().minus(item.amount());
      if (rest.isEmpty()) {
        items.remove(i);
      } else {
        items.set(i, present.withAmount(rest));
      }
      return true;
    }
    return false;
  }

  public boolean isEmpty() {
    return items.isEmpty();
  }

  public List<ResourceItem> items() {
    return Collections.unmodifiableList(items);
  }

  public Resources plus(Resources other) {
    if (other.isEmpty() || isEmpty()) {
      return isEmpty() ? other : this;
    }
    var result = new ArrayList<>(items);
    for (var item : other.items) {
      add(result, item);
    }
    return new Resources(result);
  }

  /// @throws IllegalStateException when this does not contain `other`: check with [#contains] first
  ///   what comes from a client
  public Resources minus(Resources other) {
    if (other.isEmpty()) {
      return this;
    }
    var result = new ArrayList<>(items);
    for (var item : other.items) {
      if (!remove(result, item)) {
        throw new IllegalStateException("cannot subtract " + item + " from " + this);
      }
    }
    return wrap(result);
  }

  /// As [#minus], but what `other` has beyond this is ignored.
  public Resources minusAvailable(Resources other) {
    var result = new ArrayList<>(items);
    for (var item : other.items) {
      if (remove(result, item) || item.key().exclusive() || item.key().shared()) {
        continue;
      }
      for (int i = 0; i < result.size(); i++) {
        var present = result.get(i);
        if (present.matches(item)) {
          var rest = present.amount().minus(item.amount());
          if (rest.isEmpty()) {
            result.remove(i);
          } else {
            result.set(i, present.withAmount(rest));
          }
          break;
        }
      }
    }
    return wrap(result);
  }

  public boolean contains(Resources other) {
    if (other.items.size() > items.size()) {
      return false;
    }
    if (other.items.size() == 1) {
      return contains(other.items.getFirst());
    }
    var rest = new ArrayList<>(items);
    for (var item : other.items) {
      if (!remove(rest, item)) {
        return false;
      }
    }
    return true;
  }

  public boolean contains(ResourceItem item) {
    for (var present : items) {
      if (present.matches(item) && present.contains(item)) {
        return true;
      }
    }
    return false;
  }

  public Resources filter(Predicate<ResourceItem> predicate) {
    List<ResourceItem> result = null;
    for (int i = 0; i < items.size(); i++) {
      var item = items.get(i);
      boolean keep = predicate.test(item);
      if (!keep && result == null) {
        result = new ArrayList<>(items.subList(0, i));
      } else if (keep && result != null) {
        result.add(item);
      }
    }
    return result == null ? this : wrap(result);
  }

  private Resources map(UnaryOperator<ResourceItem> change) {
    var result = new ArrayList<ResourceItem>(items.size());
    for (var item : items) {
      add(result, change.apply(item));
    }
    return wrap(result);
  }

  public Resources named(String name) {
    return filter(item -> item.key().name().equals(name));
  }

  public Resources reserved() {
    return filter(item -> item.key().reserved());
  }

  public Resources unreserved() {
    return filter(item -> !item.key().reserved());
  }

  /// Those whose most refined reservation is exactly to `role`.
  public Resources reservedTo(String role) {
    return filter(item -> item.key().reserved() && item.key().reservationRole().equals(role));
  }

  /// What may be offered to `role`: unreserved, or reserved to it or to a role above it.
  public Resources allocatableTo(String role) {
    return filter(item -> item.key().allocatableTo(role));
  }

  public Resources revocable() {
    return filter(item -> item.key().revocable());
  }

  public Resources nonRevocable() {
    return filter(item -> !item.key().revocable());
  }

  public Resources shared() {
    return filter(item -> item.key().shared());
  }

  public Resources nonShared() {
    return filter(item -> !item.key().shared());
  }

  public Resources persistentVolumes() {
    return filter(item -> item.key().persistentVolume());
  }

  /// Dynamic reservations and volumes: what an agent must write to its disk.
  public Resources needCheckpointing() {
    return filter(item -> item.key().dynamicallyReserved() || item.key().persistentVolume());
  }

  /// By the role that they are most refinedly reserved to, in order of appearance.
  public Map<String, Resources> reservations() {
    var result = new LinkedHashMap<String, List<ResourceItem>>();
    for (var item : items) {
      if (item.key().reserved()) {
        result.computeIfAbsent(item.key().reservationRole(), r -> new ArrayList<>()).add(item);
      }
    }
    return wrapAll(result);
  }

  /// By the role that they are allocated to; unallocated ones are left out.
  public Map<String, Resources> allocations() {
    var result = new LinkedHashMap<String, List<ResourceItem>>();
    for (var item : items) {
      if (item.key().allocationRole() != null) {
        result.computeIfAbsent(item.key().allocationRole(), r -> new ArrayList<>()).add(item);
      }
    }
    return wrapAll(result);
  }

  private static Map<String, Resources> wrapAll(Map<String, List<ResourceItem>> lists) {
    var result = new LinkedHashMap<String, Resources>();
    lists.forEach((role, list) -> result.put(role, wrap(list)));
    return result;
  }

  /// All of it marked as allocated to `role`.
  public Resources allocate(String role) {
    return map(item -> item.withKey(item.key().withAllocation(role)));
  }

  public Resources unallocate() {
    for (var item : items) {
      if (item.key().allocationRole() != null) {
        return withoutAllocation();
      }
    }
    return this;
  }

  private Resources withoutAllocation() {
    return map(item -> item.withKey(item.key().withAllocation(null)));
  }

  /// All of it without any reservation.
  public Resources toUnreserved() {
    return map(item -> item.withKey(item.key().withReservations(List.of())));
  }

  /// The same resources under changed keys.
  public Resources mapKeys(UnaryOperator<ResourceKey> change) {
    return map(item -> item.withKey(change.apply(item.key())));
  }

  /// Sums of the scalars by name, whatever they are reserved to; a shared resource counts once.
  public Quantities quantities() {
    return Quantities.of(this);
  }

  /// The sum of the scalars called `name`, in thousandths.
  public long scalar(String name) {
    long sum = 0;
    for (var item : items) {
      if (item.amount() instanceof Amount.Scalar(long thousandths)
          && item.key().name().equals(name)) {
        sum += thousandths;
      }
    }
    return sum;
  }

  public double cpus() {
    return Thousandths.toDouble(scalar("cpus"));
  }

  /// Megabytes.
  public double mem() {
    return Thousandths.toDouble(scalar("mem"));
  }

  /// Megabytes.
  public double disk() {
    return Thousandths.toDouble(scalar("disk"));
  }

  public double gpus() {
    return Thousandths.toDouble(scalar("gpus"));
  }

  /// The union of the ranges called `name`.
  public Ranges ranges(String name) {
    var result = Ranges.EMPTY;
    for (var item : items) {
      if (item.amount() instanceof Ranges ranges && item.key().name().equals(name)) {
        result = result.plus(ranges);
      }
    }
    return result;
  }

  public Ranges ports() {
    return ranges("ports");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || other instanceof Resources that
            && items.size() == that.items.size()
            && contains(that)
            && that.contains(this);
  }

  @Override
  public int hashCode() {
    int hash = 0;
    for (var item : items) {
      hash += item.key().name().hashCode();
    }
    return hash;
  }

  /// As the original prints it: `cpus:4; mem:1024`; `{}` when empty.
  @Override
  public String toString() {
    if (items.isEmpty()) {
      return "{}";
    }
    var text = new StringBuilder();
    for (var item : items) {
      text.append(text.isEmpty() ? "" : "; ").append(item);
    }
    return text.toString();
  }
}
