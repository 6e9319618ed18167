// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.master.core.MasterEvent;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.DeactivateFrameworkMessage;
import io.meseta.wire.internal.FrameworkToExecutorMessage;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.LaunchTasksMessage;
import io.meseta.wire.internal.ReconcileTasksMessage;
import io.meseta.wire.internal.RegisterFrameworkMessage;
import io.meseta.wire.internal.ReregisterFrameworkMessage;
import io.meseta.wire.internal.ResourceRequestMessage;
import io.meseta.wire.internal.ReviveOffersMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.internal.UnregisterFrameworkMessage;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.util.Optional;
import java.util.Set;

/// What drivers of the old API say, in both forms they have had: `mesos.scheduler.Call` of today's
/// drivers and one message per call of older ones. Both become the calls of the v1 API.
final class DriverMessages {
  private static final String PACKAGE = "mesos.internal.";
  private static final String CALL = "mesos.scheduler.Call";
  private static final Set<String> NAMES =
      Set.of(
          CALL,
          PACKAGE + "RegisterFrameworkMessage",
          PACKAGE + "ReregisterFrameworkMessage",
          PACKAGE + "UnregisterFrameworkMessage",
          PACKAGE + "DeactivateFrameworkMessage",
          PACKAGE + "ResourceRequestMessage",
          PACKAGE + "LaunchTasksMessage",
          PACKAGE + "ReviveOffersMessage",
          PACKAGE + "KillTaskMessage",
          PACKAGE + "StatusUpdateAcknowledgementMessage",
          PACKAGE + "FrameworkToExecutorMessage",
          PACKAGE + "ReconcileTasksMessage");

  /// A message that cannot be carried out.
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    /// Whether the driver is told, which makes it abort.
    final boolean told;

    Refused(boolean told, String reason) {
      super(reason);
      this.told = told;
    }
  }

  private DriverMessages() {}

  /// Whether a message of this name comes from a driver.
  static boolean are(String name) {
    return NAMES.contains(name);
  }

  /// @param principal as which the driver is authenticated
  static MasterEvent read(Upid from, Optional<String> principal, String name, byte[] body)
      throws InvalidProtocolBufferException, Refused {
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "Call" -> call(from, principal, io.meseta.wire.v0.Call.parseFrom(body));
      case "RegisterFrameworkMessage" -> {
        var info = RegisterFrameworkMessage.parseFrom(body).getFramework();
        if (!info.getId().getValue().isEmpty()) {
          throw new Refused(true, "Registering with 'id' already set");
        }
        yield subscribe(from, principal, false, info);
      }
      case "ReregisterFrameworkMessage" -> {
        var message = ReregisterFrameworkMessage.parseFrom(body);
        if (message.getFramework().getId().getValue().isEmpty()) {
          throw new Refused(true, "Re-registering without an 'id'");
        }
        yield subscribe(from, principal, message.getFailover(), message.getFramework());
      }
      case "DeactivateFrameworkMessage" ->
          new MasterEvent.DeactivateDriver(
              from, DeactivateFrameworkMessage.parseFrom(body).getFrameworkId().getValue());
      default -> valid(from, old(name, body));
    };
  }

  private static MasterEvent subscribe(
      Upid from, Optional<String> principal, boolean force, FrameworkInfo info) {
    return new MasterEvent.SubscribeDriver(
        from, principal, force, Call.Subscribe.newBuilder().setFrameworkInfo(info).build());
  }

  private static MasterEvent valid(Upid from, Call call) throws Refused {
    var problem = CallRules.problem(call);
    if (problem.isPresent()) {
      throw new Refused(false, problem.get());
    }
    return new MasterEvent.DriverCall(from, call);
  }

  /// The bytes of both versions are the same but for SUBSCRIBE.
  private static MasterEvent call(
      Upid from, Optional<String> principal, io.meseta.wire.v0.Call given)
      throws InvalidProtocolBufferException, Refused {
    if (given.getType() != io.meseta.wire.v0.Call.Type.SUBSCRIBE) {
      return valid(from, Call.parseFrom(given.toByteArray()));
    }
    var old = given.getSubscribe();
    var subscribe =
        Call.Subscribe.newBuilder()
            .setFrameworkInfo(old.getFrameworkInfo())
            .addAllSuppressedRoles(old.getSuppressedRolesList());
    if (old.hasOfferConstraints()) {
      subscribe.setOfferConstraints(
          OfferConstraints.parseFrom(old.getOfferConstraints().toByteArray()));
    }
    var call = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
    if (given.hasSubscribe()) {
      call.setSubscribe(subscribe);
    }
    if (given.hasFrameworkId()) {
      call.setFrameworkId(given.getFrameworkId());
    }
    var problem = CallRules.problem(call.build());
    if (problem.isPresent()) {
      throw new Refused(false, problem.get());
    }
    return new MasterEvent.SubscribeDriver(from, principal, old.getForce(), call.getSubscribe());
  }

  private static Call old(String name, byte[] body) throws InvalidProtocolBufferException {
    return switch (name.substring(PACKAGE.length())) {
      case "UnregisterFrameworkMessage" ->
          of(Call.Type.TEARDOWN, UnregisterFrameworkMessage.parseFrom(body).getFrameworkId())
              .build();
      case "ResourceRequestMessage" -> {
        var message = ResourceRequestMessage.parseFrom(body);
        var call = of(Call.Type.REQUEST, message.getFrameworkId());
        call.getRequestBuilder().addAllRequests(message.getRequestsList());
        yield call.build();
      }
      case "LaunchTasksMessage" -> launch(LaunchTasksMessage.parseFrom(body));
      case "ReviveOffersMessage" -> {
        var message = ReviveOffersMessage.parseFrom(body);
        var call = of(Call.Type.REVIVE, message.getFrameworkId());
        call.getReviveBuilder().addAllRoles(message.getRolesList());
        yield call.build();
      }
      case "KillTaskMessage" -> {
        var message = KillTaskMessage.parseFrom(body);
        var call = of(Call.Type.KILL, message.getFrameworkId());
        call.getKillBuilder().setTaskId(message.getTaskId());
        yield call.build();
      }
      case "StatusUpdateAcknowledgementMessage" -> {
        var message = StatusUpdateAcknowledgementMessage.parseFrom(body);
        var call = of(Call.Type.ACKNOWLEDGE, message.getFrameworkId());
        call.getAcknowledgeBuilder()
            .setAgentId(message.getSlaveId())
            .setTaskId(message.getTaskId())
            .setUuid(message.getUuid());
        yield call.build();
      }
      case "FrameworkToExecutorMessage" -> {
        var message = FrameworkToExecutorMessage.parseFrom(body);
        var call = of(Call.Type.MESSAGE, message.getFrameworkId());
        call.getMessageBuilder()
            .setAgentId(message.getSlaveId())
            .setExecutorId(message.getExecutorId())
            .setData(message.getData());
        yield call.build();
      }
      case "ReconcileTasksMessage" -> reconcile(ReconcileTasksMessage.parseFrom(body));
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static Call.Builder of(Call.Type type, FrameworkID framework) {
    return Call.newBuilder().setType(type).setFrameworkId(framework);
  }

  /// No tasks are a way to decline.
  private static Call launch(LaunchTasksMessage message) {
    if (message.getTasksCount() == 0) {
      var call = of(Call.Type.DECLINE, message.getFrameworkId());
      call.getDeclineBuilder()
          .addAllOfferIds(message.getOfferIdsList())
          .setFilters(message.getFilters());
      return call.build();
    }
    var call = of(Call.Type.ACCEPT, message.getFrameworkId());
    call.getAcceptBuilder()
        .addAllOfferIds(message.getOfferIdsList())
        .setFilters(message.getFilters())
        .addOperationsBuilder()
        .setType(Offer.Operation.Type.LAUNCH)
        .getLaunchBuilder()
        .addAllTaskInfos(message.getTasksList());
    return call.build();
  }

  private static Call reconcile(ReconcileTasksMessage message) {
    var call = of(Call.Type.RECONCILE, message.getFrameworkId());
    var reconcile = call.getReconcileBuilder();
    for (var status : message.getStatusesList()) {
      var task = reconcile.addTasksBuilder().setTaskId(status.getTaskId());
      if (status.hasAgentId()) {
        task.setAgentId(status.getAgentId());
      }
    }
    return call.build();
  }
}
