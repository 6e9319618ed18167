// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.FrameworkView;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// What one framework asked for and got, `master/frameworks/NAME/ID/...`.
final class FrameworkMetrics {
  /// Counters that every framework has from the start, by the original's names.
  private static final List<String> OF_A_FRAMEWORK =
      Stream.of(
              Stream.of(
                  "calls",
                  "events",
                  "operations",
                  "offers/sent",
                  "offers/accepted",
                  "offers/declined",
                  "offers/rescinded"),
              names("calls/", Call.Type.values()),
              names("events/", Event.Type.values()),
              names("operations/", Offer.Operation.Type.values()),
              names(
                  "tasks/terminal/",
                  Arrays.stream(TaskState.values())
                      .filter(TaskStates::isTerminal)
                      .toArray(TaskState[]::new)))
          .flatMap(all -> all)
          .toList();

  private FrameworkMetrics() {}

  private static Stream<String> names(String prefix, Enum<?>[] values) {
    return Arrays.stream(values)
        .filter(value -> !value.name().equals("UNKNOWN"))
        .map(value -> prefix + value.name().toLowerCase(Locale.ROOT));
  }

  static void put(FrameworkView framework, Map<String, Double> out) {
    var prefix =
        "master/frameworks/"
            + URLEncoder.encode(framework.info().getName(), StandardCharsets.UTF_8)
                .replace("+", "%20")
            + "/"
            + framework.id()
            + "/";
    OF_A_FRAMEWORK.forEach(name -> out.put(prefix + name, 0.0));
    for (var state : TaskState.values()) {
      if (!TaskStates.isTerminal(state)) {
        out.put(prefix + "tasks/active/" + state.name().toLowerCase(Locale.ROOT), 0.0);
      }
    }
    framework.counts().copy().forEach((name, count) -> out.put(prefix + name, (double) count));
    for (var tasks : List.of(framework.tasks(), framework.unreachableTasks())) {
      for (var task : tasks) {
        if (!TaskStates.isTerminal(task.getState())) {
          out.merge(
              prefix + "tasks/active/" + task.getState().name().toLowerCase(Locale.ROOT),
              1.0,
              Double::sum);
        }
      }
    }
    out.put(prefix + "subscribed", framework.connected() ? 1.0 : 0.0);
    framework
        .roles()
        .forEach(role ->
            out.put(
                prefix + "roles/" + role + "/suppressed",
                framework.suppressedRoles().contains(role) ? 1.0 : 0.0));
  }
}
