// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.frameworks.ConstraintFilter;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.master.core.view.Snapshot;
import io.meseta.model.Invalid;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.AgentInfo;
import java.util.Map;
import java.util.function.Predicate;

/// `/allocator/offer_constraints_debug`: which roles of which frameworks are suppressed, and which
/// agents their offer constraints exclude.
public final class ConstraintsDocument {
  private ConstraintsDocument() {}

  public static byte[] write(Snapshot snapshot) {
    var out = new JsonOut().object().object("frameworks");
    for (var framework : snapshot.frameworks()) {
      out.object(framework.id()).array("suppressed_roles");
      framework.suppressedRoles().forEach(out::value);
      out.end().object("excluded_by_attribute_constraints");
      var filters = filters(framework);
      for (var role : framework.roles()) {
        out.array(role);
        for (var agent : snapshot.agents()) {
          if (filters.containsKey(role) && !filters.get(role).test(agent.info())) {
            out.value(agent.id());
          }
        }
        out.end();
      }
      out.end().end();
    }
    return out.end().end().bytes();
  }

  private static Map<String, Predicate<AgentInfo>> filters(FrameworkView framework) {
    try {
      return ConstraintFilter.of(framework.constraints(), Integer.MAX_VALUE);
    } catch (Invalid e) {
      throw new IllegalStateException("the framework's constraints were valid: " + e.reason(), e);
    }
  }
}
