// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import com.google.protobuf.ByteString;
import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.model.operations.Conversion;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.OperationID;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.DiskInfo;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.UUID;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.Volume;
import io.meseta.wire.v1.scheduler.Event;
import java.util.List;

/// A master with an agent, and the operations of which tests tell.
abstract class OperationStage {
  static final UUID VERSION =
      UUID.newBuilder().setValue(ByteString.copyFromUtf8("0123456789abcdef")).build();

  static final UUID OTHER_VERSION =
      UUID.newBuilder().setValue(ByteString.copyFromUtf8("fedcba9876543210")).build();

  static final FrameworkInfo FRAMEWORK =
      Stage.with(
              Stage.PLAIN,
              Capability.Type.MULTI_ROLE,
              Capability.Type.RESERVATION_REFINEMENT,
              Capability.Type.SHARED_RESOURCES)
          .toBuilder()
          .addRoles("db")
          .setPrincipal("p")
          .build();

  final Stage stage = new Stage();

  long requests = 1_000_000;

  OperationStage() {
    stage.say(1, registration());
  }

  static RegisterSlaveMessage registration() {
    return Stage.registration(1, "cpus:4;mem:1000;disk:1000").toBuilder()
        .setResourceVersionUuid(VERSION)
        .build();
  }

  static Resource reserved(String name, double amount, String... roles) {
    var result =
        Resource.newBuilder()
            .setName(name)
            .setType(Value.Type.SCALAR)
            .setScalar(Value.Scalar.newBuilder().setValue(amount));
    for (var role : roles) {
      result.addReservations(
          ReservationInfo.newBuilder()
              .setType(ReservationInfo.Type.DYNAMIC)
              .setRole(role)
              .setPrincipal("p"));
    }
    return result.build();
  }

  static Resource volume(double mb, String id) {
    return reserved("disk", mb, "db").toBuilder()
        .setDisk(
            DiskInfo.newBuilder()
                .setPersistence(DiskInfo.Persistence.newBuilder().setId(id).setPrincipal("p"))
                .setVolume(Volume.newBuilder().setContainerPath("data").setMode(Volume.Mode.RW)))
        .build();
  }

  static Operation reserve(Resource... resources) {
    return Operation.newBuilder()
        .setType(Operation.Type.RESERVE)
        .setReserve(Operation.Reserve.newBuilder().addAllResources(List.of(resources)))
        .build();
  }

  static Operation unreserve(Resource... resources) {
    return Operation.newBuilder()
        .setType(Operation.Type.UNRESERVE)
        .setUnreserve(Operation.Unreserve.newBuilder().addAllResources(List.of(resources)))
        .build();
  }

  static Operation create(Resource... volumes) {
    return Operation.newBuilder()
        .setType(Operation.Type.CREATE)
        .setCreate(Operation.Create.newBuilder().addAllVolumes(List.of(volumes)))
        .build();
  }

  static Operation destroy(Resource... volumes) {
    return Operation.newBuilder()
        .setType(Operation.Type.DESTROY)
        .setDestroy(Operation.Destroy.newBuilder().addAllVolumes(List.of(volumes)))
        .build();
  }

  static Operation launch(String id, Offer offer, Resource... resources) {
    return Operation.newBuilder()
        .setType(Operation.Type.LAUNCH)
        .setLaunch(
            Operation.Launch.newBuilder()
                .addTaskInfos(
                    Stage.task(id, offer, "cpus:1").toBuilder()
                        .addAllResources(List.of(resources))))
        .build();
  }

  static Operation named(String id, Operation operation) {
    return operation.toBuilder().setId(OperationID.newBuilder().setValue(id)).build();
  }

  Resources total() {
    return stage.snapshot().agents().getFirst().total();
  }

  Effect.Reply operator(Operation operation) {
    return operator(stage.snapshot().agents().getFirst().id(), operation);
  }

  Effect.Reply operator(String agent, Operation operation) {
    long id = ++requests;
    stage.feed(new MasterEvent.OperatorCall(id, new OperatorRequest.Apply(agent, operation)));
    return stage.replies.get(id);
  }

  List<ApplyOperationMessage> applied() {
    return stage.sentTo(1, ApplyOperationMessage.class);
  }

  /// The agent does what it is asked, or says why not.
  void answer(ApplyOperationMessage asked, OperationState state) throws Exception {
    var status =
        OperationStatus.newBuilder()
            .setState(state)
            .setUuid(UUID.newBuilder().setValue(ByteString.copyFromUtf8("status0000000000")));
    if (state == OperationState.OPERATION_FINISHED) {
      status.addAllConvertedResources(
          ResourceWire.encode(Conversion.of(asked.getOperationInfo()).converted(), Format.POST));
    }
    if (asked.getOperationInfo().hasId()) {
      status.setOperationId(asked.getOperationInfo().getId());
    }
    stage.say(
        1,
        UpdateOperationStatusMessage.newBuilder()
            .setFrameworkId(asked.getFrameworkId())
            .setSlaveId(stage.snapshot().agents().getFirst().info().getId())
            .setStatus(status)
            .setLatestStatus(status)
            .setOperationUuid(asked.getOperationUuid())
            .build());
  }

  List<OperationStatus> statuses(String stream) {
    return stage.events(stream, Event.Type.UPDATE_OPERATION_STATUS).stream()
        .map(event -> event.getUpdateOperationStatus().getStatus())
        .toList();
  }
}
