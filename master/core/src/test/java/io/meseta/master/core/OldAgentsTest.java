// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.CheckpointResourcesMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.RunTaskGroupMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OperationID;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskGroupInfo;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.UUID;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Agents of earlier releases, which lack capabilities of ours.
@SuppressWarnings("deprecation") // their form of resources
class OldAgentsTest {
  private static final AgentInfo.Capability MULTI_ROLE =
      AgentInfo.Capability.newBuilder().setType(AgentInfo.Capability.Type.MULTI_ROLE).build();

  private final Stage stage = new Stage();

  private static FrameworkInfo framework(String role) {
    return Stage.PLAIN.toBuilder()
        .setRole(role)
        .setId(FrameworkID.newBuilder().setValue("f"))
        .build();
  }

  private static Task task(String resources) {
    return Task.newBuilder()
        .setName("t")
        .setTaskId(TaskID.newBuilder().setValue("t"))
        .setFrameworkId(FrameworkID.newBuilder().setValue("f"))
        .setAgentId(AgentID.newBuilder().setValue("m0-S0"))
        .setExecutorId(ExecutorID.newBuilder().setValue("e"))
        .setState(TaskState.TASK_RUNNING)
        .addAllResources(Stage.resources(resources))
        .build();
  }

  private static ReregisterSlaveMessage.Builder again(FrameworkInfo framework) {
    return ReregisterSlaveMessage.newBuilder()
        .setSlave(
            Stage.agentInfo(1, "cpus:4;mem:1000").toBuilder()
                .setId(AgentID.newBuilder().setValue("m0-S0")))
        .setVersion("1.0.1")
        .addFrameworks(framework)
        .addExecutorInfos(
            ExecutorInfo.newBuilder()
                .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                .setFrameworkId(framework.getId())
                .addAllResources(Stage.resources("cpus:0.5")))
        .addTasks(task("cpus:1;mem:100"));
  }

  @Test
  @Covers("W06")
  void whatAnAgentBeforeMultiRoleRunsIsHeldByTheRoleOfItsFramework() {
    stage.say(1, again(framework("dev")).build());
    var used = stage.snapshot().agents().getFirst().usedTotal();
    assertThat(used.allocations()).containsOnlyKeys("dev");
    assertThat(used.allocations().get("dev").cpus()).isEqualTo(1.5);
    // A framework with one role of many possible ones is clear, too; one with two is not.
    var many =
        Stage.with(Stage.PLAIN, FrameworkInfo.Capability.Type.MULTI_ROLE).toBuilder()
            .setId(FrameworkID.newBuilder().setValue("f"))
            .addRoles("a");
    stage.elect("m2");
    stage.say(1, again(many.build()).build());
    assertThat(stage.snapshot().agents().getFirst().usedTotal().allocations())
        .containsOnlyKeys("a");
    stage.elect("m3");
    stage.say(1, again(many.addRoles("b").build()).build());
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(stage.notes.getLast()).contains("'cpus' has no allocation_info").contains("[a, b]");
  }

  @Test
  @Covers("W06")
  void anAgentBeforeRefinementReadsReservationsInItsOwnForm() {
    stage.say(
        1,
        Stage.registration(1, "cpus(db):4;mem(db):1000;disk(db):1000").toBuilder()
            .clearAgentCapabilities()
            .addAgentCapabilities(MULTI_ROLE)
            .build());
    var stream = stage.subscribe(Stage.PLAIN.toBuilder().setRole("db").build());
    stage.launch(
        stream,
        stage.lastOffer(stream),
        Stage.task("t1", stage.lastOffer(stream), "cpus(db):1;mem(db):100"));
    oldForm(stage.sentTo(1, RunTaskMessage.class).getLast().getTask().getResourcesList());

    stage.pass(java.time.Duration.ofSeconds(6));
    var offer = stage.lastOffer(stream);
    var executor =
        ExecutorInfo.newBuilder()
            .setType(ExecutorInfo.Type.DEFAULT)
            .setExecutorId(ExecutorID.newBuilder().setValue("e"))
            .addAllResources(Stage.resources("cpus(db):0.1;mem(db):32;disk(db):10"));
    stage.accept(
        stream,
        List.of(offer),
        Offer.Operation.newBuilder()
            .setType(Offer.Operation.Type.LAUNCH_GROUP)
            .setLaunchGroup(
                Offer.Operation.LaunchGroup.newBuilder()
                    .setExecutor(executor)
                    .setTaskGroup(
                        TaskGroupInfo.newBuilder()
                            .addTasks(Stage.task("t2", offer, "cpus(db):1;mem(db):100"))))
            .build());
    var group = stage.sentTo(1, RunTaskGroupMessage.class).getLast();
    oldForm(group.getExecutor().getResourcesList());
    oldForm(group.getTaskGroup().getTasks(0).getResourcesList());
    oldForm(group.getTaskGroup().getTasks(0).getExecutor().getResourcesList());
  }

  private static void oldForm(List<Resource> resources) {
    assertThat(resources)
        .isNotEmpty()
        .allSatisfy(resource -> {
          assertThat(resource.getRole()).isEqualTo("db");
          assertThat(resource.getReservationsList()).isEmpty();
          assertThat(resource.getAllocationInfo().getRole()).isEqualTo("db");
        });
  }

  @Test
  @Covers({"W03", "W06"})
  void anAgentBeforeOperationsIsToldAgainWhatItMissed() throws Exception {
    stage.say(
        1,
        Stage.registration(1, "cpus:4;mem:1000").toBuilder()
            .clearAgentCapabilities()
            .addAgentCapabilities(MULTI_ROLE)
            .build());
    stage.feed(
        new MasterEvent.OperatorCall(
            7,
            new MasterEvent.OperatorRequest.Apply(
                "m1-S0", OperationStage.reserve(OperationStage.reserved("cpus", 2, "a")))));
    assertThat(stage.replies.get(7L).status()).isEqualTo(202);
    stage.feed(new MasterEvent.AgentExited(Stage.pid(1)));
    stage.forgetSent();
    stage.say(
        1,
        ReregisterSlaveMessage.newBuilder()
            .setSlave(
                Stage.agentInfo(1, "cpus:4;mem:1000").toBuilder()
                    .setId(AgentID.newBuilder().setValue("m1-S0")))
            .setVersion("1.1.0")
            .addAgentCapabilities(MULTI_ROLE)
            .build());
    assertThat(stage.snapshot().agents().getFirst().total().reservedTo("a").cpus()).isEqualTo(2);
    var told = stage.sentTo(1, CheckpointResourcesMessage.class);
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().getResources(0).getRole()).isEqualTo("a");
    assertThat(told.getFirst().getResources(0).getScalar().getValue()).isEqualTo(2);
  }

  @Test
  @Covers("W06")
  void anAgentThatNoLongerTakesAcknowledgementsOwesNone() {
    stage.say(
        1,
        Stage.registration(1, "cpus:4;mem:1000").toBuilder()
            .setResourceVersionUuid(
                UUID.newBuilder().setValue(ByteString.copyFromUtf8("0123456789abcdef")))
            .build());
    var stream =
        stage.subscribe(
            Stage.with(
                    Stage.PLAIN,
                    FrameworkInfo.Capability.Type.MULTI_ROLE,
                    FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT)
                .toBuilder()
                .addRoles("db")
                .setPrincipal("p")
                .build());
    stage.accept(
        stream,
        List.of(stage.lastOffer(stream)),
        OperationStage.reserve(OperationStage.reserved("cpus", 1, "db")).toBuilder()
            .setId(OperationID.newBuilder().setValue("op"))
            .build());
    var operation = stage.snapshot().operations().getFirst();
    var info = stage.snapshot().agents().getFirst().info();
    stage.say(
        1,
        UpdateOperationStatusMessage.newBuilder()
            .setFrameworkId(stage.frameworkId(stream))
            .setSlaveId(info.getId())
            .setOperationUuid(operation.getUuid())
            .setStatus(
                OperationStatus.newBuilder()
                    .setState(OperationState.OPERATION_FINISHED)
                    .setUuid(
                        UUID.newBuilder().setValue(ByteString.copyFromUtf8("fedcba9876543210"))))
            .build());
    assertThat(stage.snapshot().operations()).hasSize(1);
    stage.say(
        1,
        ReregisterSlaveMessage.newBuilder()
            .setSlave(info)
            .addAllCheckpointedResources(List.of(OperationStage.reserved("cpus", 1, "db")))
            .setVersion("1.6.0")
            .addAllAgentCapabilities(
                Stage.capabilities().stream()
                    .filter(c -> c.getType() != AgentInfo.Capability.Type.AGENT_OPERATION_FEEDBACK)
                    .toList())
            .build());
    assertThat(stage.snapshot().operations()).isEmpty();
  }
}
