// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.FrameworkView;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.model.roles.Roles;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Resources of tasks while one document is written: most tasks of a cluster have the same ones, so
/// they are read and put into words once.
final class KnownResources {
  /// A document with very many different resources must not remember them all.
  private static final int MOST = 10_000;

  /// @param summary the short form, as JSON
  /// @param role that they are allocated to
  record Entry(Resources resources, byte[] summary, String role) {}

  private record Last(List<Resource> list, Entry entry) {}

  /// Those asked for last, by any thread.
  private volatile @Nullable Last last;

  private final Map<List<Resource>, Entry> entries = new ConcurrentHashMap<>();

  Entry of(List<Resource> resources) {
    var before = last;
    if (before != null && before.list.equals(resources)) { // without the hash of all of it
      return before.entry;
    }
    var entry = entries.get(resources);
    if (entry == null) {
      entry = make(ResourceWire.decodeTrusted(resources));
      if (entries.size() < MOST) {
        entries.put(resources, entry);
      }
    }
    last = new Last(resources, entry);
    return entry;
  }

  private static Entry make(Resources resources) {
    var out = new JsonOut();
    Documents.members(out.object(), resources);
    return new Entry(
        resources,
        out.bytes(),
        resources.allocations().keySet().stream().findFirst().orElse(Roles.ANY));
  }

  /// What the framework's tasks and executors hold.
  Resources used(FrameworkView framework) {
    return used(framework, List.of(held(framework.tasks())));
  }

  /// @param held what its current tasks hold
  static Resources used(FrameworkView framework, List<Resources> held) {
    var parts = new ArrayList<>(held);
    framework.executors().forEach(executor -> parts.add(executor.resources()));
    return Resources.sum(parts);
  }

  /// What those of the tasks hold that have not ended.
  Resources held(List<Task> tasks) {
    var parts = new ArrayList<Resources>();
    for (var task : tasks) {
      if (!TaskStates.isTerminal(task.getState())
          && task.getState() != TaskState.TASK_UNREACHABLE) {
        parts.add(of(task.getResourcesList()).resources());
      }
    }
    return Resources.sum(parts);
  }
}
