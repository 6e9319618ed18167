// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server.views;

import io.meseta.master.core.tasks.LaunchedExecutor;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.model.roles.Roles;
import io.meseta.wire.json.JsonOut;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Task;
import java.time.Instant;
import java.util.List;

/// A framework in `/state`, `/frameworks` and `/state-summary`.
@SuppressWarnings("deprecation") // the old `role` field is still shown
final class FrameworkDocument {
  private FrameworkDocument() {}

  /// The members that every document has.
  static void head(JsonOut out, FrameworkView framework, Resources used, Resources offered) {
    var info = framework.info();
    out.field("id", framework.id());
    out.field("name", info.getName());
    Documents.summary(out, "used_resources", used);
    Documents.summary(out, "offered_resources", offered);
    out.array("capabilities");
    info.getCapabilitiesList().forEach(capability -> out.value(capability.getType().name()));
    out.end();
    out.field("hostname", info.getHostname());
    out.field("webui_url", info.getWebuiUrl());
    out.field("active", framework.active());
    out.field("connected", framework.connected());
    out.field("recovered", framework.recovered());
    framework.pid().ifPresent(pid -> out.field("pid", pid.toString()));
  }

  /// Everything, for `/state` and `/frameworks`.
  static void write(JsonOut out, FrameworkView framework, KnownResources known, Pieces pieces) {
    var info = framework.info();
    var current = tasks(framework, TaskList.CURRENT, known, pieces);
    var used = KnownResources.used(framework, current.stream().map(Pieces.Piece::held).toList());
    var offered = framework.offered();
    out.object();
    head(out, framework, used, offered);
    out.field("user", info.getUser());
    out.field("failover_timeout", info.getFailoverTimeout());
    out.field("checkpoint", info.getCheckpoint());
    out.field("registered_time", Documents.seconds(framework.registeredTime()));
    out.field(
        "unregistered_time", Documents.seconds(framework.unregisteredTime().orElse(Instant.EPOCH)));
    if (info.hasPrincipal()) {
      out.field("principal", info.getPrincipal());
    }
    Documents.summary(out, "resources", used.plus(offered));
    if (!framework.reregisteredTime().equals(framework.registeredTime())) {
      out.field("reregistered_time", Documents.seconds(framework.reregisteredTime()));
    }
    if (info.getCapabilitiesList().stream()
        .anyMatch(capability -> capability.getType() == Capability.Type.MULTI_ROLE)) {
      out.field("roles", info.getRolesList());
    } else {
      out.field("role", info.getRole());
    }
    out.array("tasks");
    current.forEach(piece -> out.raw(piece.bytes()));
    out.end();
    out.array("unreachable_tasks");
    tasks(framework, TaskList.UNREACHABLE, known, pieces).forEach(piece -> out.raw(piece.bytes()));
    out.end();
    out.array("completed_tasks");
    tasks(framework, TaskList.COMPLETED, known, pieces).forEach(piece -> out.raw(piece.bytes()));
    out.end();
    out.array("offers");
    framework.offers().forEach(offer -> offer(out, offer));
    out.end();
    out.array("executors");
    framework.executors().forEach(executor -> executor(out, executor));
    out.end();
    if (info.hasLabels()) {
      TaskDocument.labels(out, info.getLabels());
    }
    out.field("offer_constraints", framework.constraints());
    out.end();
  }

  /// The pieces of one list of its tasks.
  static List<Pieces.Piece> tasks(
      FrameworkView framework, TaskList list, KnownResources known, Pieces pieces) {
    return pieces.of(
        list.of(framework),
        list.in(framework),
        task -> task.getTaskId().getValue(),
        Form.<Task>json((to, task) -> TaskDocument.write(to, task, known)).holding(known::held));
  }

  private static void offer(JsonOut out, Offer offer) {
    out.object();
    out.field("id", offer.getId().getValue());
    out.field("framework_id", offer.getFrameworkId().getValue());
    out.object("allocation_info");
    out.field("role", offer.hasAllocationInfo() ? offer.getAllocationInfo().getRole() : Roles.ANY);
    out.end();
    out.field("slave_id", offer.getAgentId().getValue());
    Documents.summary(out, "resources", ResourceWire.decodeTrusted(offer.getResourcesList()));
    out.end();
  }

  private static void executor(JsonOut out, LaunchedExecutor executor) {
    var info = executor.info();
    out.object();
    out.field("executor_id", executor.id());
    out.field("name", info.getName());
    out.field("framework_id", executor.frameworkId());
    command(out, info);
    Documents.summary(out, "resources", executor.resources());
    executor.resources().allocations().keySet().stream()
        .findFirst()
        .ifPresent(role -> out.field("role", role));
    if (info.hasLabels()) {
      TaskDocument.labels(out, info.getLabels());
    }
    if (info.hasType()) {
      out.field("type", info.getType().name());
    }
    out.field("slave_id", executor.agentId());
    out.end();
  }

  private static void command(JsonOut out, ExecutorInfo info) {
    var command = info.getCommand();
    out.object("command");
    if (command.hasShell()) {
      out.field("shell", command.getShell());
    }
    if (command.hasValue()) {
      out.field("value", command.getValue());
    }
    out.field("argv", command.getArgumentsList());
    if (command.hasEnvironment()) {
      out.field("environment", command.getEnvironment());
    }
    out.array("uris");
    for (var uri : command.getUrisList()) {
      out.object();
      out.field("value", uri.getValue());
      out.field("executable", uri.getExecutable());
      out.end();
    }
    out.end();
    out.end();
  }
}
