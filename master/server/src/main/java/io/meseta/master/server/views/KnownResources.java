// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.FrameworkView;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.model.roles.Roles;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Resources of tasks while one document is written: most tasks of a cluster have the same ones, so
/// they are read and put into words once.
final class KnownResources {
  /// A document with very many different resources must not remember them all.
  private static final int MOST = 10_000;

  /// @param summary the short form, as JSON
  /// @param role that they are allocated to
  record Entry(Resources resources, String summary, String role) {}

  private final Map<List<Resource>, Entry> entries = new HashMap<>();

  Entry of(List<Resource> resources) {
    var entry = entries.get(resources);
    if (entry == null) {
      entry = make(ResourceWire.decodeTrusted(resources));
      if (entries.size() < MOST) {
        entries.put(resources, entry);
      }
    }
    return entry;
  }

  private static Entry make(Resources resources) {
    var out = new JsonOut();
    Documents.members(out.object(), resources);
    return new Entry(
        resources,
        new String(out.bytes(), StandardCharsets.UTF_8),
        resources.allocations().keySet().stream().findFirst().orElse(Roles.ANY));
  }

  /// What the framework's tasks and executors hold.
  Resources used(FrameworkView framework) {
    var parts = new ArrayList<Resources>();
    for (var task : framework.tasks()) {
      if (!TaskStates.isTerminal(task.getState())
          && task.getState() != TaskState.TASK_UNREACHABLE) {
        parts.add(of(task.getResourcesList()).resources());
      }
    }
    framework.executors().forEach(executor -> parts.add(executor.resources()));
    return Resources.sum(parts);
  }
}
