// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.operations;

import com.google.protobuf.ByteString;
import io.meseta.wire.v1.Operation;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;

/// One operation that an agent was asked for and whose answer is not acknowledged.
final class Tracked {
  /// An agent answers once; more would be repetitions.
  private static final int MAX_STATUSES = 10;

  private Operation operation;

  /// Whether the agent's total as the master knows it has the result already.
  boolean speculated;

  Tracked(Operation operation, boolean speculated) {
    this.operation = operation;
    this.speculated = speculated;
  }

  Operation operation() {
    return operation;
  }

  ByteString uuid() {
    return operation.getUuid().getValue();
  }

  String agentId() {
    return operation.getAgentId().getValue();
  }

  /// Empty for an operator's.
  String frameworkId() {
    return operation.getFrameworkId().getValue();
  }

  boolean named() {
    return operation.getInfo().hasId() && operation.hasFrameworkId();
  }

  boolean pending() {
    return !terminal(operation.getLatestStatus().getState());
  }

  static boolean terminal(OperationState state) {
    return switch (state) {
      case OPERATION_FINISHED,
          OPERATION_FAILED,
          OPERATION_ERROR,
          OPERATION_DROPPED,
          OPERATION_GONE_BY_OPERATOR ->
          true;
      case OPERATION_PENDING,
          OPERATION_UNREACHABLE,
          OPERATION_RECOVERING,
          OPERATION_UNKNOWN,
          OPERATION_UNSUPPORTED ->
          false;
    };
  }

  /// What the framework was or would be told last, not to be acknowledged.
  OperationStatus unreliable() {
    int count = operation.getStatusesCount();
    return (count == 0 ? operation.getLatestStatus() : operation.getStatuses(count - 1))
        .toBuilder().clearUuid().build();
  }

  void update(OperationStatus status, OperationStatus latest) {
    var next = operation.toBuilder();
    if (pending()) {
      next.setLatestStatus(latest);
    }
    int count = next.getStatusesCount();
    if (count == 0 || !next.getStatuses(count - 1).equals(status)) {
      if (count == MAX_STATUSES) {
        next.removeStatuses(0);
      }
      next.addStatuses(status);
    }
    operation = next.build();
  }

  boolean hasStatus(ByteString statusUuid) {
    return operation.getStatusesList().stream()
        .anyMatch(status -> status.hasUuid() && status.getUuid().getValue().equals(statusUuid));
  }
}
