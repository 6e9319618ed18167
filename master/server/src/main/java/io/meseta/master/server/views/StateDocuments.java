// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.wire.build.Build;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Task;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The documents of the old endpoints that show the cluster: `/state`, `/state-summary`, `/slaves`,
/// `/frameworks`.
public final class StateDocuments {
  private static final String SLAVES = "slaves";

  private StateDocuments() {}

  /// `/state`.
  public static List<byte[]> state(Documents documents) {
    var snapshot = documents.snapshot();
    var info = documents.info();
    var out = new JsonOut().object();
    out.field("version", info.getVersion());
    out.field("build_date", Build.date());
    out.field("build_time", (double) Build.time().getEpochSecond());
    out.field("build_user", "");
    out.field("start_time", Documents.seconds(documents.startTime()));
    out.field("elected_time", Documents.seconds(snapshot.electedTime()));
    out.field("id", info.getId());
    out.field("pid", info.getPid());
    out.field("hostname", info.getHostname());
    out.array("capabilities");
    info.getCapabilitiesList().forEach(capability -> out.value(capability.getType().name()));
    out.end();
    long active = snapshot.agents().stream().filter(AgentView::active).count();
    out.field("activated_slaves", (double) active);
    out.field("deactivated_slaves", (double) (snapshot.agents().size() - active));
    out.field("unreachable_slaves", (double) snapshot.unreachable().size());
    domain(out, info);
    documents
        .leader()
        .ifPresent(leader -> {
          out.field("leader", leader.getPid());
          out.object("leader_info");
          out.field("id", leader.getId());
          out.field("pid", leader.getPid());
          out.field("port", leader.getPort());
          out.field("hostname", leader.getHostname());
          domain(out, leader);
          out.end();
        });
    flags(out, documents);
    slaves(out, documents);
    frameworks(out, documents, Optional.empty());
    out.array("orphan_tasks").end();
    out.array("unregistered_frameworks").end();
    forget(documents);
    return out.end().parts();
  }

  private static void domain(JsonOut out, MasterInfo info) {
    if (info.hasDomain()) {
      out.field("domain", info.getDomain());
    }
  }

  /// Nothing of it for those who may not see flags.
  private static void flags(JsonOut out, Documents documents) {
    var flags = documents.flags();
    if (flags.isEmpty()) {
      return;
    }
    documents.cluster().ifPresent(cluster -> out.field("cluster", cluster));
    for (var name : List.of("log_dir", "external_log_file")) {
      if (flags.containsKey(name)) {
        out.field(name, flags.get(name));
      }
    }
    out.object("flags");
    flags.forEach(out::field);
    out.end();
  }

  private static void slaves(JsonOut out, Documents documents) {
    out.array("slaves");
    documents
        .rendered()
        .documents
        .of(
            SLAVES,
            documents.snapshot().agents(),
            AgentView::id,
            Form.json((to, agent) -> {
              to.object();
              AgentDocument.members(to, agent);
              to.end();
            }))
        .forEach(piece -> out.raw(piece.bytes()));
    out.end();
    out.array("recovered_slaves");
    for (var info : documents.snapshot().recoveredAgents()) {
      out.object();
      AgentDocument.head(out, info);
      out.end();
    }
    out.end();
  }

  /// What is gone is not asked for again.
  static void forget(Documents documents) {
    var lists = new HashSet<String>();
    lists.add(SLAVES);
    for (var frameworks :
        List.of(documents.snapshot().frameworks(), documents.snapshot().completedFrameworks())) {
      for (var framework : frameworks) {
        for (var list : TaskList.values()) {
          lists.add(list.of(framework));
        }
      }
    }
    documents.rendered().documents.retain(lists);
  }

  private static void frameworks(JsonOut out, Documents documents, Optional<String> id) {
    var pieces = documents.rendered().documents;
    var known = new KnownResources();
    out.array("frameworks");
    selected(documents.snapshot().frameworks(), id)
        .forEach(framework -> FrameworkDocument.write(out, framework, known, pieces));
    out.end();
    out.array("completed_frameworks");
    selected(documents.snapshot().completedFrameworks(), id)
        .forEach(framework -> FrameworkDocument.write(out, framework, known, pieces));
    out.end();
  }

  private static List<FrameworkView> selected(List<FrameworkView> frameworks, Optional<String> id) {
    return id.isEmpty()
        ? frameworks
        : frameworks.stream().filter(framework -> framework.id().equals(id.get())).toList();
  }

  /// `/slaves`, all or one.
  public static byte[] slaves(Documents documents, Optional<String> id) {
    var snapshot = documents.snapshot();
    var out = new JsonOut().object();
    out.array("slaves");
    for (var agent : snapshot.agents()) {
      if (id.isEmpty() || id.get().equals(agent.id())) {
        out.object();
        AgentDocument.members(out, agent);
        AgentDocument.full(out, agent);
        out.end();
      }
    }
    out.end();
    out.array("recovered_slaves");
    for (var info : snapshot.recoveredAgents()) {
      if (id.isEmpty() || id.get().equals(info.getId().getValue())) {
        out.object();
        AgentDocument.head(out, info);
        out.end();
      }
    }
    return out.end().end().bytes();
  }

  /// `/frameworks`, all or one.
  public static List<byte[]> frameworks(Documents documents, Optional<String> id) {
    var out = new JsonOut().object();
    frameworks(out, documents, id);
    out.array("unregistered_frameworks").end();
    return out.end().parts();
  }

  /// `/state-summary`: counts in place of tasks.
  public static byte[] summary(Documents documents) {
    var snapshot = documents.snapshot();
    Map<String, TaskCounts> agentCounts = new HashMap<>();
    Map<String, Set<String>> agentFrameworks = new HashMap<>();
    Map<String, Set<String>> frameworkAgents = new LinkedHashMap<>();
    for (var framework : snapshot.frameworks()) {
      for (var task : all(framework)) {
        var agent = task.getAgentId().getValue();
        agentCounts.computeIfAbsent(agent, a -> new TaskCounts()).add(task);
        agentFrameworks.computeIfAbsent(agent, a -> new LinkedHashSet<>()).add(framework.id());
        frameworkAgents.computeIfAbsent(framework.id(), f -> new LinkedHashSet<>()).add(agent);
      }
    }
    var out = new JsonOut().object();
    out.field("hostname", documents.info().getHostname());
    documents.cluster().ifPresent(cluster -> out.field("cluster", cluster));
    out.array("slaves");
    for (var agent : snapshot.agents()) {
      out.object();
      AgentDocument.members(out, agent);
      agentCounts.getOrDefault(agent.id(), new TaskCounts()).write(out);
      out.field("framework_ids", agentFrameworks.getOrDefault(agent.id(), Set.of()));
      out.end();
    }
    out.end();
    var known = new KnownResources();
    out.array("frameworks");
    for (var framework : snapshot.frameworks()) {
      out.object();
      FrameworkDocument.head(out, framework, known.used(framework), framework.offered());
      var counts = new TaskCounts();
      counts.add(framework);
      counts.write(out);
      out.field("slave_ids", frameworkAgents.getOrDefault(framework.id(), Set.of()));
      out.end();
    }
    return out.end().end().bytes();
  }

  private static List<Task> all(FrameworkView framework) {
    var result = new ArrayList<>(framework.tasks());
    result.addAll(framework.unreachableTasks());
    result.addAll(framework.completedTasks());
    return result;
  }
}
