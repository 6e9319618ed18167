// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.roles;

import io.meseta.allocator.Quota;
import io.meseta.master.core.Master;
import io.meseta.master.core.offers.Offer;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.model.Invalid;
import io.meseta.model.resources.Quantities;
import io.meseta.model.roles.Roles;
import io.meseta.wire.v1.quota.QuotaConfig;
import io.meseta.wire.v1.quota.QuotaRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Owns the quotas of top-level roles: checks changes, writes them to the registry, then hands them
/// to the allocator and takes offers back that stand in their way. Original:
/// src/master/quota_handler.cpp.
public final class Quotas {
  /// How a call ends.
  @FunctionalInterface
  public interface Answer {
    void give(int status, String message);
  }

  private final Master master;
  private final Map<String, QuotaConfig> configs = new TreeMap<>();

  public Quotas(Master master) {
    this.master = master;
  }

  public void recover(Map<String, QuotaConfig> recovered) {
    configs.putAll(recovered);
    recovered.forEach((role, config) -> master.allocator.setQuota(role, QuotaRules.quota(config)));
  }

  public Map<String, QuotaConfig> views() {
    return new TreeMap<>(configs);
  }

  /// All of the changes or none.
  public void update(List<QuotaConfig> changes, boolean force, Answer answer) {
    try {
      QuotaRules.checkSize(changes);
      for (var change : changes) {
        checkRole(change.getRole());
        QuotaRules.check(change);
      }
      QuotaRules.checkTotal(configs, changes);
      if (!force) {
        for (var change : changes) {
          checkConsumption(change);
        }
        checkCapacity(changes);
      }
    } catch (Invalid e) {
      answer.give(400, e.reason());
      return;
    }
    apply(changes, 0, answer);
  }

  private void checkRole(String role) throws Invalid {
    if (!master.config.roles().isEmpty() && !master.config.roles().contains(role)) {
      throw new Invalid("Invalid QuotaConfig: '" + role + "' is not on the roles whitelist");
    }
    if (role.contains("/")) {
      throw new Invalid("Updating quota on nested role '" + role + "' is not supported yet");
    }
  }

  private void checkConsumption(QuotaConfig change) throws Invalid {
    var consumed = consumed(change.getRole());
    if (!QuotaRules.quota(change).allows(consumed)) {
      throw new Invalid(
          "Invalid QuotaConfig: Role '"
              + change.getRole()
              + "' is already consuming '"
              + consumed
              + "'; this is more than the requested limits '"
              + Quantities.of(QuotaRules.quota(change).limits())
              + "' (use 'force' flag to bypass this check)");
    }
  }

  private Quantities promised(List<QuotaConfig> changes) {
    var all = new TreeMap<>(configs);
    changes.forEach(change -> all.put(change.getRole(), change));
    var result = Quantities.EMPTY;
    for (var config : all.values()) {
      result = result.plus(QuotaRules.quota(config).guarantees());
    }
    return result;
  }

  private Quantities capacity() {
    var result = Quantities.EMPTY;
    for (var agent : master.agents.registered()) {
      result = result.plus(agent.total().nonRevocable().quantities());
    }
    return result;
  }

  private void checkCapacity(List<QuotaConfig> changes) throws Invalid {
    var promised = promised(changes);
    var capacity = capacity();
    if (!capacity.contains(promised)) {
      throw new Invalid(
          "Invalid QuotaConfig: total quota guarantees '"
              + promised
              + "' exceed cluster capacity '"
              + capacity
              + "' (use 'force' flag to bypass this check)");
    }
  }

  /// The old call: a role without quota gets a guarantee, which is its limit too.
  public void set(QuotaRequest request, Answer answer) {
    QuotaConfig config;
    try {
      config = QuotaRules.config(request);
      if (!master.config.roles().isEmpty() && !master.config.roles().contains(config.getRole())) {
        throw new Invalid("Unknown role '" + config.getRole() + "'");
      }
      if (configs.containsKey(config.getRole())) {
        throw new Invalid(
            "Cannot set quota for role '" + config.getRole() + "' which already has quota");
      }
      QuotaRules.checkTotal(configs, List.of(config));
    } catch (Invalid e) {
      answer.give(400, "Failed to validate set quota request: " + e.reason());
      return;
    }
    if (config.getRole().contains("/")) {
      answer.give(
          400, "Setting quota on nested role '" + config.getRole() + "' is not supported yet");
      return;
    }
    var promised = promised(List.of(config));
    var capacity = capacity();
    if (!request.getForce() && !capacity.contains(promised)) {
      answer.give(
          409,
          "Quota guarantees overcommit the cluster (use 'force' to bypass this check): Total"
              + " quota guarantees '"
              + promised
              + "' exceed cluster capacity '"
              + capacity
              + "'");
      return;
    }
    apply(List.of(config), activeFrameworks(config.getRole()), answer);
  }

  private int activeFrameworks(String role) {
    return (int)
        master.frameworks.all().stream()
            .filter(framework -> framework.active() && framework.roles().contains(role))
            .count();
  }

  public void remove(String role, Answer answer) {
    if (!configs.containsKey(role)) {
      answer.give(400, "Failed to remove quota: Role '" + role + "' has no quota set");
      return;
    }
    apply(List.of(QuotaConfig.newBuilder().setRole(role).build()), 0, answer);
  }

  /// @param agents from how many agents offers are taken back at least, if there are that many
  private void apply(List<QuotaConfig> changes, int agents, Answer answer) {
    if (changes.isEmpty()) {
      answer.give(200, "");
      return;
    }
    master.registry.write(
        new RegistryOperation.SetQuotas(changes),
        () -> {
          for (var change : changes) {
            var quota = QuotaRules.quota(change);
            if (quota.isNone()) {
              configs.remove(change.getRole());
            } else {
              configs.put(change.getRole(), change);
            }
            master.allocator.setQuota(change.getRole(), quota);
          }
          changes.forEach(change -> makeRoom(change.getRole(), QuotaRules.quota(change), agents));
          answer.give(200, "");
        });
  }

  /// Takes offers of the role back until it is within its limits, and offers of others until its
  /// guarantee can be met and, after the old call, each of its frameworks can have an agent's.
  private void makeRoom(String role, Quota quota, int agents) {
    for (var offer : offers()) {
      if (quota.allows(master.allocator.consumed(role))) {
        break;
      }
      if (isOf(offer, role)) {
        master.offers.rescind(offer);
      }
    }
    var room = master.allocator.consumed(role).plus(master.allocator.headroom());
    var visited = new HashSet<String>();
    for (var offer : offers()) {
      if (room.contains(quota.guarantees()) && visited.size() >= agents) {
        break;
      }
      if (!isOf(offer, role)) {
        visited.add(offer.agentId());
        room = room.plus(offer.resources().unreserved().nonRevocable().quantities());
        master.offers.rescind(offer);
      }
    }
  }

  private List<Offer> offers() {
    var result = new ArrayList<Offer>();
    master.agents.registered().forEach(agent -> result.addAll(agent.offers()));
    return result;
  }

  private static boolean isOf(Offer offer, String role) {
    return offer.role().equals(role) || Roles.isBelow(offer.role(), role);
  }

  /// What counts against the role's quota without offers: reservations, used or not, and what is
  /// used unreserved.
  private Quantities consumed(String role) {
    var result = Quantities.EMPTY;
    for (var agent : master.agents.registered()) {
      for (var part : agent.total().reservations().entrySet()) {
        if (isSame(part.getKey(), role)) {
          result = result.plus(part.getValue().quantities());
        }
      }
      for (var used : agent.used().values()) {
        for (var part : used.allocations().entrySet()) {
          if (isSame(part.getKey(), role)) {
            result = result.plus(part.getValue().unreserved().nonRevocable().quantities());
          }
        }
      }
    }
    return result;
  }

  private static boolean isSame(String given, String role) {
    return given.equals(role) || Roles.isBelow(given, role);
  }
}
