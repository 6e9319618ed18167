// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.master.core.agents.Deactivation;
import io.meseta.master.core.agents.Drain;
import io.meseta.master.core.agents.Removal;
import io.meseta.master.core.operations.Apply;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.model.roles.Roles;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Changes that operators make. What must survive the master is written before it is answered.
final class OperatorCalls {
  /// What one transaction of the registry can hold: all of them are written, or none.
  private static final int MAX_WEIGHTS = 500;

  /// How many roles may have one of their own.
  private static final int MAX_TOTAL_WEIGHTS = 10_000;

  private final Master master;
  private final Removal removal;
  private final Deactivation deactivation;
  private final Drain drain;
  private final Apply apply;
  private final Map<String, Double> weights;

  OperatorCalls(Master master, Removal removal, Drain drain) {
    this.master = master;
    this.removal = removal;
    this.drain = drain;
    this.deactivation = new Deactivation(master, removal);
    this.apply = new Apply(master);
    this.weights = new TreeMap<>(master.config.weights());
    master.allocator.setWeights(weights);
  }

  void on(MasterEvent.OperatorCall event) {
    long id = event.requestId();
    var forbidden = master.permissions.operator(event.principal(), event.request());
    if (forbidden.isPresent()) {
      reply(id, 403, forbidden.get());
      return;
    }
    switch (event.request()) {
      case OperatorRequest.Teardown(var frameworkId) -> teardown(id, frameworkId);
      case OperatorRequest.MarkAgentGone(var agentId) -> {
        if (!removal.markGone(agentId, () -> reply(id, 200, ""))) {
          reply(id, 404, "Agent '" + agentId + "' not found");
        }
      }
      case OperatorRequest.DrainAgent(var agentId, var config) ->
          drain.start(agentId, config, (status, text) -> reply(id, status, text));
      case OperatorRequest.DeactivateAgent(var agentId) ->
          deactivation.deactivate(agentId, (status, text) -> reply(id, status, text));
      case OperatorRequest.ReactivateAgent(var agentId) ->
          deactivation.reactivate(agentId, (status, text) -> reply(id, status, text));
      case OperatorRequest.Apply(var agentId, var operation) ->
          apply.on(
              agentId,
              operation,
              event.principal().orElse(null),
              (status, text) -> reply(id, status, text));
      case OperatorRequest.UpdateQuotas(var configs, boolean force) ->
          master.quotas.update(configs, force, (status, text) -> reply(id, status, text));
      case OperatorRequest.SetQuota(var request) ->
          master.quotas.set(request, (status, text) -> reply(id, status, text));
      case OperatorRequest.RemoveQuota(var role) ->
          master.quotas.remove(role, (status, text) -> reply(id, status, text));
      case OperatorRequest.UpdateMaintenance(var schedule) ->
          master.machines.update(schedule, (status, text) -> reply(id, status, text));
      case OperatorRequest.StartMaintenance(var machines) ->
          master.machines.start(machines, (status, text) -> reply(id, status, text));
      case OperatorRequest.StopMaintenance(var machines) ->
          master.machines.stop(machines, (status, text) -> reply(id, status, text));
      case OperatorRequest.UpdateWeights(var changes) -> updateWeights(id, changes);
    }
  }

  private void teardown(long id, String frameworkId) {
    var framework = master.frameworks.get(frameworkId).orElse(null);
    if (framework == null) {
      reply(id, 400, "No framework found with specified ID");
      return;
    }
    master.frameworks.remove(framework);
    reply(id, 200, "");
  }

  private void updateWeights(long id, Map<String, Double> changes) {
    for (var change : changes.entrySet()) {
      var problem = Roles.problem(change.getKey());
      if (problem.isPresent()) {
        reply(id, 400, "Failed to validate update weights request: " + problem.get());
        return;
      }
      if (!isListed(change.getKey())) {
        reply(
            id,
            400,
            "Failed to validate update weights request: Unknown role '" + change.getKey() + "'");
        return;
      }
      if (!(change.getValue() > 0) || Double.isInfinite(change.getValue())) {
        reply(
            id,
            400,
            "Failed to validate update weights request: Weight of role '"
                + change.getKey()
                + "' must be positive, not "
                + change.getValue());
        return;
      }
    }
    if (changes.isEmpty()) {
      reply(id, 200, "");
      return;
    }
    if (changes.size() > MAX_WEIGHTS) {
      reply(
          id,
          400,
          "Failed to validate update weights request: "
              + changes.size()
              + " roles in one call (expected: at most "
              + MAX_WEIGHTS
              + ")");
      return;
    }
    var roles = new HashSet<>(weights.keySet());
    roles.addAll(changes.keySet());
    if (roles.size() > MAX_TOTAL_WEIGHTS && roles.size() > weights.size()) {
      reply(
          id,
          400,
          "Failed to validate update weights request: "
              + roles.size()
              + " roles with weights (expected: at most "
              + MAX_TOTAL_WEIGHTS
              + ")");
      return;
    }
    master.registry.write(
        new RegistryOperation.SetWeights(changes),
        () -> {
          weights.putAll(changes);
          master.allocator.setWeights(weights);
          rescindOffers(changes.keySet());
          reply(id, 200, "");
        });
  }

  private boolean isListed(String role) {
    var listed = master.config.roles();
    return listed.isEmpty() || role.equals(Roles.ANY) || listed.contains(role);
  }

  /// Takes back all offers if a share changed: what a role may have now is offered to others.
  private void rescindOffers(Set<String> changed) {
    boolean used =
        master.frameworks.all().stream()
            .flatMap(framework -> framework.roles().stream())
            .anyMatch(role -> isOrIsBelow(role, changed));
    if (used) {
      for (var agent : master.agents.registered()) {
        List.copyOf(agent.offers()).forEach(master.offers::rescind);
      }
    }
  }

  private static boolean isOrIsBelow(String role, Set<String> changed) {
    for (int end = role.length(); end > 0; end = role.lastIndexOf('/', end - 1)) {
      if (changed.contains(role.substring(0, end))) {
        return true;
      }
    }
    return false;
  }

  /// Once the registry has weights, those of the flag do not count; until then they are written, so
  /// that the next leader has them, whatever its flag says.
  void recoverWeights(Map<String, Double> recovered) {
    if (recovered.isEmpty()) {
      if (!weights.isEmpty()) {
        master.registry.write(new RegistryOperation.SetWeights(weights), () -> {});
      }
      return;
    }
    if (!weights.isEmpty() && !weights.equals(recovered)) {
      master.out.note("--weights is not used: the registry has weights, " + recovered);
    }
    weights.clear();
    weights.putAll(recovered);
    master.allocator.setWeights(weights);
  }

  Map<String, Double> weights() {
    return new TreeMap<>(weights);
  }

  private void reply(long id, int status, String message) {
    master.out.add(new Effect.Reply(id, status, message));
  }
}
