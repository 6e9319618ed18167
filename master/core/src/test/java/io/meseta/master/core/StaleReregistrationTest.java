// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Event;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A connection stood still while its agent launched more: the first message that comes out of it
/// says what the agent had, the next one what it has.
class StaleReregistrationTest {
  private static final AgentID AGENT = AgentID.newBuilder().setValue("m1-S0").build();

  private final Stage stage = new Stage();
  private FrameworkInfo framework = Stage.AWARE;

  private static List<Resource> cpu(String role) {
    return Stage.resources("cpus:1").stream()
        .map(r ->
            r.toBuilder()
                .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole(role))
                .build())
        .toList();
  }

  private Task task(String id, TaskState state) {
    return Task.newBuilder()
        .setName(id)
        .setTaskId(TaskID.newBuilder().setValue(id))
        .setFrameworkId(framework.getId())
        .setAgentId(AGENT)
        .setState(state)
        .addAllResources(cpu("*"))
        .build();
  }

  private void reregister(Task... tasks) {
    stage.say(
        1,
        ReregisterSlaveMessage.newBuilder()
            .setSlave(Stage.agentInfo(1, "cpus:3").toBuilder().setId(AGENT))
            .setVersion("1.12.0")
            .addAllAgentCapabilities(Stage.capabilities())
            .addFrameworks(framework)
            .addAllTasks(List.of(tasks))
            .build());
  }

  /// An agent of three cpus is in the registry; a new master leads, and the framework is back.
  private String failover() {
    stage.register(1, "cpus:3");
    FrameworkID id = stage.frameworkId(stage.subscribe(framework));
    framework = framework.toBuilder().setId(id).build();
    stage.elect("m2");
    return stage.subscribe(framework);
  }

  private double used() {
    return stage.snapshot().agents().getFirst().usedTotal().cpus();
  }

  @Test
  @Covers({"M03", "A04"})
  void whatALaterMessageMentionsIsTakenOver() {
    var stream = failover();
    reregister(task("old", TaskState.TASK_RUNNING));
    assertThat(stage.core.freeOf("m1-S0").cpus()).isZero(); // two cpus are offered
    assertThat(stage.offers(stream)).hasSize(1);

    reregister(task("old", TaskState.TASK_RUNNING), task("new", TaskState.TASK_RUNNING));

    assertThat(stage.knownTask("new")).isPresent();
    assertThat(used()).isEqualTo(2);
    assertThat(stage.events(stream, Event.Type.RESCIND)).hasSize(1);
    var offered = ResourceWire.decodeTrusted(stage.lastOffer(stream).getResourcesList());
    assertThat(offered.cpus()).isEqualTo(1);
    assertThat(stage.core.audit()).isEmpty();
  }

  @Test
  @Covers({"M03", "A04"})
  void whatIsOverIsNotTakenOver() {
    var stream = failover();
    reregister(task("old", TaskState.TASK_RUNNING));
    reregister(task("old", TaskState.TASK_RUNNING), task("done", TaskState.TASK_FINISHED));
    assertThat(stage.knownTask("done")).isEmpty();
    assertThat(used()).isEqualTo(1);

    stage.say(1, stage.update(1, framework.getId(), AGENT, "old", TaskState.TASK_FINISHED));
    stage.acknowledge(stream, stage.lastUpdate(stream));
    reregister(task("old", TaskState.TASK_RUNNING)); // delivered twice

    assertThat(stage.knownTask("old")).isEmpty();
    assertThat(used()).isZero();
    assertThat(stage.core.audit()).isEmpty();
  }
}
