// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.model.resources.Resources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A framework in one of its roles: a leaf of the [RoleTree], with its refusals.
final class Client extends Node {
  final FrameworkEntry framework;
  final String role;

  /// Of the top-level role that it counts for.
  final QuotaBook.Entry quota;

  /// By agent. Only looked up, never iterated.
  final Map<String, List<Refusal>> refusals = new HashMap<>();

  /// A refusal of resources like these, or less, of one agent.
  record Refusal(
      Client client, String agentId, Resources resources, Instant until, long sequence) {}

  Client(FrameworkEntry framework, String role, Node parent, QuotaBook.Entry quota) {
    super(framework.id, parent);
    this.framework = framework;
    this.role = role;
    this.quota = quota;
  }

  boolean refuses(String agentId, Resources resources) {
    var list = refusals.get(agentId);
    if (list == null) {
      return false;
    }
    for (var refusal : list) {
      if (refusal.resources().contains(resources)) {
        return true;
      }
    }
    return false;
  }

  /// Adds a refusal and gives those that it makes superfluous.
  List<Refusal> add(Refusal refusal) {
    var list = refusals.computeIfAbsent(refusal.agentId(), a -> new ArrayList<>(1));
    var superseded = new ArrayList<Refusal>();
    for (var old : list) {
      if (!old.until().isAfter(refusal.until()) && refusal.resources().contains(old.resources())) {
        superseded.add(old);
      }
    }
    list.removeAll(superseded);
    list.add(refusal);
    return superseded;
  }

  void remove(Refusal refusal) {
    var list = refusals.get(refusal.agentId());
    if (list != null && list.remove(refusal) && list.isEmpty()) {
      refusals.remove(refusal.agentId());
    }
  }
}
