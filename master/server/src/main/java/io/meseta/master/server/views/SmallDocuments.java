// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.Snapshot;
import io.meseta.wire.build.Build;
import io.meseta.wire.json.JsonOut;
import java.util.Map;

/// `/version`, `/flags`, `/roles`, `/weights`.
public final class SmallDocuments {
  private SmallDocuments() {}

  public static byte[] version(String version) {
    var out = new JsonOut().object();
    out.field("build_date", Build.date());
    out.field("build_time", (double) Build.time().getEpochSecond());
    out.field("build_user", "");
    if (!Build.commit().isEmpty()) {
      out.field("git_sha", Build.commit());
    }
    out.field("version", version);
    return out.end().bytes();
  }

  public static byte[] flags(Map<String, String> flags) {
    var out = new JsonOut().object();
    out.object("flags");
    flags.forEach(out::field);
    return out.end().end().bytes();
  }

  public static byte[] roles(Snapshot snapshot) {
    return new RoleTable(snapshot).document();
  }

  public static byte[] weights(Snapshot snapshot) {
    var out = new JsonOut().array();
    snapshot
        .weights()
        .forEach((role, weight) -> out.object().field("role", role).field("weight", weight).end());
    return out.end().bytes();
  }
}
