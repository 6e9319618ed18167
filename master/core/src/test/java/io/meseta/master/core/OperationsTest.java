// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What operations of frameworks make of the resources.
class OperationsTest extends OperationStage {
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
