// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.model.operations.Conversion;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.AcknowledgeOperationStatusMessage;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.CheckpointResourcesMessage;
import io.meseta.wire.internal.ReconcileOperationsMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.AgentInfo;
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
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OperationsTest {
  private static final UUID VERSION =
      UUID.newBuilder().setValue(ByteString.copyFromUtf8("0123456789abcdef")).build();
  private static final UUID OTHER_VERSION =
      UUID.newBuilder().setValue(ByteString.copyFromUtf8("fedcba9876543210")).build();
  private static final FrameworkInfo FRAMEWORK =
      Stage.with(
              Stage.PLAIN,
              Capability.Type.MULTI_ROLE,
              Capability.Type.RESERVATION_REFINEMENT,
              Capability.Type.SHARED_RESOURCES)
          .toBuilder()
          .addRoles("db")
          .setPrincipal("p")
          .build();

  private final Stage stage = new Stage();
  private long requests = 1_000_000;

  OperationsTest() {
    stage.say(1, registration());
  }

  private static RegisterSlaveMessage registration() {
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

  private static Operation launch(String id, Offer offer, Resource... resources) {
    return Operation.newBuilder()
        .setType(Operation.Type.LAUNCH)
        .setLaunch(
            Operation.Launch.newBuilder()
                .addTaskInfos(
                    Stage.task(id, offer, "cpus:1").toBuilder()
                        .addAllResources(List.of(resources))))
        .build();
  }

  private static Operation named(String id, Operation operation) {
    return operation.toBuilder().setId(OperationID.newBuilder().setValue(id)).build();
  }

  private Resources total() {
    return stage.snapshot().agents().getFirst().total();
  }

  private Effect.Reply operator(Operation operation) {
    return operator(stage.snapshot().agents().getFirst().id(), operation);
  }

  private Effect.Reply operator(String agent, Operation operation) {
    long id = ++requests;
    stage.feed(new MasterEvent.OperatorCall(id, new OperatorRequest.Apply(agent, operation)));
    return stage.replies.get(id);
  }

  private List<ApplyOperationMessage> applied() {
    return stage.sentTo(1, ApplyOperationMessage.class);
  }

  /// The agent does what it is asked, or says why not.
  private void answer(ApplyOperationMessage asked, OperationState state) throws Exception {
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

  private List<OperationStatus> statuses(String stream) {
    return stage.events(stream, Event.Type.UPDATE_OPERATION_STATUS).stream()
        .map(event -> event.getUpdateOperationStatus().getStatus())
        .toList();
  }

  @Test
  @Covers({"S26", "W03"})
  void laterOperationsOfACallUseTheResultsOfEarlierOnes() {
    var stream = stage.subscribe(FRAMEWORK);
    var offer = stage.lastOffer(stream);
    stage.accept(
        stream,
        List.of(offer),
        reserve(reserved("disk", 100, "db"), reserved("cpus", 2, "db")),
        create(volume(100, "v1")),
        launch("t1", offer, volume(100, "v1")));
    assertThat(applied()).hasSize(2);
    assertThat(applied().getFirst().getResourceVersionUuid().getUuid()).isEqualTo(VERSION);
    assertThat(
            applied()
                .getFirst()
                .getOperationInfo()
                .getReserve()
                .getResources(0)
                .getAllocationInfo()
                .getRole())
        .isEqualTo("db");
    var run = stage.sentTo(1, RunTaskMessage.class);
    assertThat(run).hasSize(1);
    assertThat(stage.sent.stream().map(send -> send.message().getClass().getSimpleName()))
        .containsSubsequence("ApplyOperationMessage", "ApplyOperationMessage", "RunTaskMessage");
    assertThat(total().persistentVolumes().disk()).isEqualTo(100);
    assertThat(total().reservedTo("db").cpus()).isEqualTo(2);
    assertThat(total().disk()).isEqualTo(1000);
    // What was not used comes back with its reservation, and only the one role gets it.
    stage.pass(java.time.Duration.ofSeconds(6));
    var again = stage.lastOffer(stream);
    assertThat(ResourceWire.decodeTrusted(again.getResourcesList()).unallocate().reservedTo("db"))
        .isEqualTo(ResourceWire.decodeTrusted(List.of(reserved("cpus", 2, "db"))));
  }

  @Test
  @Covers("S26")
  void whatWasReservedIsUnreservedAndVolumesAreDestroyed() {
    var stream = stage.subscribe(FRAMEWORK);
    stage.accept(
        stream,
        List.of(stage.lastOffer(stream)),
        reserve(reserved("disk", 100, "db")),
        create(volume(100, "v1")));
    stage.pass(java.time.Duration.ofSeconds(6));
    stage.accept(
        stream,
        List.of(stage.lastOffer(stream)),
        destroy(volume(100, "v1")),
        unreserve(reserved("disk", 100, "db")));
    assertThat(applied()).hasSize(4);
    assertThat(total().reserved().isEmpty()).isTrue();
    stage.pass(java.time.Duration.ofSeconds(6));
    assertThat(ResourceWire.decodeTrusted(stage.lastOffer(stream).getResourcesList()).unallocate())
        .isEqualTo(total());
  }

  @Test
  @Covers({"S26", "S28"})
  void volumesAreResizedButNotUsedInTheSameCall() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    stage.accept(
        stream,
        List.of(stage.lastOffer(stream)),
        reserve(reserved("disk", 150, "db")),
        create(volume(100, "v1")));
    stage.pass(java.time.Duration.ofSeconds(6));
    var offer = stage.lastOffer(stream);
    var grow =
        Operation.newBuilder()
            .setType(Operation.Type.GROW_VOLUME)
            .setGrowVolume(
                Operation.GrowVolume.newBuilder()
                    .setVolume(volume(100, "v1"))
                    .setAddition(reserved("disk", 50, "db")))
            .build();
    stage.accept(stream, List.of(offer), grow, launch("t1", offer, volume(150, "v1")));
    assertThat(total().persistentVolumes().disk()).isEqualTo(150);
    assertThat(stage.lastUpdate(stream).getMessage()).contains("is more than available");
    stage.pass(java.time.Duration.ofSeconds(6));
    var shrink =
        Operation.newBuilder()
            .setType(Operation.Type.SHRINK_VOLUME)
            .setShrinkVolume(
                Operation.ShrinkVolume.newBuilder()
                    .setVolume(volume(150, "v1"))
                    .setSubtract(Value.Scalar.newBuilder().setValue(30)))
            .build();
    stage.accept(stream, List.of(stage.lastOffer(stream)), shrink);
    assertThat(total().persistentVolumes().disk()).isEqualTo(120);
    assertThat(total().reservedTo("db").disk()).isEqualTo(150);
  }

  @Test
  @Covers({"A11", "R05", "S25"})
  void aSharedVolumeIsUsedByManyAndDestroyedWhenUnused() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    var shared =
        volume(100, "v1").toBuilder().setShared(Resource.SharedInfo.getDefaultInstance()).build();
    var offer = stage.lastOffer(stream);
    stage.accept(
        stream,
        List.of(offer),
        reserve(reserved("disk", 100, "db")),
        create(shared),
        launch("t1", offer, shared),
        launch("t2", offer, shared));
    assertThat(stage.sentTo(1, RunTaskMessage.class)).hasSize(2);
    stage.pass(java.time.Duration.ofSeconds(6));
    var again = stage.lastOffer(stream);
    assertThat(ResourceWire.decodeTrusted(again.getResourcesList()).shared().items()).hasSize(1);
    stage.accept(stream, List.of(again), named("d", destroy(shared)));
    assertThat(statuses(stream).getLast().getMessage()).startsWith("Persistent volumes in use");
    for (var task : List.of("t1", "t2")) {
      stage.say(
          1,
          stage.update(
              1,
              stage.frameworkId(stream),
              again.getAgentId(),
              task,
              io.meseta.wire.v1.TaskState.TASK_FINISHED));
      stage.acknowledge(stream, stage.lastUpdate(stream));
    }
    stage.pass(java.time.Duration.ofSeconds(6));
    // Other offers with the volume are taken back.
    stage.accept(stream, List.of(stage.lastOffer(stream)), destroy(shared));
    assertThat(total().shared().isEmpty()).isTrue();
  }

  @Test
  @Covers("S28")
  void namedOperationsAreReportedUntilAcknowledged() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    stage.accept(
        stream, List.of(stage.lastOffer(stream)), named("op", reserve(reserved("cpus", 1, "db"))));
    var asked = applied().getFirst();
    reconcile(stream, "op");
    assertThat(statuses(stream).getLast().getState()).isEqualTo(OperationState.OPERATION_PENDING);
    answer(asked, OperationState.OPERATION_FINISHED);
    var status = statuses(stream).getLast();
    assertThat(status.getState()).isEqualTo(OperationState.OPERATION_FINISHED);
    assertThat(status.getOperationId().getValue()).isEqualTo("op");
    assertThat(status.hasUuid()).isTrue();
    assertThat(stage.snapshot().operations()).hasSize(1);
    stage.call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.ACKNOWLEDGE_OPERATION_STATUS)
            .setAcknowledgeOperationStatus(
                Call.AcknowledgeOperationStatus.newBuilder()
                    .setAgentId(stage.snapshot().agents().getFirst().info().getId())
                    .setUuid(status.getUuid().getValue())
                    .setOperationId(status.getOperationId())));
    var acknowledged = stage.sentTo(1, AcknowledgeOperationStatusMessage.class);
    assertThat(acknowledged).hasSize(1);
    assertThat(acknowledged.getFirst().getOperationUuid()).isEqualTo(asked.getOperationUuid());
    assertThat(stage.snapshot().operations()).isEmpty();
    reconcile(stream, "op");
    assertThat(statuses(stream).getLast().getState()).isEqualTo(OperationState.OPERATION_UNKNOWN);
  }

  private void reconcile(String stream, String id) {
    stage.call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.RECONCILE_OPERATIONS)
            .setReconcileOperations(
                Call.ReconcileOperations.newBuilder()
                    .addOperations(
                        Call.ReconcileOperations.Operation.newBuilder()
                            .setOperationId(OperationID.newBuilder().setValue(id))
                            .setAgentId(stage.snapshot().agents().getFirst().info().getId()))));
  }

  @Test
  @Covers({"S28", "W03"})
  void theMasterAcknowledgesForThoseThatDoNotAsk() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    stage.accept(stream, List.of(stage.lastOffer(stream)), reserve(reserved("cpus", 1, "db")));
    answer(applied().getFirst(), OperationState.OPERATION_FINISHED);
    assertThat(statuses(stream)).isEmpty();
    assertThat(stage.sentTo(1, AcknowledgeOperationStatusMessage.class)).hasSize(1);
    assertThat(stage.snapshot().operations()).isEmpty();
  }

  @Test
  @Covers("S28")
  void whatTheAgentDidNotDoIsUndone() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    stage.accept(
        stream, List.of(stage.lastOffer(stream)), named("op", reserve(reserved("cpus", 1, "db"))));
    stage.pass(java.time.Duration.ofSeconds(6));
    answer(applied().getFirst(), OperationState.OPERATION_FAILED);
    assertThat(statuses(stream).getLast().getState()).isEqualTo(OperationState.OPERATION_FAILED);
    assertThat(total().reserved().isEmpty()).isTrue();
    stage.pass(java.time.Duration.ofSeconds(6));
    assertThat(ResourceWire.decodeTrusted(stage.lastOffer(stream).getResourcesList()).unallocate())
        .isEqualTo(total());
  }

  /// The agent restarted so fast that nobody saw its connection break.
  @Test
  @Covers({"S28", "W03"})
  void whatAMissedOperationMadeIsNoLongerOffered() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    stage.accept(stream, List.of(stage.lastOffer(stream)), reserve(reserved("cpus", 1, "db")));
    stage.pass(java.time.Duration.ofSeconds(10));
    var offered = stage.lastOffer(stream);
    assertThat(ResourceWire.decode(offered.getResourcesList()).reserved().cpus()).isEqualTo(1);
    var info = stage.snapshot().agents().getFirst().info();
    stage.say(
        1,
        ReregisterSlaveMessage.newBuilder()
            .setSlave(
                Stage.agentInfo(1, "cpus:4;mem:1000;disk:1000").toBuilder().setId(info.getId()))
            .setVersion("1.12.0")
            .addAllAgentCapabilities(Stage.capabilities())
            .setResourceVersionUuid(OTHER_VERSION)
            .build());
    assertThat(stage.events(stream, Event.Type.RESCIND).getLast().getRescind().getOfferId())
        .isEqualTo(offered.getId());
    var agent = stage.snapshot().agents().getFirst();
    assertThat(agent.total().contains(agent.offeredTotal().unallocate())).isTrue();
  }

  @Test
  @Covers({"S28", "W03", "H05"})
  void anAgentThatMissedAnOperationIsAskedAndSaysSo() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    stage.accept(
        stream, List.of(stage.lastOffer(stream)), named("op", reserve(reserved("cpus", 1, "db"))));
    var asked = applied().getFirst();
    var info = stage.snapshot().agents().getFirst().info();
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.say(
        1,
        ReregisterSlaveMessage.newBuilder()
            .setSlave(
                Stage.agentInfo(1, "cpus:4;mem:1000;disk:1000").toBuilder().setId(info.getId()))
            .setVersion("1.12.0")
            .addAllAgentCapabilities(Stage.capabilities())
            .setResourceVersionUuid(OTHER_VERSION)
            .build());
    assertThat(total().reserved().isEmpty()).isTrue();
    stage.say(
        1,
        UpdateSlaveMessage.newBuilder()
            .setSlaveId(info.getId())
            .setUpdateOversubscribedResources(false)
            .setOperations(UpdateSlaveMessage.Operations.getDefaultInstance())
            .build());
    assertThat(
            stage
                .sentTo(1, ReconcileOperationsMessage.class)
                .getFirst()
                .getOperations(0)
                .getOperationUuid())
        .isEqualTo(asked.getOperationUuid());
    stage.say(
        1,
        UpdateOperationStatusMessage.newBuilder()
            .setSlaveId(info.getId())
            .setStatus(OperationStatus.newBuilder().setState(OperationState.OPERATION_DROPPED))
            .setOperationUuid(asked.getOperationUuid())
            .build());
    var status = statuses(stream).getLast();
    assertThat(status.getState()).isEqualTo(OperationState.OPERATION_DROPPED);
    assertThat(status.getOperationId().getValue()).isEqualTo("op");
    assertThat(total().cpus()).isEqualTo(4);
    assertThat(stage.snapshot().operations()).isEmpty();
  }

  /// The connection broke with all of them on the way; the first is told first.
  @Test
  @Covers({"S28", "W03"})
  void operationsThatBuiltOnOneAnotherAreAllTakenBack() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    var before = total();
    stage.accept(
        stream,
        List.of(stage.lastOffer(stream)),
        reserve(reserved("disk", 100, "db")),
        create(volume(100, "v1")));
    assertThat(total().persistentVolumes().disk()).isEqualTo(100);
    for (var asked : applied()) {
      stage.say(
          1,
          UpdateOperationStatusMessage.newBuilder()
              .setSlaveId(stage.snapshot().agents().getFirst().info().getId())
              .setStatus(OperationStatus.newBuilder().setState(OperationState.OPERATION_DROPPED))
              .setOperationUuid(asked.getOperationUuid())
              .build());
    }
    assertThat(total()).isEqualTo(before);
  }

  /// It registers again because an answer was slow: what it says is older than the operation.
  @Test
  @Covers({"S28", "W03"})
  void aLateRegistrationDoesNotHideAnOperation() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    stage.accept(
        stream, List.of(stage.lastOffer(stream)), named("op", reserve(reserved("cpus", 1, "db"))));
    var asked = applied().getFirst();
    var info = stage.snapshot().agents().getFirst().info();
    stage.say(
        1,
        ReregisterSlaveMessage.newBuilder()
            .setSlave(
                Stage.agentInfo(1, "cpus:4;mem:1000;disk:1000").toBuilder().setId(info.getId()))
            .setVersion("1.12.0")
            .addAllAgentCapabilities(Stage.capabilities())
            .setResourceVersionUuid(VERSION)
            .build());
    stage.say(
        1,
        UpdateOperationStatusMessage.newBuilder()
            .setSlaveId(info.getId())
            .setStatus(OperationStatus.newBuilder().setState(OperationState.OPERATION_FINISHED))
            .setOperationUuid(asked.getOperationUuid())
            .build());
    assertThat(total().reserved().cpus()).isEqualTo(1);
  }

  @Test
  @Covers({"S26", "S28"})
  void badOperationsAreErrors() {
    var stream = stage.subscribe(FRAMEWORK);
    var cases =
        List.of(
            named("1", reserve(reserved("cpus", 1))),
            named("2", reserve(reserved("cpus", 1, "other"))),
            named("3", reserve(reserved("cpus", 9, "db"))),
            named("4", create(volume(10, "v"))),
            named("5", unreserve(reserved("cpus", 1))),
            named("6", destroy(volume(10, "v"))),
            named(
                "7",
                reserve(
                    reserved("cpus", 1, "db").toBuilder()
                        .setReservations(
                            0,
                            ReservationInfo.newBuilder()
                                .setType(ReservationInfo.Type.DYNAMIC)
                                .setRole("db")
                                .setPrincipal("somebody"))
                        .build())));
    stage.accept(stream, List.of(stage.lastOffer(stream)), cases.toArray(Operation[]::new));
    assertThat(statuses(stream))
        .extracting(OperationStatus::getState)
        .containsOnly(OperationState.OPERATION_ERROR);
    var messages = statuses(stream).stream().map(OperationStatus::getMessage).toList();
    assertThat(messages.get(0))
        .startsWith("Resource cpus(allocated: db):1 is not dynamically reserved; on agent m1-S0");
    assertThat(messages.get(1))
        .startsWith(
            "A reserve operation was attempted for a resource with role 'other', but the resource"
                + " was allocated to role 'db'");
    assertThat(messages.get(2)).contains(" does not contain ");
    assertThat(messages.get(3)).contains(" does not contain ");
    assertThat(messages.get(4)).contains(" is not dynamically reserved");
    assertThat(messages.get(5)).startsWith("Persistent volumes not found; on agent");
    assertThat(messages.get(6)).contains("which does not match a reserved resource");
    assertThat(applied()).isEmpty();
  }

  @Test
  @Covers("OM11")
  void anOperatorReservesByTakingOffersBack() {
    var stream = stage.subscribe(FRAMEWORK);
    assertThat(stage.offers(stream)).hasSize(1);
    assertThat(operator(reserve(reserved("cpus", 3, "ops"))).status()).isEqualTo(202);
    assertThat(stage.events(stream, Event.Type.RESCIND)).hasSize(1);
    assertThat(applied()).hasSize(1);
    assertThat(applied().getFirst().hasFrameworkId()).isFalse();
    assertThat(total().reservedTo("ops").cpus()).isEqualTo(3);
    assertThat(ResourceWire.decodeTrusted(stage.lastOffer(stream).getResourcesList()).cpus())
        .isEqualTo(1);
    // Enough is free: no offer is taken back.
    stage.say(2, Stage.registration(2, "cpus:4;mem:1000"));
    var conflict = operator(reserve(reserved("cpus", 3, "ops")));
    assertThat(conflict.status()).isEqualTo(409);
    assertThat(conflict.message()).contains("does not contain");
    assertThat(operator("nobody", reserve(reserved("cpus", 1, "ops"))))
        .extracting(Effect.Reply::status, Effect.Reply::message)
        .containsExactly(400, "No agent found with specified ID");
    assertThat(operator(reserve(reserved("cpus", 1))).message())
        .isEqualTo(
            "Invalid RESERVE operation on agent m1-S0 at slave(1)@127.0.0.1:1 (host): Resource"
                + " cpus:1 is not dynamically reserved");
  }

  @Test
  @Covers({"OM11", "R04"})
  void anOperatorMovesAReservation() {
    assertThat(operator(reserve(reserved("cpus", 2, "a"))).status()).isEqualTo(202);
    var move =
        Operation.newBuilder()
            .setType(Operation.Type.RESERVE)
            .setReserve(
                Operation.Reserve.newBuilder()
                    .addSource(reserved("cpus", 2, "a"))
                    .addResources(reserved("cpus", 2, "b", "b/c")))
            .build();
    assertThat(operator(move)).extracting(Effect.Reply::message).isEqualTo("");
    assertThat(total().reservedTo("b/c").cpus()).isEqualTo(2);
    assertThat(total().reservedTo("a").isEmpty()).isTrue();
  }

  @Test
  @Covers({"W03", "W06"})
  void anOldAgentIsSentWhatItMustKeep() {
    stage.say(
        3,
        registration().toBuilder()
            .setSlave(Stage.agentInfo(3, "cpus:4;mem:1000"))
            .clearAgentCapabilities()
            .addAgentCapabilities(
                AgentInfo.Capability.newBuilder().setType(AgentInfo.Capability.Type.MULTI_ROLE))
            .build());
    assertThat(operator("m1-S1", reserve(reserved("cpus", 2, "a"))).status()).isEqualTo(202);
    var kept = stage.sentTo(3, CheckpointResourcesMessage.class);
    assertThat(kept).hasSize(1);
    assertThat(kept.getFirst().getResources(0).getReservationsCount()).isZero();
    assertThat(operator("m1-S1", reserve(reserved("cpus", 1, "a", "a/b"))).message())
        .contains("without HIERARCHICAL_ROLE capability");
  }

  private void acceptAndRefuse(String stream, Offer offer, Operation... operations) {
    var accept = Call.Accept.newBuilder().addOfferIds(offer.getId());
    accept.addAllOperations(List.of(operations)).getFiltersBuilder().setRefuseSeconds(3600);
    stage.call(stream, Call.newBuilder().setType(Call.Type.ACCEPT).setAccept(accept));
  }

  @Test
  @Covers({"S06", "S07"})
  void whatOperationsMakeIsOfferedDespiteTheRefusal() {
    var stream = stage.subscribe(FRAMEWORK);
    acceptAndRefuse(stream, stage.lastOffer(stream), reserve(reserved("disk", 400, "db")));
    stage.pass(Duration.ofSeconds(2));
    assertThat(stage.offers(stream)).hasSize(2);
    acceptAndRefuse(stream, stage.lastOffer(stream), create(volume(100, "v")));
    stage.pass(Duration.ofSeconds(2));
    assertThat(stage.offers(stream)).hasSize(3);
    acceptAndRefuse(
        stream,
        stage.lastOffer(stream),
        destroy(volume(100, "v")),
        create(volume(100, "v"))); // as it was
    stage.pass(Duration.ofSeconds(20));
    assertThat(stage.offers(stream)).hasSize(3);
    assertThat(stage.core.audit()).isEmpty();
  }
}
