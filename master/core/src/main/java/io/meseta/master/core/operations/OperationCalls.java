// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.operations;

import io.meseta.master.core.Master;
import io.meseta.master.core.frameworks.Framework;
import io.meseta.wire.v1.AgentInfo.Capability;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.UUID;
import io.meseta.wire.v1.scheduler.Call;

/// Schedulers' calls about operations that they named. Original: src/master/master.cpp,
/// Master::acknowledgeOperationStatus and Master::reconcileOperations.
public final class OperationCalls {
  private final Master master;

  public OperationCalls(Master master) {
    this.master = master;
  }

  public void acknowledge(Framework framework, Call.AcknowledgeOperationStatus call) {
    master.counters.add("messages_operation_status_update_acknowledgement");
    var tracked =
        master
            .operations
            .named(framework.id(), call.getOperationId().getValue())
            .filter(known -> known.agentId().equals(call.getAgentId().getValue()))
            .filter(known -> known.hasStatus(call.getUuid()))
            .orElse(null);
    var agent =
        master
            .agents
            .get(call.getAgentId().getValue())
            .filter(known -> known.connected())
            .filter(known -> known.has(Capability.Type.AGENT_OPERATION_FEEDBACK))
            .orElse(null);
    if (tracked == null || agent == null) {
      master.counters.add("invalid_operation_status_update_acknowledgements");
      master.out.note(
          "ignoring the acknowledgement of operation '"
              + call.getOperationId().getValue()
              + "' of framework "
              + framework.id()
              + ": no such status of agent "
              + call.getAgentId().getValue());
      return;
    }
    master.counters.add("valid_operation_status_update_acknowledgements");
    master.operations.acknowledge(
        agent, tracked, UUID.newBuilder().setValue(call.getUuid()).build());
    if (!tracked.pending()) {
      master.operations.remove(tracked);
    }
  }

  /// All that is known when the call names none.
  public void reconcile(Framework framework, Call.ReconcileOperations call) {
    master.counters.add("messages_reconcile_operations");
    if (call.getOperationsCount() == 0) {
      for (var tracked : master.operations.ofFramework(framework.id())) {
        if (tracked.named()) {
          master.operations.tell(framework.id(), tracked.unreliable());
        }
      }
      return;
    }
    for (var asked : call.getOperationsList()) {
      master.operations.tell(
          framework.id(),
          master
              .operations
              .named(framework.id(), asked.getOperationId().getValue())
              .map(Tracked::unreliable)
              .orElseGet(() -> unknown(asked)));
    }
  }

  private OperationStatus unknown(Call.ReconcileOperations.Operation asked) {
    var id = asked.getAgentId().getValue();
    var status = OperationStatus.newBuilder().setOperationId(asked.getOperationId());
    if (asked.hasAgentId()) {
      status.setAgentId(asked.getAgentId());
    }
    if (asked.hasResourceProviderId()) {
      status.setResourceProviderId(asked.getResourceProviderId());
    }
    if (!asked.hasAgentId()) {
      return status
          .setState(OperationState.OPERATION_UNKNOWN)
          .setMessage("Reconciliation: Operation is unknown and no 'agent_id' was provided")
          .build();
    }
    if (master.agents.isRecovered(id)) {
      status
          .setState(OperationState.OPERATION_RECOVERING)
          .setMessage("Reconciliation: Agent is recovered but has not re-registered");
    } else if (master.agents.get(id).isPresent()) {
      status
          .setState(OperationState.OPERATION_UNKNOWN)
          .setMessage("Reconciliation: Operation is unknown");
    } else if (master.agents.unreachableSince(id).isPresent()) {
      status
          .setState(OperationState.OPERATION_UNREACHABLE)
          .setMessage("Reconciliation: Agent is unreachable");
    } else if (master.agents.isGone(id)) {
      status
          .setState(OperationState.OPERATION_GONE_BY_OPERATOR)
          .setMessage("Reconciliation: Agent marked gone by operator");
    } else {
      status
          .setState(OperationState.OPERATION_UNKNOWN)
          .setMessage("Reconciliation: Both operation and agent are unknown");
    }
    return status.build();
  }
}
