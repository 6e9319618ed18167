// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.roles;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Rules of role names. A role is a path such as `eng/web`; resources reserved to a role are also
/// offered to the roles below it. Original: src/common/roles.cpp.
public final class Roles {
  /// The role of frameworks that name none, and of unreserved resources in the old format.
  public static final String ANY = "*";

  /// A volume's folder is named after its role, and file systems know no longer names; records of
  /// the registry are named after roles, too.
  private static final int MAX_BYTES = 255;

  private Roles() {}

  /// Why `role` is not a legal role, if it is not.
  public static Optional<String> problem(String role) {
    if (role.equals(ANY)) {
      return Optional.empty();
    }
    if (role.isEmpty()) {
      return Optional.of("Role names cannot be the empty string");
    }
    if (isTooLong(role)) {
      return Optional.of(
          "Role '"
              + role.substring(0, 32)
              + "...' must not be longer than "
              + MAX_BYTES
              + " bytes");
    }
    if (role.startsWith("/")) {
      return Optional.of("Role '" + role + "' cannot start with a slash");
    }
    if (role.endsWith("/")) {
      return Optional.of("Role '" + role + "' cannot end with a slash");
    }
    if (role.contains("//")) {
      return Optional.of("Role '" + role + "' cannot contain two adjacent slashes");
    }
    for (var component : role.split("/")) {
      if (component.equals(".") || component.equals("..") || component.equals(ANY)) {
        return Optional.of("Role '" + role + "' cannot include '" + component + "' as a component");
      }
      if (component.startsWith("-")) {
        return Optional.of(
            "Role component '" + component + "' is invalid because it starts with a dash");
      }
      if (component.chars().anyMatch(c -> (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x7f)) {
        return Optional.of(
            "Role component '"
                + component
                + "' is invalid because it contains backspace or whitespace");
      }
    }
    return Optional.empty();
  }

  private static boolean isTooLong(String role) {
    return role.length() * 3 > MAX_BYTES
        && (role.length() > MAX_BYTES || role.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES);
  }

  /// The first problem among `roles`, a repetition being one.
  public static Optional<String> problem(Collection<String> roles) {
    var seen = new HashSet<String>();
    for (var role : roles) {
      var problem = problem(role);
      if (problem.isPresent()) {
        return problem;
      }
      if (!seen.add(role)) {
        return Optional.of("Role '" + role + "' is given more than once");
      }
    }
    return Optional.empty();
  }

  /// Whether `role` lies strictly below `ancestor`: `a/b` below `a`, but not `ab`.
  public static boolean isBelow(String role, String ancestor) {
    return role.length() > ancestor.length()
        && role.charAt(ancestor.length()) == '/'
        && role.startsWith(ancestor);
  }

  /// The roles above `role`, nearest first: `a/b/c` gives `a/b`, `a`.
  public static List<String> ancestors(String role) {
    var result = new ArrayList<String>();
    for (int i = role.lastIndexOf('/'); i > 0; i = role.lastIndexOf('/', i - 1)) {
      result.add(role.substring(0, i));
    }
    return result;
  }

  /// Whether resources reserved to `reservation` may be offered to `role`.
  public static boolean mayUse(String role, String reservation) {
    return role.equals(reservation) || isBelow(role, reservation);
  }
}
