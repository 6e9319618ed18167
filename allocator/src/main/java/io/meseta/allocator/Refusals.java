// SPDX-License-Identifier: Apache-2.0
package io.meseta.allocator;

import io.meseta.allocator.Client.Refusal;
import io.meseta.model.resources.Resources;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// All refusals of all clients, by the time when they end. Each also stands with its client, and
/// its agent knows whose it has.
final class Refusals {
  private final Map<String, AgentEntry> agents;
  private final TreeSet<Refusal> expiring =
      new TreeSet<>(Comparator.comparing(Refusal::until).thenComparingLong(Refusal::sequence));
  private final Map<String, Integer> byRole = new LinkedHashMap<>();
  private long sequence;

  /// @param agents those that there are, kept up to date by their owner
  Refusals(Map<String, AgentEntry> agents) {
    this.agents = agents;
  }

  void add(Client client, AgentEntry agent, Resources resources, Instant until) {
    var refusal = new Refusal(client, agent.id, resources.unallocate(), until, sequence++);
    client.add(refusal).forEach(this::forget);
    expiring.add(refusal);
    byRole.merge(client.role, 1, Integer::sum);
    agent.refusedBy.add(client);
  }

  private void forget(Refusal refusal) {
    if (expiring.remove(refusal)) {
      byRole.computeIfPresent(
          refusal.client().role, (role, count) -> count == 1 ? null : count - 1);
    }
  }

  void clear(Client client) {
    client.refusals.forEach((agentId, list) -> {
      list.forEach(this::forget);
      var agent = agents.get(agentId);
      if (agent != null) {
        agent.refusedBy.remove(client);
      }
    });
    client.refusals.clear();
  }

  void clear(AgentEntry agent) {
    for (var client : agent.refusedBy) {
      var list = client.refusals.remove(agent.id);
      if (list != null) {
        list.forEach(this::forget);
      }
    }
    agent.refusedBy.clear();
  }

  /// Forgets what has ended and tells of whom.
  void expire(Instant now, BiConsumer<AgentEntry, Client> ended) {
    for (var refusal = due(now); refusal != null; refusal = due(now)) {
      forget(refusal);
      refusal.client().remove(refusal);
      var agent = agents.get(refusal.agentId());
      if (agent != null) {
        if (!refusal.client().refusals.containsKey(agent.id)) {
          agent.refusedBy.remove(refusal.client());
        }
        ended.accept(agent, refusal.client());
      }
    }
  }

  private @Nullable Refusal due(Instant now) {
    return anyDue(now) ? expiring.first() : null;
  }

  boolean anyDue(Instant now) {
    return !expiring.isEmpty() && !expiring.first().until().isAfter(now);
  }

  Optional<Instant> nextExpiry() {
    return expiring.isEmpty() ? Optional.empty() : Optional.of(expiring.first().until());
  }

  int count() {
    return expiring.size();
  }

  Map<String, Integer> byRole() {
    return new TreeMap<>(byRole);
  }
}
