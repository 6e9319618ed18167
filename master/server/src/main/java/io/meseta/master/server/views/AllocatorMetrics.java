// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.Snapshot;
import io.meseta.model.resources.Resources;
import io.meseta.model.resources.Thousandths;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the allocator has to give and who holds how much, `allocator/...`.
final class AllocatorMetrics {
  private AllocatorMetrics() {}

  /// @param unfair resources that do not count for shares
  static void put(Snapshot snapshot, Set<String> unfair, Map<String, Double> out) {
    out.put("allocator/event_queue_dispatches", 0.0);
    out.put("allocator/mesos/event_queue_dispatches", 0.0);
    var total = Resources.sum(snapshot.agents().stream().map(AgentView::total).toList());
    var held =
        Resources.sum(
            snapshot.agents().stream()
                .map(agent -> agent.usedTotal().plus(agent.offeredTotal()))
                .toList());
    for (var name : List.of("cpus", "mem", "disk")) {
      var prefix = "allocator/mesos/resources/" + name;
      out.put(prefix + "/total", Thousandths.toDouble(total.scalar(name)));
      out.put(prefix + "/offered_or_allocated", Thousandths.toDouble(held.scalar(name)));
    }
    new RoleTable(snapshot)
        .roles()
        .forEach((role, row) -> {
          out.put(
              "allocator/mesos/offer_filters/roles/" + role + "/active",
              (double) snapshot.refusals().getOrDefault(role, 0));
          var mine = row.allocated.plus(row.offered);
          if (row.known) {
            double dominant = 0;
            for (var amount : row.own.toMap().entrySet()) {
              long all = total.quantities().get(amount.getKey());
              if (all > 0 && !unfair.contains(amount.getKey())) {
                dominant = Math.max(dominant, (double) amount.getValue() / all);
              }
            }
            out.put("allocator/mesos/roles/" + role + "/shares/dominant", dominant / row.weight);
          }
          var quota = snapshot.quotas().get(role);
          if (quota != null) {
            var prefix = "allocator/mesos/quota/roles/" + role + "/resources/";
            quota
                .getGuaranteesMap()
                .forEach((name, value) -> out.put(prefix + name + "/guarantee", value.getValue()));
            quota
                .getLimitsMap()
                .forEach((name, value) -> out.put(prefix + name + "/limit", value.getValue()));
            mine.toMap()
                .forEach((name, amount) ->
                    out.put(prefix + name + "/offered_or_allocated", Thousandths.toDouble(amount)));
          }
          row.consumed
              .toMap()
              .forEach((name, amount) ->
                  out.put(
                      "allocator/mesos/quota/roles/" + role + "/resources/" + name + "/consumed",
                      Thousandths.toDouble(amount)));
          if (!role.contains("/")) { // all of them together are the role without a name
            row.consumed
                .toMap()
                .forEach((name, amount) ->
                    out.merge(
                        "allocator/mesos/quota/roles//resources/" + name + "/consumed",
                        Thousandths.toDouble(amount),
                        Double::sum));
          }
        });
  }
}
