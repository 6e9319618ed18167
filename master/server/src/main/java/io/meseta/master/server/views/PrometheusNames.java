// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.http.Answer;
import io.meseta.http.Prometheus;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// `/metrics`: the original's figures as Prometheus names them. What the original writes into a
/// name, such as a role or a framework, is a label here; what only grows ends in `_total`.
public final class PrometheusNames {
  private static final String FRAMEWORK = "master/frameworks/([^/]+)/([^/]+)/";
  private static final List<String> OF_A_FRAMEWORK = List.of("framework", "framework_id");

  /// @param family may refer to groups of the pattern; `labels` are the first groups' names
  private record Rule(Pattern name, String family, List<String> labels) {}

  private record Sample(
      String original, Map<String, String> labels, boolean counted, double value) {}

  private static final List<Rule> RULES =
      List.of(
          framework("roles/(.+)/suppressed", "suppressed", "role"),
          framework("tasks/active/(.+)", "tasks_active", "state"),
          framework("tasks/terminal/(.+)", "tasks_terminal_total", "state"),
          framework("calls/(.+)", "calls_total", "type"),
          framework("events/(.+)", "events_total", "type"),
          framework("operations/(.+)", "operations_total", "type"),
          framework("offers/(.+)", "offers_total", "outcome"),
          framework("(calls|events|operations)", "all_$3_total"),
          framework("subscribed", "subscribed"),
          rule("frameworks/(.+)/(messages_[a-z]+)", "mesos_framework_$2_total", "principal"),
          rule(
              "allocator/mesos/roles/(.+)/shares/dominant",
              "mesos_allocator_dominant_share",
              "role"),
          rule(
              "allocator/mesos/quota/roles/(.+)/resources/([^/]+)/([^/]+)",
              "mesos_allocator_quota_$3",
              "role",
              "resource"),
          rule(
              "allocator/mesos/offer_filters/roles/(.+)/active",
              "mesos_allocator_offer_filters",
              "role"),
          rule(
              "allocator/mesos/resources/([^/]+)/([^/]+)",
              "mesos_allocator_resources",
              "resource",
              "kind"),
          rule(
              "master/(task_[a-z_]+)/source_([a-z_]+)/reason_([a-z_]+)",
              "mesos_master_task_ends_total",
              "state",
              "source",
              "reason"),
          rule(
              "master/operations/([^/]+)/([^/]+)",
              "mesos_master_operations_by_type",
              "type",
              "state"),
          rule("master/operations/([^/]+)", "mesos_master_operations", "state"),
          rule("allocator/mesos/(.+)/(p[0-9]+)", "mesos_allocator_$1_quantile", "", "quantile"),
          rule("registrar/(.+)/(p[0-9]+)", "mesos_registrar_$1_quantile", "", "quantile"));

  private static final Pattern COUNTED =
      Pattern.compile(
          "master/(messages_.*|(in)?valid_.*|slave_.*|recovery_slave_removals|dropped_messages"
              + "|http_cache_hits|tasks_(finished|failed|killed|lost|error|dropped|gone"
              + "|gone_by_operator))|allocator/mesos/allocation_runs");

  private PrometheusNames() {}

  private static Rule framework(String rest, String family, String... more) {
    var labels = new ArrayList<>(OF_A_FRAMEWORK);
    labels.addAll(List.of(more));
    return new Rule(Pattern.compile(FRAMEWORK + rest), "mesos_master_framework_" + family, labels);
  }

  private static Rule rule(String name, String family, String... labels) {
    return new Rule(Pattern.compile(name), family, List.of(labels));
  }

  public static Answer document(Map<String, Double> metrics) {
    // Samples of one family must stand together.
    var families = new TreeMap<String, List<Sample>>();
    metrics.forEach((name, value) -> add(families, name, value));
    var out = new Prometheus();
    families.forEach((family, samples) -> {
      for (var sample : samples) {
        var help = sample.labels().isEmpty() ? sample.original() : family.replace('_', ' ');
        if (sample.counted()) {
          out.counter(family, help, sample.labels(), sample.value());
        } else {
          out.gauge(family, help, sample.labels(), sample.value());
        }
      }
    });
    return out.answer();
  }

  private static void add(Map<String, List<Sample>> families, String name, double value) {
    for (var rule : RULES) {
      var match = rule.name().matcher(name);
      if (!match.matches()) {
        continue;
      }
      var labels = new LinkedHashMap<String, String>();
      for (int i = 0; i < rule.labels().size(); i++) {
        var label = rule.labels().get(i);
        var text = match.group(i + 1);
        switch (label) {
          case "" -> {} // in the name
          case "quantile" -> labels.put(label, "0." + text.substring(1));
          case "framework" -> labels.put(label, URLDecoder.decode(text, StandardCharsets.UTF_8));
          default -> labels.put(label, text);
        }
      }
      var family = match.replaceFirst(rule.family());
      families
          .computeIfAbsent(plain(family), f -> new ArrayList<>())
          .add(new Sample(name, labels, rule.family().endsWith("_total"), value));
      return;
    }
    boolean counted = COUNTED.matcher(name).matches();
    var family =
        "mesos_"
            + plain(name.replaceFirst("^allocator/mesos/", "allocator/"))
            + (counted ? "_total" : "");
    var samples = families.computeIfAbsent(family, f -> new ArrayList<>());
    if (samples.isEmpty()) {
      samples.add(new Sample(name, Map.of(), counted, value));
    }
  }

  private static String plain(String name) {
    return name.replaceAll("[^A-Za-z0-9_]", "_");
  }
}
