// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import java.util.stream.Collectors;

/// One line of a [Resources].
///
/// @param copies of a shared resource, how many users hold it; otherwise 1
public record ResourceItem(ResourceKey key, Amount amount, int copies) {
  public ResourceItem {
    if (copies < 1 || (copies > 1 && !key.shared())) {
      throw new IllegalArgumentException(copies + " copies of " + key.name());
    }
  }

  public static ResourceItem of(ResourceKey key, Amount amount) {
    return new ResourceItem(key, amount, 1);
  }

  /// Whether `other` is the same kind of thing, so that the amounts may be added or subtracted.
  boolean matches(ResourceItem other) {
    return key.equals(other.key)
        && (!(key.exclusive() || key.shared()) || amount.equals(other.amount));
  }

  boolean contains(ResourceItem other) {
    return key.shared() ? copies >= other.copies : amount.contains(other.amount);
  }

  ResourceItem withKey(ResourceKey newKey) {
    return new ResourceItem(newKey, amount, copies);
  }

  ResourceItem withAmount(Amount newAmount) {
    return new ResourceItem(key, newAmount, copies);
  }

  /// As the original prints it in its error messages and logs: `mem(a/b):1024`.
  @Override
  public String toString() {
    var text = new StringBuilder(key.name());
    if (key.allocationRole() != null) {
      text.append("(allocated: ").append(key.allocationRole()).append(')');
    }
    if (key.reserved()) {
      text.append(
          key.reservations().stream()
              .map(r ->
                  r.getType()
                      + ","
                      + r.getRole()
                      + (r.hasPrincipal() ? "," + r.getPrincipal() : ""))
              .collect(Collectors.joining(",", "(reservations: [(", ")])")));
    }
    if (key.disk() != null && key.disk().info().hasPersistence()) {
      text.append('[').append(key.disk().info().getPersistence().getId()).append(']');
    }
    if (key.revocable()) {
      text.append("{REV}");
    }
    if (key.shared()) {
      text.append("<SHARED>");
    }
    return text.append(':').append(amount).toString();
  }
}
