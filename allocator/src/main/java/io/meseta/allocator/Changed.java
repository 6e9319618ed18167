// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The agents that the next cycle has to look at, and for whom.
final class Changed {
  /// An empty set means for everybody.
  private Map<String, Set<Client>> clients = new LinkedHashMap<>();

  /// Whom the sweep has still to look at, this time round.
  private final Queue<String> round = new ArrayDeque<>();

  void forAll(String agentId) {
    clients.put(agentId, Set.of());
  }

  void forOne(String agentId, Client client) {
    var known = clients.get(agentId);
    if (known == null) {
      known = new LinkedHashSet<>();
      clients.put(agentId, known);
    } else if (known.isEmpty()) {
      return;
    }
    known.add(client);
  }

  void remove(String agentId) {
    clients.remove(agentId);
  }

  /// Adds up to `count` agents of which nothing is known to have changed, all in turn.
  void sweep(int count, Collection<String> agents) {
    if (round.isEmpty()) {
      round.addAll(agents);
    }
    for (int i = 0; i < count && !round.isEmpty(); i++) {
      forAll(round.remove());
    }
  }

  boolean isEmpty() {
    return clients.isEmpty();
  }

  List<String> agents() {
    return new ArrayList<>(clients.keySet());
  }

  /// For whom the agent is to be looked at, empty for everybody; null when it is not.
  @Nullable Set<Client> clients(String agentId) {
    return clients.get(agentId);
  }

  void clear() {
    clients = new LinkedHashMap<>(); // emptying it costs as much as it ever held
  }
}
