// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.frameworks;

import io.meseta.master.core.MasterConfig;
import io.meseta.model.IdRules;
import io.meseta.model.Invalid;
import io.meseta.model.resources.Quantities;
import io.meseta.model.roles.Roles;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.OfferFilters;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What a `FrameworkInfo` may say, and how it may change. Original: src/master/validation.cpp.
@SuppressWarnings("deprecation") // the old `role` field is still spoken by many
public final class FrameworkRules {
  /// Each is a client of the allocator.
  private static final int MAX_ROLES = 10_000;

  private FrameworkRules() {}

  static boolean has(FrameworkInfo info, Capability.Type type) {
    return info.getCapabilitiesList().stream().anyMatch(c -> c.getType() == type);
  }

  /// `roles` of MULTI_ROLE frameworks, else the one `role`.
  public static Set<String> roles(FrameworkInfo info) {
    return has(info, Capability.Type.MULTI_ROLE)
        ? new LinkedHashSet<>(info.getRolesList())
        : Set.of(info.getRole());
  }

  /// Why the framework may not subscribe, if so.
  static Optional<String> problem(
      FrameworkInfo info,
      Collection<String> suppressed,
      OfferConstraints constraints,
      MasterConfig config) {
    return rolesProblem(info)
        .or(() -> idProblem(info))
        .or(() -> filtersProblem(info))
        .or(() -> timeoutProblem(info))
        .or(() -> whitelistProblem(info, config))
        .or(() -> rootProblem(info, config))
        .or(() -> suppressedProblem(roles(info), suppressed))
        .or(() -> constraintsProblem(roles(info), constraints, config));
  }

  private static Optional<String> rolesProblem(FrameworkInfo info) {
    if (!has(info, Capability.Type.MULTI_ROLE)) {
      if (info.getRolesCount() > 0) {
        return Optional.of(
            "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable");
      }
      return Roles.problem(info.getRole())
          .map(problem -> "'FrameworkInfo.role' is not a valid role: " + problem);
    }
    if (info.hasRole()) {
      return Optional.of(
          "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable");
    }
    if (info.getRolesCount() > MAX_ROLES) {
      return Optional.of(
          "'FrameworkInfo.roles' has "
              + info.getRolesCount()
              + " items (expected: at most "
              + MAX_ROLES
              + ")");
    }
    var seen = new LinkedHashSet<String>();
    var duplicates = new TreeSet<String>();
    info.getRolesList().stream().filter(role -> !seen.add(role)).forEach(duplicates::add);
    if (!duplicates.isEmpty()) {
      return Optional.of("'FrameworkInfo.roles' contains duplicate items: " + braces(duplicates));
    }
    for (var role : seen) {
      var problem = Roles.problem(role);
      if (problem.isPresent()) {
        return problem.map(p -> "'FrameworkInfo.roles' contains invalid role: " + p);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> idProblem(FrameworkInfo info) {
    var id = info.getId().getValue();
    return id.isEmpty() ? Optional.empty() : IdRules.problem(id);
  }

  private static Optional<String> filtersProblem(FrameworkInfo info) {
    for (var filters : info.getOfferFiltersMap().values()) {
      for (var quantities : filters.getMinAllocatableResources().getQuantitiesList()) {
        if (quantities.getQuantitiesCount() == 0) {
          return Optional.of("Resource quantities must contain at least one quantity");
        }
        for (var quantity : quantities.getQuantitiesMap().entrySet()) {
          double value = quantity.getValue().getValue();
          if (!(value >= 0) || Double.isInfinite(value)) {
            return Optional.of(
                "Invalid quantity of '"
                    + quantity.getKey()
                    + "': "
                    + value
                    + " (expected: a finite number, not negative)");
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> timeoutProblem(FrameworkInfo info) {
    return failoverTimeout(info).isPresent()
        ? Optional.empty()
        : Optional.of(
            "The framework failover_timeout (" + info.getFailoverTimeout() + ") is invalid");
  }

  /// Absent when the number of seconds does not fit 64 bits of nanoseconds, as in the original.
  static Optional<Duration> failoverTimeout(FrameworkInfo info) {
    double seconds = info.getFailoverTimeout();
    if (Double.isNaN(seconds) || seconds < 0 || seconds * 1e9 >= 0x1p63) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofNanos((long) (seconds * 1e9)));
  }

  private static Optional<String> whitelistProblem(FrameworkInfo info, MasterConfig config) {
    if (config.roles().isEmpty()) {
      return Optional.empty();
    }
    var foreign = new TreeSet<>(roles(info));
    foreign.removeIf(role -> role.equals(Roles.ANY) || config.roles().contains(role));
    return foreign.isEmpty()
        ? Optional.empty()
        : Optional.of("Roles " + braces(foreign) + " are not present in the master's --roles");
  }

  private static Optional<String> rootProblem(FrameworkInfo info, MasterConfig config) {
    return info.getUser().equals("root") && !config.rootSubmissions()
        ? Optional.of("User 'root' is not allowed to run frameworks without --root_submissions set")
        : Optional.empty();
  }

  private static Optional<String> suppressedProblem(
      Set<String> roles, Collection<String> suppressed) {
    var foreign = new TreeSet<>(suppressed);
    foreign.removeAll(roles);
    return foreign.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Suppressed roles " + braces(foreign) + " are not contained in the set of roles");
  }

  private static Optional<String> constraintsProblem(
      Set<String> roles, OfferConstraints constraints, MasterConfig config) {
    for (var role : new TreeSet<>(constraints.getRoleConstraintsMap().keySet())) {
      if (!roles.contains(role)) {
        return Optional.of(
            "Offer constraints specify `role_constraints` for a role '"
                + role
                + "' not contained in the set of roles");
      }
    }
    try {
      var unused = ConstraintFilter.of(constraints, config.offerConstraintsMaxProgramSize());
      return Optional.empty();
    } catch (Invalid e) {
      return Optional.of("Offer constraints are not valid: " + e.reason());
    }
  }

  /// Why a framework described by `before` cannot be described by `after` from now on, if so.
  static Optional<String> updateProblem(FrameworkInfo before, FrameworkInfo after) {
    if (before.hasPrincipal() != after.hasPrincipal()
        || !before.getPrincipal().equals(after.getPrincipal())) {
      return Optional.of("Changing framework's principal is not allowed.");
    }
    if (!before.getUser().equals(after.getUser())) {
      return Optional.of(
          "Updating 'FrameworkInfo.user' is unsupported; attempted to update from '"
              + before.getUser()
              + "' to '"
              + after.getUser()
              + "'");
    }
    if (before.getCheckpoint() != after.getCheckpoint()) {
      return Optional.of(
          "Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to update from '"
              + before.getCheckpoint()
              + "' to '"
              + after.getCheckpoint()
              + "'");
    }
    return Optional.empty();
  }

  static List<Quantities> quantities(OfferFilters filters) {
    var result = new ArrayList<Quantities>();
    for (var alternative : filters.getMinAllocatableResources().getQuantitiesList()) {
      var amounts = new LinkedHashMap<String, Long>();
      alternative
          .getQuantitiesMap()
          .forEach(
              (name, scalar) -> amounts.put(name, (long) Math.min(scalar.getValue() * 1000, 1e15)));
      result.add(Quantities.of(amounts));
    }
    return result;
  }

  /// As the original prints sets: `{ a, b }`.
  private static String braces(Collection<String> names) {
    return "{ " + String.join(", ", names) + " }";
  }
}
