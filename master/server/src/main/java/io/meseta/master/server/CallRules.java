// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.wire.v1.scheduler.Call;
import java.util.Optional;

/// What is wrong with a scheduler's call, seen without any state. Original:
/// src/master/validation.cpp, namespace scheduler::call.
final class CallRules {
  private static final int UUID_BYTES = 16;

  private CallRules() {}

  static Optional<String> problem(Call call) {
    if (!call.hasType()) {
      return expecting("type");
    }
    if (call.getType() == Call.Type.SUBSCRIBE) {
      if (!call.hasSubscribe()) {
        return expecting("subscribe");
      }
      return call.getSubscribe()
              .getFrameworkInfo()
              .getId()
              .getValue()
              .equals(call.getFrameworkId().getValue())
          ? Optional.empty()
          : Optional.of("'framework_id' differs from 'subscribe.framework_info.id'");
    }
    if (!call.hasFrameworkId()) {
      return expecting("framework_id");
    }
    return switch (call.getType()) {
      case ACCEPT -> call.hasAccept() ? Optional.empty() : expecting("accept");
      case DECLINE -> call.hasDecline() ? Optional.empty() : expecting("decline");
      case ACCEPT_INVERSE_OFFERS ->
          call.hasAcceptInverseOffers() ? Optional.empty() : expecting("accept_inverse_offers");
      case DECLINE_INVERSE_OFFERS ->
          call.hasDeclineInverseOffers() ? Optional.empty() : expecting("decline_inverse_offers");
      case KILL -> call.hasKill() ? Optional.empty() : expecting("kill");
      case SHUTDOWN -> call.hasShutdown() ? Optional.empty() : expecting("shutdown");
      case ACKNOWLEDGE ->
          call.hasAcknowledge()
              ? uuid(call.getAcknowledge().getUuid().size())
              : expecting("acknowledge");
      case ACKNOWLEDGE_OPERATION_STATUS -> {
        if (!call.hasAcknowledgeOperationStatus()) {
          yield expecting("acknowledge_operation_status");
        }
        var acknowledge = call.getAcknowledgeOperationStatus();
        yield uuid(acknowledge.getUuid().size())
            .or(() -> acknowledge.hasAgentId() ? Optional.empty() : expecting("agent_id"));
      }
      case RECONCILE -> call.hasReconcile() ? Optional.empty() : expecting("reconcile");
      case RECONCILE_OPERATIONS ->
          call.hasReconcileOperations() ? Optional.empty() : expecting("reconcile_operations");
      case MESSAGE -> call.hasMessage() ? Optional.empty() : expecting("message");
      case REQUEST -> call.hasRequest() ? Optional.empty() : expecting("request");
      case UPDATE_FRAMEWORK -> {
        if (!call.hasUpdateFramework()) {
          yield expecting("update_framework");
        }
        yield call.getFrameworkId().equals(call.getUpdateFramework().getFrameworkInfo().getId())
            ? Optional.empty()
            : Optional.of("'framework_id' differs from 'update_framework.framework_info.id'");
      }
      case TEARDOWN, REVIVE, SUPPRESS, SUBSCRIBE, UNKNOWN -> Optional.empty();
    };
  }

  private static Optional<String> expecting(String field) {
    return Optional.of("Expecting '" + field + "' to be present");
  }

  private static Optional<String> uuid(int bytes) {
    return bytes == UUID_BYTES ? Optional.empty() : Optional.of("Not a valid UUID");
  }
}
