// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.testkit.Seeds;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Executors are anybody's programs: whatever states they report, a task's resources are given back
/// once.
class ReportedStatesTest {
  private static final AgentID AGENT = AgentID.newBuilder().setValue("m1-S0").build();
  private static final double CPUS = 4;

  private final Stage stage = new Stage();

  private String run(FrameworkInfo info) {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(info);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("t", offer, "cpus:1;mem:100"));
    return stream;
  }

  private static double used(Stage stage) {
    return stage.snapshot().agents().getFirst().usedTotal().cpus();
  }

  private static void audit(Stage stage) {
    for (var agent : stage.snapshot().agents()) {
      double free = stage.core.freeOf(agent.id()).cpus();
      assertThat(free + agent.usedTotal().cpus() + agent.offeredTotal().cpus()).isEqualTo(CPUS);
    }
    assertThat(stage.core.audit()).isEmpty();
  }

  @Test
  @Covers({"M04", "S17"})
  void onlyTheMasterMakesTasksUnreachable() {
    var stream = run(Stage.AWARE);
    var id = stage.frameworkId(stream);
    for (var state :
        List.of(
            TaskState.TASK_RUNNING,
            TaskState.TASK_UNREACHABLE,
            TaskState.TASK_UNKNOWN,
            TaskState.TASK_RUNNING)) {
      stage.say(1, stage.update(1, id, AGENT, "t", state));
      assertThat(used(stage)).isEqualTo(1);
      assertThat(stage.knownTask("t").orElseThrow().getState()).isEqualTo(TaskState.TASK_RUNNING);
      audit(stage);
    }
    stage.say(1, stage.update(1, id, AGENT, "t", TaskState.TASK_FINISHED));
    assertThat(used(stage)).isZero();
    audit(stage);
    stage.acknowledge(stream, stage.lastUpdate(stream));
    audit(stage);
  }

  /// Such an update may have reached an agent before it refused them.
  @Test
  @Covers({"M03", "M04"})
  void whatAnAgentBringsHoldsItsResources() {
    stage.register(1, "cpus:4;mem:1000");
    FrameworkID id = stage.frameworkId(stage.subscribe(Stage.AWARE));
    var framework = Stage.AWARE.toBuilder().setId(id).build();
    stage.elect("m2");
    stage.subscribe(framework);
    var task = Task.newBuilder().setName("t").setFrameworkId(id).setAgentId(AGENT);
    task.getTaskIdBuilder().setValue("t");
    task.setState(TaskState.TASK_UNREACHABLE);
    for (var cpu : Stage.resources("cpus:1")) {
      task.addResources(
          cpu.toBuilder().setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("*")));
    }
    stage.say(
        1,
        ReregisterSlaveMessage.newBuilder()
            .setSlave(Stage.agentInfo(1, "cpus:4;mem:1000").toBuilder().setId(AGENT))
            .setVersion("1.12.0")
            .addAllAgentCapabilities(Stage.capabilities())
            .addFrameworks(framework)
            .addTasks(task)
            .build());
    assertThat(used(stage)).isEqualTo(1);
    assertThat(stage.knownTask("t").orElseThrow().getState()).isEqualTo(TaskState.TASK_RUNNING);
    audit(stage);
    for (var state : List.of(TaskState.TASK_UNREACHABLE, TaskState.TASK_RUNNING)) {
      stage.say(1, stage.update(1, id, AGENT, "t", state));
      audit(stage);
    }
    stage.say(1, stage.update(1, id, AGENT, "t", TaskState.TASK_GONE));
    assertThat(used(stage)).isZero();
    audit(stage);
  }

  @Test
  @Covers({"M04", "S17"})
  void anyStatesInAnyOrder() {
    Seeds.forAll(200, ReportedStatesTest::play);
  }

  private static void play(Random random) {
    var stage = new Stage();
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(random.nextBoolean() ? Stage.AWARE : Stage.PLAIN);
    var id = stage.frameworkId(stream);
    Offer offer = stage.lastOffer(stream);
    stage.launch(
        stream,
        offer,
        Stage.task("a", offer, "cpus:1;mem:100"),
        Stage.task("b", offer, "cpus:2;mem:100"));
    var heard = new ArrayList<TaskStatus>();
    for (int i = 0; i < 12; i++) {
      var states = TaskState.values();
      var latest = states[random.nextInt(states.length)];
      var update =
          stage.update(
              1,
              id,
              AGENT,
              random.nextBoolean() ? "a" : "b",
              states[random.nextInt(states.length)]);
      stage.say(
          1,
          random.nextBoolean()
              ? update
              : update.toBuilder()
                  .setUpdate(update.getUpdate().toBuilder().setLatestState(latest))
                  .build());
      heard.add(stage.lastUpdate(stream));
      if (random.nextBoolean()) {
        stage.acknowledge(stream, heard.get(random.nextInt(heard.size())));
      }
      audit(stage);
    }
    if (random.nextBoolean()) {
      stage.call(stream, Call.newBuilder().setType(Call.Type.TEARDOWN));
      audit(stage);
    }
    stage.say(1, UnregisterSlaveMessage.newBuilder().setSlaveId(AGENT).build());
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(stage.core.audit()).isEmpty();
  }
}
