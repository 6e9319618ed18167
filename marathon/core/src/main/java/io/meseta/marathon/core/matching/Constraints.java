// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.matching;

import io.meseta.marathon.core.apps.Spec;
import io.meseta.marathon.core.instances.Instance;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Whether an agent fits an app's constraints, seeing where its other instances are.
///
/// Original: src/main/scala/mesosphere/mesos/Constraints.scala. Other than there, GROUP_BY without
/// a number spreads over the values seen so far, as documented.
final class Constraints {
  private Constraints() {}

  /// @param placed the app's present instances of the present configuration
  /// @param seen what agents there are to spread over
  static boolean met(Spec spec, Instance.Agent agent, List<Instance> placed, Seen seen) {
    // Far agents are for those who ask for them.
    if (seen.remote(agent)
        && spec.constraints().stream()
            .noneMatch(each -> each.field().equals("@region") || each.field().equals("@zone"))) {
      return false;
    }
    for (var constraint : spec.constraints()) {
      if (!met(constraint, spec.instances(), agent, placed, seen)) {
        return false;
      }
    }
    return true;
  }

  private static boolean met(
      Spec.Constraint constraint,
      int instances,
      Instance.Agent agent,
      List<Instance> placed,
      Seen seen) {
    var found = value(constraint.field(), agent);
    if (found.isEmpty()) {
      return constraint.operator().equals("UNLIKE");
    }
    var value = found.get();
    var wanted = constraint.value();
    return switch (constraint.operator()) {
      case "UNIQUE" -> count(constraint, value, placed) == 0;
      case "MAX_PER" -> count(constraint, value, placed) < Integer.parseInt(wanted);
      case "CLUSTER" ->
          wanted.isEmpty()
              ? placed.isEmpty() || count(constraint, value, placed) == placed.size()
              : value.equals(wanted);
      case "LIKE" -> Pattern.matches(wanted, value);
      case "UNLIKE" -> !Pattern.matches(wanted, value);
      case "IS" -> same(value, wanted);
      case "GROUP_BY" -> groupBy(constraint, instances, value, placed, seen);
      default -> false;
    };
  }

  private static boolean groupBy(
      Spec.Constraint constraint, int instances, String value, List<Instance> placed, Seen seen) {
    var counts = new TreeMap<String, Integer>();
    for (var instance : placed) {
      var agent = instance.agent();
      if (agent != null) {
        value(constraint.field(), agent).ifPresent(each -> counts.merge(each, 1, Integer::sum));
      }
    }
    int here = counts.getOrDefault(value, 0);
    if (constraint.value().isEmpty()) {
      seen.of(constraint.field()).forEach(each -> counts.putIfAbsent(each, 0));
      int least = counts.values().stream().min(Integer::compare).orElse(0);
      return here <= least;
    }
    int groups = Math.max(1, Integer.parseInt(constraint.value()));
    if (here == 0) {
      return counts.size() < groups;
    }
    int each = instances / groups;
    int remainder = instances % groups;
    if (here < each) {
      return true;
    }
    long over = counts.values().stream().filter(count -> count > each).count();
    return here == each && over < remainder;
  }

  private static long count(Spec.Constraint constraint, String value, List<Instance> placed) {
    return placed.stream()
        .filter(instance -> {
          var agent = instance.agent();
          return agent != null && value(constraint.field(), agent).equals(Optional.of(value));
        })
        .count();
  }

  static Optional<String> value(String field, Instance.Agent agent) {
    return switch (field) {
      case "hostname", "@hostname" -> Optional.of(agent.host());
      case "@region" -> Optional.ofNullable(agent.region());
      case "@zone" -> Optional.ofNullable(agent.zone());
      default -> Optional.ofNullable(agent.attributes().get(field));
    };
  }

  private static boolean same(String value, String wanted) {
    try {
      return new BigDecimal(value)
              .setScale(3, RoundingMode.HALF_EVEN)
              .compareTo(new BigDecimal(wanted).setScale(3, RoundingMode.HALF_EVEN))
          == 0;
    } catch (NumberFormatException e) {
      return value.equals(wanted);
    }
  }
}
