// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.executors.Updates;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.ContainerStatus;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.ResourceStatistics;
import io.meseta.wire.v1.agent.Response;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Containers with what they use: for `/containers`, `/monitor/statistics` and GET_CONTAINERS.
final class ContainerReports {
  private final AgentSnapshot agent;
  private final Readers readers;
  private final double now = Agent.seconds(Instant.now());

  ContainerReports(AgentSnapshot agent, Readers readers) {
    this.agent = agent;
    this.readers = readers;
  }

  private record Report(
      FrameworkID frameworkId,
      ExecutorInfo executor,
      String containerId,
      Optional<Long> pid,
      ResourceStatistics statistics) {

    ContainerStatus status() {
      var status = ContainerStatus.newBuilder().setContainerId(Updates.containerId(containerId));
      pid.ifPresent(p -> status.setExecutorPid(p.intValue()));
      return status.build();
    }
  }

  /// The containers of all executors that run.
  private List<Report> reports(boolean nested) {
    var result = new ArrayList<Report>();
    for (var framework : agent.frameworks()) {
      for (var executor : framework.executors()) {
        if (executor.containers().isEmpty()) {
          continue;
        }
        var each =
            executor.containers().stream()
                .map(c -> readers.containerizer().usage(c.id(), now))
                .toList();
        var pid =
            executor.containers().getFirst().id().equals(executor.containerId())
                ? Optional.of(executor.containers().getFirst().pid())
                : Optional.<Long>empty();
        result.add(
            new Report(
                framework.info().getId(), executor.info(), executor.containerId(), pid, sum(each)));
        if (nested && pid.isEmpty()) {
          for (int i = 0; i < each.size(); i++) {
            var container = executor.containers().get(i);
            result.add(
                new Report(
                    framework.info().getId(),
                    executor.info(),
                    container.id(),
                    Optional.of(container.pid()),
                    each.get(i)));
          }
        }
      }
    }
    return result;
  }

  private static ResourceStatistics sum(List<ResourceStatistics> each) {
    if (each.size() == 1) {
      return each.getFirst();
    }
    var sum = ResourceStatistics.newBuilder().setTimestamp(each.getFirst().getTimestamp());
    for (var one : each) {
      sum.setProcesses(sum.getProcesses() + one.getProcesses())
          .setThreads(sum.getThreads() + one.getThreads())
          .setCpusUserTimeSecs(sum.getCpusUserTimeSecs() + one.getCpusUserTimeSecs())
          .setCpusSystemTimeSecs(sum.getCpusSystemTimeSecs() + one.getCpusSystemTimeSecs())
          .setCpusSoftLimit(sum.getCpusSoftLimit() + one.getCpusSoftLimit())
          .setMemRssBytes(sum.getMemRssBytes() + one.getMemRssBytes())
          .setMemLimitBytes(sum.getMemLimitBytes() + one.getMemLimitBytes())
          .setMemSoftLimitBytes(sum.getMemSoftLimitBytes() + one.getMemSoftLimitBytes());
    }
    return sum.build();
  }

  /// `/monitor/statistics`.
  byte[] statistics() {
    return document(reports(false), false);
  }

  /// `/containers`; each filter "" for all.
  byte[] containers(String containerId, String frameworkId, String executorId) {
    var chosen =
        reports(false).stream()
            .filter(r -> containerId.isEmpty() || r.containerId().equals(containerId))
            .filter(r -> frameworkId.isEmpty() || r.frameworkId().getValue().equals(frameworkId))
            .filter(r ->
                executorId.isEmpty() || r.executor().getExecutorId().getValue().equals(executorId))
            .toList();
    return document(chosen, true);
  }

  @SuppressWarnings("deprecation") // `source` is part of the document
  private static byte[] document(List<Report> reports, boolean whole) {
    var out = JsonOut.sorted().array();
    for (var report : reports) {
      out.object();
      if (whole) {
        out.field("container_id", report.containerId());
      }
      out.field("executor_id", report.executor().getExecutorId().getValue())
          .field("executor_name", report.executor().getName())
          .field("framework_id", report.frameworkId().getValue())
          .field("source", report.executor().getSource())
          .field("statistics", report.statistics());
      if (whole) {
        out.field("status", report.status());
      }
      out.end();
    }
    return out.end().bytes();
  }

  /// GET_CONTAINERS.
  Response.GetContainers operator(boolean nested) {
    var response = Response.GetContainers.newBuilder();
    for (var report : reports(nested)) {
      response
          .addContainersBuilder()
          .setFrameworkId(report.frameworkId())
          .setExecutorId(report.executor().getExecutorId())
          .setExecutorName(report.executor().getName())
          .setContainerId(Updates.containerId(report.containerId()))
          .setContainerStatus(report.status())
          .setResourceStatistics(report.statistics());
    }
    return response.build();
  }
}
