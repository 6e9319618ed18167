// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.FrameworkView;
import io.meseta.wire.v1.Task;
import java.util.List;

/// The lists of tasks that a framework has.
enum TaskList {
  CURRENT,
  UNREACHABLE,
  COMPLETED;

  List<Task> in(FrameworkView framework) {
    return switch (this) {
      case CURRENT -> framework.tasks();
      case UNREACHABLE -> framework.unreachableTasks();
      case COMPLETED -> framework.completedTasks();
    };
  }

  /// The name of a framework's list among all.
  String of(FrameworkView framework) {
    return framework.id() + " " + name();
  }
}
