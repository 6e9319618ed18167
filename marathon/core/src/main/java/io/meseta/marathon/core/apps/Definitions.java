// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.apps;

import io.meseta.marathon.core.json.Problems;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The way from a client's JSON to a definition in its normal form.
public final class Definitions {
  private Definitions() {}

  /// A whole app.
  ///
  /// @param base the group relative ids are resolved against
  /// @param role for apps that name none
  /// @param allowedRoles roles the app may have besides
  /// @throws RejectedException saying what is wrong
  public static ObjectNode create(
      JsonNode in, String base, String role, Set<String> allowedRoles, Settings settings) {
    var problems = new Problems();
    var app = AppSchema.APP.read(in, "", problems);
    if (!problems.isEmpty()) {
      throw RejectedException.malformed(problems);
    }
    // Defaults come after the legacy fields were looked at, so read again what was really given.
    var given = AppSchema.APP.readPartial(in, new Problems());
    Legacy.rewrite(given, settings);
    var whole = Normalize.normalize(given, base, role, settings);
    Validate.validate(whole, allowedRoles, settings);
    return whole;
  }

  /// A change of an app, checked for types and rid of legacy fields, but not complete.
  public static ObjectNode update(JsonNode in, Settings settings) {
    var problems = new Problems();
    var update = AppSchema.APP.readPartial(in, problems);
    if (!problems.isEmpty()) {
      throw RejectedException.malformed(problems);
    }
    Legacy.rewrite(update, settings);
    return update;
  }

  /// The definition after a change.
  public static ObjectNode merge(
      ObjectNode definition, ObjectNode update, Set<String> allowedRoles, Settings settings) {
    var merged = definition.deepCopy();
    update.properties().forEach(field -> merged.set(field.getKey(), field.getValue()));
    var role = definition.path("role").stringValue(settings.defaultRole());
    var whole = Normalize.normalize(merged, "/", role, settings);
    Validate.validate(whole, allowedRoles, settings);
    return whole;
  }
}
