// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.AcknowledgeOperationStatusMessage;
import io.meseta.wire.internal.ReconcileOperationsMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.OperationID;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What becomes of operations on the way to the agent and back.
class OperationFeedbackTest extends OperationStage {
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
    stage.pass(Duration.ofSeconds(6));
    answer(applied().getFirst(), OperationState.OPERATION_FAILED);
    assertThat(statuses(stream).getLast().getState()).isEqualTo(OperationState.OPERATION_FAILED);
    assertThat(total().reserved().isEmpty()).isTrue();
    stage.pass(Duration.ofSeconds(6));
    assertThat(ResourceWire.decodeTrusted(stage.lastOffer(stream).getResourcesList()).unallocate())
        .isEqualTo(total());
  }

  /// The agent restarted so fast that nobody saw its connection break.
  @Test
  @Covers({"S28", "W03"})
  void whatAMissedOperationMadeIsNoLongerOffered() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    stage.accept(stream, List.of(stage.lastOffer(stream)), reserve(reserved("cpus", 1, "db")));
    stage.pass(Duration.ofSeconds(10));
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
  @Covers("MET01")
  void operationsAreCountedByTheirEnd() throws Exception {
    var stream = stage.subscribe(FRAMEWORK);
    stage.accept(
        stream,
        List.of(stage.lastOffer(stream)),
        named("done", reserve(reserved("cpus", 1, "db"))),
        named("open", reserve(reserved("mem", 1, "db"))),
        named("bad", reserve(reserved("cpus", 100, "db"))));
    answer(applied().getFirst(), OperationState.OPERATION_FINISHED);
    assertThat(counted("error")).isEqualTo("1 1");
    assertThat(counted("finished")).isEqualTo("1 1");
    assertThat(counted("unreachable")).isEqualTo("0 0");
    assertThat(counted("gone_by_operator")).isEqualTo("0 0");

    // Both that are not acknowledged go with the agent.
    stage.feed(
        new MasterEvent.OperatorCall(
            900, new OperatorRequest.MarkAgentGone(stage.snapshot().agents().getFirst().id())));
    assertThat(counted("gone_by_operator")).isEqualTo("2 2");
    assertThat(stage.snapshot().operations()).isEmpty();
    assertThat(counted("finished")).isEqualTo("1 1");

    stage.say(2, registration());
    stage.accept(
        stream,
        List.of(stage.lastOffer(stream)),
        named("lost", reserve(reserved("cpus", 1, "db"))));
    stage.pass(Duration.ofMinutes(2)); // it answers no ping
    assertThat(statuses(stream).getLast().getState())
        .isEqualTo(OperationState.OPERATION_UNREACHABLE);
    assertThat(counted("unreachable")).isEqualTo("1 1");
  }

  /// In all and of reservations.
  private String counted(String state) {
    var counters = stage.snapshot().counters();
    return counters.getOrDefault("operations/" + state, 0L)
        + " "
        + counters.getOrDefault("operations/reserve/" + state, 0L);
  }
}
