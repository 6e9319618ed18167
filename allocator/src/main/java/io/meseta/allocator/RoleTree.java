// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.allocator.AllocatorOptions.Sorter;
import io.meseta.model.resources.Quantities;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// Roles, and below each role its frameworks, ordered by dominant share at every level.
///
/// ```
/// root -+- a -+- a (self) -+- framework 1
///       |     |            '- framework 2
///       |     '- a/b --- a/b (self) --- framework 3
///       '- * --- * (self) --- framework 4
/// ```
///
/// A node's share is its allocation (with everything below it) over the cluster's total, the
/// largest of all resources, divided by the weight of the role. Where the flags say so the order of
/// a level is drawn instead, each time anew, with chances by weight. Original: DRFSorter and
/// RandomSorter.
final class RoleTree {
  private final AllocatorOptions options;
  private final RandomGenerator random;
  private final QuotaBook book;
  private final Node root = new Node("", null);
  private final Map<String, Node> roles = new LinkedHashMap<>();
  private final Map<String, Node> selves = new LinkedHashMap<>();
  private final Map<String, Set<Client>> clients = new LinkedHashMap<>();
  private Map<String, Double> weights = new LinkedHashMap<>();
  private Quantities total = Quantities.EMPTY;
  private boolean stale;

  RoleTree(AllocatorOptions options, QuotaBook book, RandomGenerator random) {
    this.options = options;
    this.book = book;
    this.random = random;
  }

  /// Whether any order is drawn.
  boolean random() {
    return options.roleSorter() == Sorter.RANDOM || options.frameworkSorter() == Sorter.RANDOM;
  }

  boolean excluded(String resource) {
    return options.fairSharingExcluded().contains(resource);
  }

  Quantities total() {
    return total;
  }

  /// The cluster grew or shrank: all shares are computed anew before they are next needed.
  void setTotal(Quantities total) {
    this.total = total;
    stale = true;
  }

  void setWeights(Map<String, Double> weights) {
    this.weights = new LinkedHashMap<>(weights);
    roles.forEach((role, node) -> node.weight = weights.getOrDefault(role, 1.0));
    stale = true;
  }

  /// The node under which the frameworks of `role` hang.
  private Node self(String role) {
    return selves.computeIfAbsent(role, r -> new Node(r + "/.", role(r)));
  }

  private Node role(String role) {
    var known = roles.get(role);
    if (known != null) {
      return known;
    }
    int slash = role.lastIndexOf('/');
    var node = new Node(role, slash < 0 ? root : role(role.substring(0, slash)));
    node.weight = weights.getOrDefault(role, 1.0);
    if (slash < 0) {
      node.quota = book.join(role);
    }
    roles.put(role, node);
    return node;
  }

  Client add(FrameworkEntry framework, String role) {
    var client = new Client(framework, role, self(role), book.join(role));
    clients.computeIfAbsent(role, r -> new LinkedHashSet<>()).add(client);
    return client;
  }

  /// Takes out a leaf that holds nothing, and roles that nobody is left in.
  void remove(Client client) {
    if (!client.allocated.isEmpty()) {
      throw new IllegalStateException(client.name + " still holds " + client.allocated);
    }
    setWants(client, false);
    book.leave(client.quota);
    var rest = clients.get(client.role);
    if (rest != null && rest.remove(client) && rest.isEmpty()) {
      clients.remove(client.role);
      selves.remove(client.role);
      prune(client.role);
    }
  }

  private void prune(String role) {
    for (var node = roles.get(role); node != null && node != root; node = node.parent) {
      var path = node.name;
      boolean used =
          clients.containsKey(path)
              || roles.keySet().stream().anyMatch(other -> other.startsWith(path + "/"));
      if (used) {
        return;
      }
      roles.remove(path);
      if (node.quota != null) {
        book.leave(node.quota);
      }
    }
  }

  void setWants(Client client, boolean wants) {
    int change = (wants ? 1 : 0) - client.wants;
    if (change != 0) {
      change(client, node -> node.wants += change);
    }
  }

  void allocated(Client client, Quantities quantities) {
    change(
        client,
        node -> {
          node.allocated = node.allocated.plus(quantities);
          node.served++;
        });
  }

  void recovered(Client client, Quantities quantities) {
    change(client, node -> node.allocated = node.allocated.minus(quantities));
  }

  private interface Change {
    void apply(Node node);
  }

  private void change(Client client, Change change) {
    for (Node node = client; node != null; node = node.parent) {
      var parent = node.parent;
      if (parent != null && node.wants > 0) {
        parent.wanting.remove(node);
      }
      change.apply(node);
      node.computeShare(this);
      if (parent != null && node.wants > 0) {
        parent.wanting.add(node);
      }
    }
  }

  /// Shows the clients that want offers, least served first, until `visitor` answers false. The
  /// visitor must not change the tree.
  ///
  /// @param skip which top-level roles are passed over whole
  void walk(Predicate<Client> visitor, Predicate<QuotaBook.Entry> skip) {
    refresh();
    for (var child : ordered(root)) {
      if (child.quota != null && skip.test(child.quota)) {
        continue;
      }
      if (!walk(child, visitor)) {
        return;
      }
    }
  }

  private boolean walk(Node node, Predicate<Client> visitor) {
    if (node instanceof Client client) {
      return visitor.test(client);
    }
    for (var child : ordered(node)) {
      if (!walk(child, visitor)) {
        return false;
      }
    }
    return true;
  }

  private Collection<Node> ordered(Node node) {
    if (node.wanting.size() < 2) {
      return node.wanting;
    }
    var sorter =
        node.wanting.first() instanceof Client ? options.frameworkSorter() : options.roleSorter();
    if (sorter == Sorter.DRF) {
      return node.wanting;
    }
    // Sorting by exponential variates of these rates draws without replacement, by weight.
    record Drawn(double at, Node node) {}
    return node.wanting.stream()
        .map(child -> new Drawn(-Math.log(1 - random.nextDouble()) / child.weight, child))
        .sorted(Comparator.comparingDouble(Drawn::at))
        .map(Drawn::node)
        .toList();
  }

  /// Which of two clients would be shown first.
  int compare(Client left, Client right) {
    refresh();
    var a = path(left);
    var b = path(right);
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      if (a[i] != b[i]) {
        return Node.FAIREST.compare(a[i], b[i]);
      }
    }
    return Integer.compare(a.length, b.length);
  }

  private static Node[] path(Node leaf) {
    int depth = 0;
    for (Node node = leaf; node != null; node = node.parent) {
      depth++;
    }
    var result = new Node[depth];
    for (Node node = leaf; node != null; node = node.parent) {
      result[--depth] = node;
    }
    return result;
  }

  private void refresh() {
    if (!stale) {
      return;
    }
    stale = false;
    root.wanting.clear();
    roles.values().forEach(node -> node.wanting.clear());
    selves.values().forEach(node -> node.wanting.clear());
    roles.values().forEach(this::reinsert);
    selves.values().forEach(this::reinsert);
    clients.values().forEach(set -> set.forEach(this::reinsert));
  }

  private void reinsert(Node node) {
    node.computeShare(this);
    if (node.parent != null && node.wants > 0) {
      node.parent.wanting.add(node);
    }
  }

  /// What is booked on `role` with everything below it.
  Quantities allocated(String role) {
    var node = roles.get(role);
    return node == null ? Quantities.EMPTY : node.allocated;
  }

  /// Every role with somebody in it or below it.
  Set<String> roles() {
    return roles.keySet();
  }

  /// The dominant share of `role` with everything below it, before weights; 0 when nobody is in it.
  double share(String role) {
    refresh();
    var node = roles.get(role);
    return node == null ? 0 : node.share * node.weight;
  }
}
