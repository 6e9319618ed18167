// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.Labels;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskStatus;

/// A task in `/state`, `/frameworks` and `/tasks`.
final class TaskDocument {
  private TaskDocument() {}

  static void write(JsonOut out, Task task, KnownResources known) {
    var resources = known.of(task.getResourcesList());
    out.object();
    out.field("id", task.getTaskId().getValue());
    out.field("name", task.getNameBytes());
    out.field("framework_id", task.getFrameworkId().getValue());
    out.field("executor_id", task.getExecutorId().getValue());
    out.field("slave_id", task.getAgentId().getValue());
    out.field("state", task.getState().name());
    out.raw("resources", resources.summary());
    if (task.getLimitsCount() > 0) {
      out.object("limits");
      task.getLimitsMap().forEach((name, limit) -> out.field(name, limit.getValue()));
      out.end();
    }
    out.field("role", resources.role());
    out.array("statuses");
    task.getStatusesList().forEach(status -> status(out, status));
    out.end();
    if (task.hasUser()) {
      out.field("user", task.getUserBytes());
    }
    if (task.hasLabels()) {
      labels(out, task.getLabels());
    }
    if (task.hasDiscovery()) {
      out.field("discovery", task.getDiscovery());
    }
    if (task.hasContainer()) {
      out.field("container", task.getContainer());
    }
    if (task.hasHealthCheck()) {
      out.field("health_check", task.getHealthCheck());
    }
    out.end();
  }

  static void labels(JsonOut out, Labels labels) {
    out.array("labels");
    for (var label : labels.getLabelsList()) {
      out.object();
      out.field("key", label.getKeyBytes());
      if (label.hasValue()) {
        out.field("value", label.getValueBytes());
      }
      out.end();
    }
    out.end();
  }

  private static void status(JsonOut out, TaskStatus status) {
    out.object();
    out.field("state", status.getState().name());
    out.field("timestamp", status.getTimestamp());
    if (status.hasLabels()) {
      labels(out, status.getLabels());
    }
    if (status.hasContainerStatus()) {
      var container = status.getContainerStatus();
      out.object("container_status");
      if (container.hasContainerId()) {
        out.field("container_id", container.getContainerId());
      }
      if (container.getNetworkInfosCount() > 0) {
        out.array("network_infos");
        container.getNetworkInfosList().forEach(out::message);
        out.end();
      }
      if (container.hasCgroupInfo()) {
        out.field("cgroup_info", container.getCgroupInfo());
      }
      out.end();
    }
    if (status.hasHealthy()) {
      out.field("healthy", status.getHealthy());
    }
    out.end();
  }
}
