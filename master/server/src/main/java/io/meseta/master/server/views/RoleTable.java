// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.Snapshot;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.model.roles.Roles;
import io.meseta.wire.json.JsonOut;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Roles and what they hold: those that frameworks have, that resources are reserved to, or that
/// have a weight.
final class RoleTable {
  /// What is known of one role.
  static final class Entry {
    final List<String> frameworks = new ArrayList<>();
    Quantities allocated = Quantities.EMPTY;
    Quantities offered = Quantities.EMPTY;
    Quantities reserved = Quantities.EMPTY;
    double weight = 1;
  }

  private final Map<String, Entry> roles = new TreeMap<>();

  RoleTable(Snapshot snapshot) {
    for (var framework : snapshot.frameworks()) {
      framework.roles().forEach(role -> entry(role).frameworks.add(framework.id()));
      for (var offer : framework.offers()) {
        var role =
            offer.hasAllocationInfo()
                ? offer.getAllocationInfo().getRole()
                : framework.roles().stream().findFirst().orElse(Roles.ANY);
        var quantities = ResourceWire.decodeTrusted(offer.getResourcesList()).quantities();
        entry(role).offered = entry(role).offered.plus(quantities);
      }
    }
    for (var agent : snapshot.agents()) {
      for (var resources : agent.used().values()) {
        for (Resources held : resources) {
          held.allocations()
              .forEach((role, part) ->
                  entry(role).allocated = entry(role).allocated.plus(part.quantities()));
        }
      }
      agent
          .total()
          .reservations()
          .forEach(
              (role, part) -> entry(role).reserved = entry(role).reserved.plus(part.quantities()));
    }
    snapshot.weights().forEach((role, weight) -> entry(role).weight = weight);
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
      out.object("guarantee").end();
      out.object("limit").end();
      Documents.quantities(out, "consumed", role.allocated);
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
