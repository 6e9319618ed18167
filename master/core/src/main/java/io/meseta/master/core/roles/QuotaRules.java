// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.roles;

import io.meseta.allocator.Quota;
import io.meseta.model.Invalid;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Thousandths;
import io.meseta.model.roles.Roles;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.quota.QuotaConfig;
import io.meseta.wire.v1.quota.QuotaRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What a quota may be. Original: src/master/quota.cpp, src/master/quota_handler.cpp.
final class QuotaRules {
  private static final double EXABYTE_MB = 1024.0 * 1024 * 1024 * 1024;
  private static final double TRILLION = 1e12;

  /// What one transaction of the registry can hold: all of the changes are made, or none.
  private static final int MAX_BYTES = 500_000;

  private static final int MAX_ROLES = 500;

  /// How many roles may have one: each counts in every allocation.
  private static final int MAX_TOTAL = 10_000;

  private QuotaRules() {}

  static void checkTotal(Map<String, QuotaConfig> known, List<QuotaConfig> changes) throws Invalid {
    var roles = new HashSet<>(known.keySet());
    for (var change : changes) {
      if (quota(change).isNone()) {
        roles.remove(change.getRole());
      } else {
        roles.add(change.getRole());
      }
    }
    if (roles.size() > MAX_TOTAL && roles.size() > known.size()) {
      throw new Invalid(
          "Invalid QuotaConfig: "
              + roles.size()
              + " roles with quota (expected: at most "
              + MAX_TOTAL
              + ")");
    }
  }

  static void checkSize(List<QuotaConfig> changes) throws Invalid {
    if (changes.size() > MAX_ROLES) {
      throw new Invalid(
          "Invalid QuotaConfig: "
              + changes.size()
              + " roles in one call (expected: at most "
              + MAX_ROLES
              + ")");
    }
    long bytes = changes.stream().mapToLong(QuotaConfig::getSerializedSize).sum();
    if (bytes > MAX_BYTES) {
      throw new Invalid(
          "Invalid QuotaConfig: they take "
              + bytes
              + " bytes (expected: at most "
              + MAX_BYTES
              + ")");
    }
  }

  static void check(QuotaConfig config) throws Invalid {
    var problem = Roles.problem(config.getRole());
    if (problem.isPresent()) {
      throw new Invalid("Invalid 'QuotaConfig.role': " + problem.get());
    }
    checkSize("guarantees", config.getGuaranteesMap());
    checkSize("limits", config.getLimitsMap());
    checkValues("guarantee", config.getGuaranteesMap());
    checkValues("limit", config.getLimitsMap());
    if (!quota(config).allows(quantities(config.getGuaranteesMap()))) {
      throw new Invalid(
          "'QuotaConfig.guarantees' "
              + text(config.getGuaranteesMap())
              + " is not contained within the 'QuotaConfig.limits' "
              + text(config.getLimitsMap()));
    }
  }

  private static void checkSize(String what, Map<String, Value.Scalar> scalars) throws Invalid {
    for (var entry : new TreeMap<>(scalars).entrySet()) {
      boolean megabytes = entry.getKey().equals("mem") || entry.getKey().equals("disk");
      if (entry.getValue().getValue() > (megabytes ? EXABYTE_MB : TRILLION)) {
        throw new Invalid(
            "Invalid 'QuotaConfig."
                + what
                + "': {'"
                + entry.getKey()
                + "': "
                + number(entry.getValue())
                + "} is invalid: values greater than "
                + (megabytes ? "1 exabyte (1099511627776)" : "1 trillion (1000000000000)")
                + " are not supported");
      }
    }
  }

  private static void checkValues(String what, Map<String, Value.Scalar> scalars) throws Invalid {
    for (var entry : new TreeMap<>(scalars).entrySet()) {
      double value = entry.getValue().getValue();
      String problem = null;
      if (Double.isNaN(value)) {
        problem = "NaN not supported";
      } else if (value < 0) {
        problem = "Negative values not supported";
      }
      if (problem != null) {
        throw new Invalid(
            "Invalid "
                + what
                + " configuration {'"
                + entry.getKey()
                + "': "
                + number(entry.getValue())
                + "}: "
                + problem);
      }
    }
  }

  private static String number(Value.Scalar scalar) {
    double value = scalar.getValue();
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : Double.toString(value);
  }

  private static String text(Map<String, Value.Scalar> scalars) {
    var result = new StringBuilder("{");
    new TreeMap<>(scalars)
        .forEach((name, value) ->
            result
                .append(result.length() > 1 ? ", " : "")
                .append(name)
                .append(": ")
                .append(number(value)));
    return result.append("}").toString();
  }

  static Quota quota(QuotaConfig config) {
    return new Quota(quantities(config.getGuaranteesMap()), thousandths(config.getLimitsMap()));
  }

  private static Map<String, Long> thousandths(Map<String, Value.Scalar> scalars) {
    var result = new TreeMap<String, Long>();
    try {
      for (var entry : scalars.entrySet()) {
        result.put(entry.getKey(), Thousandths.of(entry.getValue().getValue()));
      }
    } catch (Invalid e) {
      throw new IllegalStateException("a quota that was checked: " + e.reason(), e);
    }
    return result;
  }

  private static Quantities quantities(Map<String, Value.Scalar> scalars) {
    return Quantities.of(thousandths(scalars));
  }

  /// The old form, in which the guarantee is the limit too.
  static QuotaConfig config(QuotaRequest request) throws Invalid {
    try {
      var unused = ResourceWire.decode(request.getGuaranteeList());
    } catch (Invalid e) {
      throw new Invalid("QuotaInfo with invalid resource: " + e.reason());
    }
    if (!request.hasRole()) {
      throw new Invalid("QuotaInfo must specify a role");
    }
    var problem = Roles.problem(request.getRole());
    if (problem.isPresent()) {
      throw new Invalid("QuotaInfo with invalid role: " + problem.get());
    }
    if (request.getGuaranteeCount() == 0) {
      throw new Invalid("QuotaInfo with empty 'guarantee'");
    }
    var result = QuotaConfig.newBuilder().setRole(request.getRole());
    var names = new HashSet<String>();
    for (var resource : request.getGuaranteeList()) {
      var item = ResourceWire.decode(resource);
      if (item.key().reserved()) {
        throw new Invalid("QuotaInfo must not contain any ReservationInfo");
      }
      if (resource.hasDisk()) {
        throw new Invalid("QuotaInfo must not contain DiskInfo");
      }
      if (resource.hasRevocable()) {
        throw new Invalid("QuotaInfo must not contain RevocableInfo");
      }
      if (resource.getType() != Value.Type.SCALAR) {
        throw new Invalid("QuotaInfo must not include non-scalar resources");
      }
      if (!names.add(resource.getName())) {
        throw new Invalid(
            "QuotaInfo contains duplicate resource name '" + resource.getName() + "'");
      }
      result.putGuarantees(resource.getName(), resource.getScalar());
      result.putLimits(resource.getName(), resource.getScalar());
    }
    checkSize(List.of(result.build()));
    return result.build();
  }
}
