// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Quantities;
import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A node of the [RoleTree]: a role, a role's own frameworks (`self`), or a framework in a role.
class Node {
  /// Least served first: by share, then how often it was served, then by name.
  static final Comparator<Node> FAIREST =
      Comparator.<Node>comparingDouble(node -> node.share)
          .thenComparingLong(node -> node.served)
          .thenComparing(node -> node.name);

  final String name;
  final @Nullable Node parent;

  /// Those below which there is someone who wants offers, least served first. A node leaves the set
  /// before its order changes and comes back after.
  final TreeSet<Node> wanting = new TreeSet<>(FAIREST);

  Quantities allocated = Quantities.EMPTY;
  double weight = 1;
  double share;

  /// Of a top-level role.
  QuotaBook.@Nullable Entry quota;

  long served;

  /// How many leaves below (or this one) want offers.
  int wants;

  Node(String name, @Nullable Node parent) {
    this.name = name;
    this.parent = parent;
  }

  void computeShare(RoleTree tree) {
    double dominant = 0;
    for (int i = 0; i < allocated.size(); i++) {
      if (!tree.excluded(allocated.name(i))) {
        long total = tree.total().get(allocated.name(i));
        if (total > 0) {
          dominant = Math.max(dominant, (double) allocated.amount(i) / total);
        }
      }
    }
    share = dominant / weight;
  }
}
