// SPDX-License-Identifier: Apache-2.0
package io.meseta.model.resources;

import io.meseta.model.Invalid;
import io.meseta.model.roles.Roles;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/// Resources as operators write them: `cpus:4;mem(role):1024;ports:[1-3,7-9];x:{a,b}`, or a JSON
/// array of `Resource`.
@SuppressWarnings("deprecation") // the old `role` field is still spoken by many
public final class ResourceText {
  private ResourceText() {}

  /// Reads flags such as `--resources`. What has no role of its own is reserved (statically) to
  /// `defaultRole`, unless that is `*`. Zero amounts are left out. Volumes, revocable resources and
  /// dynamic reservations cannot be given this way.
  public static Resources parse(String text, String defaultRole) throws Invalid {
    var resources =
        text.stripLeading().startsWith("[") ? json(text, defaultRole) : simple(text, defaultRole);
    var items = new ArrayList<ResourceItem>();
    var types = new HashMap<String, Value.Type>();
    for (var resource : resources) {
      var item = ResourceWire.decode(resource);
      var key = item.key();
      if (key.persistentVolume()) {
        throw new Invalid("Persistent volumes cannot be specified at the command line");
      }
      if (key.revocable()) {
        throw new Invalid(
            "Revocable resources cannot be specified at the command line; do not include a"
                + " 'revocable' key in the resources JSON");
      }
      if (key.dynamicallyReserved()) {
        throw new Invalid(
            "Dynamic reservations cannot be specified at the command line; do not include a"
                + " reservation with DYNAMIC type in the resources JSON");
      }
      var type = types.putIfAbsent(key.name(), key.type());
      if (type != null && type != key.type()) {
        throw new Invalid(
            "Resources with the same name ('"
                + key.name()
                + "') but different types are not allowed");
      }
      items.add(item);
    }
    return Resources.of(items);
  }

  private static List<Resource> simple(String text, String defaultRole) throws Invalid {
    var result = new ArrayList<Resource>();
    for (var token : text.split("[;\n]")) {
      if (token.isBlank()) {
        continue;
      }
      int colon = token.indexOf(':');
      if (colon < 0 || token.indexOf(':', colon + 1) >= 0) {
        throw new Invalid("Bad value for resources, missing or extra ':' in " + token.strip());
      }
      var name = token.substring(0, colon).strip();
      var role = defaultRole;
      int open = name.indexOf('(');
      if (open >= 0 || name.indexOf(')') >= 0) {
        if (open < 0 || !name.endsWith(")")) {
          throw new Invalid("Bad value for resources, mismatched parentheses in " + token.strip());
        }
        role = name.substring(open + 1, name.length() - 1).strip();
        name = name.substring(0, open).strip();
      }
      result.add(resource(name, role, token.substring(colon + 1)));
    }
    return result;
  }

  private static Resource resource(String name, String role, String text) throws Invalid {
    Value value;
    try {
      value = ValueText.parse(text);
    } catch (Invalid e) {
      throw new Invalid(
          "Failed to parse resource " + name + " value " + text + " error " + e.reason());
    }
    var result = Resource.newBuilder().setName(name).setType(value.getType());
    switch (value.getType()) {
      case SCALAR -> result.setScalar(value.getScalar());
      case RANGES -> result.setRanges(value.getRanges());
      case SET -> result.setSet(value.getSet());
      case TEXT ->
          throw new Invalid("Bad type for resource " + name + " value " + text + " type TEXT");
    }
    if (!role.equals(Roles.ANY)) {
      result.addReservationsBuilder().setType(ReservationInfo.Type.STATIC).setRole(role);
    }
    return result.build();
  }

  private static List<Resource> json(String text, String defaultRole) throws Invalid {
    var result = new ArrayList<Resource>();
    for (var resource : ResourceJson.parse(text)) {
      result.add(
          resource.hasRole() || resource.getReservationsCount() > 0
              ? resource
              : resource.toBuilder().setRole(defaultRole).build());
    }
    return result;
  }
}
