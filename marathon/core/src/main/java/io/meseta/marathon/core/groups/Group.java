// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core.groups;

import io.meseta.marathon.core.json.Docs;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What a group has besides its members.
///
/// @param enforceRole whether new apps below take the group's name as role; only top-level groups
public record Group(String id, List<String> dependencies, boolean enforceRole, Instant version) {
  public byte[] bytes() {
    var json = Docs.object();
    json.set("dependencies", Docs.strings(dependencies));
    json.put("enforceRole", enforceRole);
    json.put("version", Docs.time(version));
    return Docs.bytes(json);
  }

  static Group load(String id, byte[] bytes) {
    var json = Docs.parse(bytes);
    var dependencies = new ArrayList<String>();
    json.get("dependencies").forEach(each -> dependencies.add(each.stringValue()));
    return new Group(
        id,
        List.copyOf(dependencies),
        json.get("enforceRole").asBoolean(),
        Docs.time(json.get("version").stringValue()).orElseThrow());
  }
}
