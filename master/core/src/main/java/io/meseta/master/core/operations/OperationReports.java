// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.operations;

import com.google.protobuf.ByteString;
import io.meseta.master.core.Master;
import io.meseta.master.core.agents.Agent;
import io.meseta.model.Invalid;
import io.meseta.model.operations.Conversion;
import io.meseta.wire.internal.ReconcileOperationsMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.v1.Operation;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;

/// What agents say of operations. Original: src/master/master.cpp, Master::updateOperationStatus
/// and the part of Master::updateSlave about operations.
public final class OperationReports {
  /// How long the answer for an unknown framework is kept: it may not have failed over yet.
  private static final Duration ORPHANS_KEPT = Duration.ofMinutes(10);

  private final Master master;

  public OperationReports(Master master) {
    this.master = master;
  }

  public void on(UpdateOperationStatusMessage update) {
    master.counters.add("messages_operation_status_update");
    var frameworkId = update.getFrameworkId().getValue();
    var agent = master.agents.get(update.getSlaveId().getValue()).orElse(null);
    if (agent == null || agent.removing()) {
      master.counters.add("invalid_operation_status_updates");
      return;
    }
    var tracked =
        update.hasOperationUuid()
            ? master.operations.find(agent.id(), update.getOperationUuid().getValue()).orElse(null)
            : null;
    if (tracked == null) {
      // An answer to a framework's reconciliation, or a repetition of what was acknowledged.
      master.counters.add("invalid_operation_status_updates");
      if (update.hasFrameworkId() && update.getStatus().hasOperationId()) {
        master.operations.tell(frameworkId, update.getStatus());
      }
      return;
    }
    master.counters.add("valid_operation_status_updates");
    var status = named(update.getStatus(), tracked);
    apply(agent, tracked, status, update.hasLatestStatus() ? update.getLatestStatus() : status);
    conclude(agent, tracked, status);
  }

  private static OperationStatus named(OperationStatus status, Tracked tracked) {
    var info = tracked.operation().getInfo();
    return info.hasId() ? status.toBuilder().setOperationId(info.getId()).build() : status;
  }

  private void apply(Agent agent, Tracked tracked, OperationStatus status, OperationStatus latest) {
    boolean wasPending = tracked.pending();
    tracked.update(status, latest);
    if (!wasPending || tracked.pending()) {
      return;
    }
    var state = tracked.operation().getLatestStatus().getState();
    master.operations.count(tracked.operation().getInfo(), state);
    if (state != OperationState.OPERATION_FINISHED && tracked.speculated) {
      revert(agent, tracked, status.getMessage());
    }
    tracked.speculated = false;
  }

  /// The agent did not do what was taken for granted.
  private void revert(Agent agent, Tracked tracked, String why) {
    master.out.note(
        "agent "
            + agent.id()
            + " did not apply an operation "
            + tracked.operation().getInfo().getType()
            + ": "
            + why);
    List.copyOf(agent.offers()).forEach(master.offers::rescind);
    try {
      var done = Conversion.of(tracked.operation().getInfo()).unallocate();
      agent.undo(new Conversion(done.converted(), done.consumed()));
    } catch (Invalid e) {
      throw new IllegalStateException(e); // it was applied once
    }
    master.allocator.updateAgent(agent.id(), agent.spec(master.info.getDomain()), false);
  }

  /// Hands the answer to the framework that waits for it, or acknowledges it in its place.
  private void conclude(Agent agent, Tracked tracked, OperationStatus status) {
    var frameworkId = tracked.frameworkId();
    boolean waits = tracked.named() && !master.frameworks.completed(frameworkId);
    if (waits && master.frameworks.get(frameworkId).isPresent()) {
      master.operations.tell(frameworkId, status);
      if (!tracked.pending() && !status.hasUuid()) {
        master.operations.remove(tracked);
      }
      return;
    }
    if (waits && agent.registeredOrBack().plus(ORPHANS_KEPT).isAfter(master.now())) {
      return; // the agent repeats it
    }
    if (status.hasUuid()) {
      master.operations.acknowledge(agent, tracked, status.getUuid());
    }
    if (!tracked.pending()) {
      master.operations.remove(tracked);
    }
  }

  /// The agent lists the operations that it owes answers for.
  public void on(Agent agent, List<Operation> operations) {
    var listed = new LinkedHashSet<ByteString>();
    for (var operation : operations) {
      listed.add(operation.getUuid().getValue());
      var known = master.operations.find(agent.id(), operation.getUuid().getValue());
      if (known.isEmpty()) {
        if (!master.operations.full(agent)) {
          var unused =
              master.operations.add(
                  operation.toBuilder().setAgentId(agent.info().getId()).build(), false);
        }
      } else {
        apply(
            agent,
            known.get(),
            named(operation.getLatestStatus(), known.get()),
            operation.getLatestStatus());
      }
    }
    var missing = ReconcileOperationsMessage.newBuilder();
    for (var tracked : master.operations.of(agent.id())) {
      if (listed.contains(tracked.uuid())) {
        continue;
      }
      if (tracked.pending()) {
        missing.addOperations(
            ReconcileOperationsMessage.Operation.newBuilder()
                .setOperationUuid(tracked.operation().getUuid()));
      } else {
        master.operations.remove(tracked); // acknowledged: the agent has forgotten it
      }
    }
    if (missing.getOperationsCount() > 0) {
      master.out.send(agent.pid(), missing.build());
    }
  }
}
