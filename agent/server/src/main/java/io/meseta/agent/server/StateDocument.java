// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.executors.Views;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.model.attributes.AttributeText;
import io.meseta.model.resources.ResourceSummary;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Labels;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskStatus;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// `GET /state`: the agent as the original shows it. Original: src/slave/http.cpp, Http::state.
final class StateDocument {
  private final JsonOut out = new JsonOut();

  private StateDocument() {}

  static byte[] write(AgentSnapshot agent, Map<String, String> flags, AgentFlags typed) {
    var document = new StateDocument();
    document.agent(agent, flags, typed);
    return document.out.bytes();
  }

  private void agent(AgentSnapshot agent, Map<String, String> flags, AgentFlags typed) {
    var version = Version.info();
    out.object()
        .field("version", version.getVersion())
        .field("build_date", version.getBuildDate())
        .field("build_time", version.getBuildTime())
        .field("build_user", version.getBuildUser())
        .field("start_time", Agent.seconds(agent.started()))
        .field("id", agent.info().getId().getValue())
        .field("pid", agent.self().toString())
        .field("hostname", agent.info().getHostname())
        .field("capabilities", Agent.capabilities().stream().map(Enum::name).toList());
    if (agent.info().hasDomain()) {
      out.field("domain", agent.info().getDomain());
    }
    if (agent.drain().isPresent()) {
      out.field("drain_config", agent.drain().get());
      agent
          .drainStarted()
          .ifPresent(at -> out.field("estimated_drain_start_time_seconds", Agent.seconds(at)));
    }
    summary("resources", agent.total());
    out.object("reserved_resources");
    agent.total().reservations().forEach(this::summary);
    out.end();
    summary("unreserved_resources", agent.total().unreserved());
    out.object("reserved_resources_full");
    agent.total().reservations().forEach(this::full);
    out.end();
    full("unreserved_resources_full", agent.total().unreserved());
    out.object("reserved_resources_allocated");
    agent.allocated().unallocate().reservations().forEach(this::summary);
    out.end();
    summary("unreserved_resources_allocated", agent.allocated().unreserved());
    out.array("resource_providers").end();
    out.object("attributes");
    for (var attribute : agent.info().getAttributesList()) {
      value(attribute.getName(), AttributeText.summary(attribute));
    }
    out.end();
    agent.master().ifPresent(master -> out.field("master_hostname", master.getHostname()));
    typed.logDir().ifPresent(folder -> out.field("log_dir", folder.toString()));
    typed.externalLogFile().ifPresent(file -> out.field("external_log_file", file.toString()));
    out.object("flags");
    flags.forEach(out::field);
    out.end();
    out.array("frameworks");
    agent.frameworks().forEach(this::framework);
    out.end().array("completed_frameworks");
    agent.completedFrameworks().forEach(this::framework);
    out.end().end();
  }

  private void framework(AgentSnapshot.Framework framework) {
    var info = framework.info();
    out.object()
        .field("id", info.getId().getValue())
        .field("name", info.getName())
        .field("user", info.getUser())
        .field("failover_timeout", info.getFailoverTimeout())
        .field("checkpoint", info.getCheckpoint())
        .field("hostname", info.getHostname());
    if (info.hasPrincipal()) {
      out.field("principal", info.getPrincipal());
    }
    roles(info);
    out.array("executors");
    framework.executors().forEach(executor -> executor(executor, info));
    out.end().array("completed_executors");
    framework.completedExecutors().forEach(executor -> executor(executor, info));
    out.end().end();
  }

  @SuppressWarnings("deprecation") // frameworks without MULTI_ROLE have the old field
  private void roles(FrameworkInfo info) {
    boolean many =
        info.getCapabilitiesList().stream()
            .anyMatch(c -> c.getType() == FrameworkInfo.Capability.Type.MULTI_ROLE);
    if (many) {
      out.field("roles", info.getRolesList());
    } else {
      out.field("role", info.getRole());
    }
  }

  @SuppressWarnings("deprecation") // `source` is part of the document
  private void executor(AgentSnapshot.Executor executor, FrameworkInfo framework) {
    var info = executor.info();
    out.object()
        .field("id", info.getExecutorId().getValue())
        .field("name", info.getName())
        .field("source", info.getSource())
        .field("container", executor.containerId())
        .field("directory", executor.sandbox());
    summary("resources", Views.allocated(executor));
    role(info.getResourcesList(), framework);
    if (info.hasLabels()) {
      labels(info.getLabels());
    }
    if (info.hasType()) {
      out.field("type", info.getType().name());
    }
    out.array("tasks");
    executor.launched().forEach(task -> task(task, framework));
    out.end().array("queued_tasks");
    executor.queued().forEach(task -> queued(task, framework));
    out.end().array("completed_tasks");
    executor.completed().forEach(task -> task(task, framework));
    executor.terminated().forEach(task -> task(task, framework));
    out.end().end();
  }

  private void queued(TaskInfo task, FrameworkInfo framework) {
    out.object()
        .field("id", task.getTaskId().getValue())
        .field("name", task.getName())
        .field("slave_id", task.getAgentId().getValue());
    summary("resources", ResourceWire.decodeTrusted(task.getResourcesList()));
    role(task.getResourcesList(), framework);
    if (task.hasCommand()) {
      out.field("command", task.getCommand());
    }
    if (task.hasExecutor()) {
      out.field("executor_id", task.getExecutor().getExecutorId().getValue());
    }
    if (task.hasDiscovery()) {
      out.field("discovery", task.getDiscovery());
    }
    out.end();
  }

  private void task(Task task, FrameworkInfo framework) {
    out.object()
        .field("id", task.getTaskId().getValue())
        .field("name", task.getName())
        .field("framework_id", task.getFrameworkId().getValue())
        .field("executor_id", task.getExecutorId().getValue())
        .field("slave_id", task.getAgentId().getValue())
        .field("state", task.getState().name());
    summary("resources", ResourceWire.decodeTrusted(task.getResourcesList()));
    if (task.getLimitsCount() > 0) {
      out.object("limits");
      task.getLimitsMap().forEach((name, limit) -> out.field(name, limit.getValue()));
      out.end();
    }
    role(task.getResourcesList(), framework);
    out.array("statuses");
    task.getStatusesList().forEach(this::status);
    out.end();
    if (task.hasUser()) {
      out.field("user", task.getUser());
    }
    if (task.hasLabels()) {
      labels(task.getLabels());
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

  private void status(TaskStatus status) {
    out.object().field("state", status.getState().name()).field("timestamp", status.getTimestamp());
    if (status.hasLabels()) {
      labels(status.getLabels());
    }
    if (status.hasContainerStatus()) {
      // As the original's model: without the pid.
      out.field(
          "container_status", status.getContainerStatus().toBuilder().clearExecutorPid().build());
    }
    if (status.hasHealthy()) {
      out.field("healthy", status.getHealthy());
    }
    out.end();
  }

  @SuppressWarnings("deprecation") // frameworks without MULTI_ROLE have the old field
  private void role(Collection<Resource> resources, FrameworkInfo framework) {
    var role =
        resources.stream()
            .filter(Resource::hasAllocationInfo)
            .map(r -> r.getAllocationInfo().getRole())
            .findFirst()
            .orElse(framework.getRolesCount() > 0 ? framework.getRoles(0) : framework.getRole());
    out.field("role", role);
  }

  private void labels(Labels labels) {
    out.array("labels");
    labels.getLabelsList().forEach(out::message);
    out.end();
  }

  private void summary(String name, Resources resources) {
    out.object(name);
    ResourceSummary.of(resources).forEach(this::value);
    out.end();
  }

  private void full(String name, Resources resources) {
    out.array(name);
    List<Resource> wire = ResourceWire.encode(resources, ResourceWire.Format.ENDPOINT);
    wire.forEach(out::message);
    out.end();
  }

  private void value(String name, Object value) {
    if (value instanceof Double number) {
      out.field(name, number.doubleValue());
    } else {
      out.field(name, String.valueOf(value));
    }
  }
}
