// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.Snapshot;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.model.roles.Roles;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.quota.QuotaConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Roles and what they hold, each with all below it: those that frameworks have, that resources are
/// reserved to, or that have a weight or quota, and those above them. Original: Master::knownRoles,
/// RoleResourceBreakdown.
final class RoleTable {
  /// What is known of one role.
  static final class Entry {
    final List<String> frameworks = new ArrayList<>();

    /// Allocated or offered to the role itself.
    Quantities own = Quantities.EMPTY;

    /// Whether there is more to it than roles below it.
    boolean known;

    Quantities allocated = Quantities.EMPTY;
    Quantities offered = Quantities.EMPTY;
    Quantities reserved = Quantities.EMPTY;
    double weight = 1;
    QuotaConfig quota = QuotaConfig.getDefaultInstance();

    /// What counts against quota: reserved, or used and not reserved; roles below it included.
    Quantities consumed = Quantities.EMPTY;
  }

  private final Map<String, Entry> roles = new TreeMap<>();

  RoleTable(Snapshot snapshot) {
    for (var framework : snapshot.frameworks()) {
      framework.roles().forEach(role -> known(role).frameworks.add(framework.id()));
      for (var offer : framework.offers()) {
        var role =
            offer.hasAllocationInfo()
                ? offer.getAllocationInfo().getRole()
                : framework.roles().stream().findFirst().orElse(Roles.ANY);
        var quantities = ResourceWire.decodeTrusted(offer.getResourcesList()).quantities();
        known(role).own = known(role).own.plus(quantities);
        path(role, entry -> entry.offered = entry.offered.plus(quantities));
      }
    }
    for (var agent : snapshot.agents()) {
      for (var resources : agent.used().values()) {
        for (Resources held : resources) {
          held.allocations()
              .forEach((role, part) -> {
                var quantities = part.quantities();
                known(role).own = known(role).own.plus(quantities);
                path(role, entry -> entry.allocated = entry.allocated.plus(quantities));
              });
        }
      }
      agent
          .total()
          .reservations()
          .forEach((role, part) -> {
            var quantities = part.quantities();
            known(role);
            path(
                role,
                entry -> {
                  entry.reserved = entry.reserved.plus(quantities);
                  entry.consumed = entry.consumed.plus(quantities);
                });
          });
    }
    snapshot.quotas().forEach((role, quota) -> known(role).quota = quota);
    snapshot.weights().forEach((role, weight) -> known(role).weight = weight);
    consumed(snapshot);
    roles.keySet().removeIf(snapshot.rolesShown().negate());
  }

  /// What is used without being reserved counts against quota, too.
  private void consumed(Snapshot snapshot) {
    for (var agent : snapshot.agents()) {
      for (var resources : agent.used().values()) {
        for (Resources held : resources) {
          held.unreserved()
              .nonRevocable()
              .allocations()
              .forEach((role, part) -> {
                var quantities = part.quantities();
                path(role, entry -> entry.consumed = entry.consumed.plus(quantities));
              });
        }
      }
    }
  }

  /// Changes the role and all above it.
  private void path(String role, Consumer<Entry> change) {
    change.accept(entry(role));
    Roles.ancestors(role).forEach(above -> change.accept(entry(above)));
  }

  private Entry known(String role) {
    var entry = entry(role);
    entry.known = true;
    Roles.ancestors(role).forEach(this::entry);
    return entry;
  }

  private static void scalars(JsonOut out, String name, Map<String, Value.Scalar> scalars) {
    out.object(name);
    new TreeMap<>(scalars).forEach((key, value) -> out.field(key, value.getValue()));
    out.end();
  }

  private Entry entry(String role) {
    return roles.computeIfAbsent(role, r -> new Entry());
  }

  Map<String, Entry> roles() {
    return roles;
  }

  /// `/roles`.
  byte[] document() {
    var out = new JsonOut().object();
    out.array("roles");
    roles.forEach((name, role) -> {
      out.object();
      out.field("name", name);
      out.field("weight", role.weight);
      out.object("quota");
      out.field("role", name);
      scalars(out, "guarantee", role.quota.getGuaranteesMap());
      scalars(out, "limit", role.quota.getLimitsMap());
      Documents.quantities(out, "consumed", role.consumed);
      out.end();
      Documents.quantities(out, "resources", role.allocated.plus(role.offered));
      Documents.quantities(out, "allocated", role.allocated);
      Documents.quantities(out, "offered", role.offered);
      Documents.quantities(out, "reserved", role.reserved);
      out.field("frameworks", role.frameworks);
      out.end();
    });
    return out.end().end().bytes();
  }
}
