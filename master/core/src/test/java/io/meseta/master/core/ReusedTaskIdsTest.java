// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// After a failover a framework may use a task's id again before the agent is back that still runs
/// the first one.
class ReusedTaskIdsTest {
  private final Stage stage = new Stage();
  private FrameworkInfo framework = Stage.AWARE;
  private String stream;

  private static AgentID agent(int port) {
    return AgentID.newBuilder().setValue("m1-S" + (port - 1)).build();
  }

  private static TaskID id() {
    return TaskID.newBuilder().setValue("t").build();
  }

  private void failover() {
    stage.register(1, "cpus:4");
    stage.register(2, "cpus:4");
    var id = stage.frameworkId(stage.subscribe(framework));
    framework = framework.toBuilder().setId(id).build();
    stage.elect("m2");
    stream = stage.subscribe(framework);
  }

  private void comeBack(int port, boolean running) {
    var message =
        ReregisterSlaveMessage.newBuilder()
            .setSlave(Stage.agentInfo(port, "cpus:4").toBuilder().setId(agent(port)))
            .setVersion("1.12.0")
            .addAllAgentCapabilities(Stage.capabilities())
            .addFrameworks(framework);
    if (running) {
      var task = message.addTasksBuilder().setName("t").setTaskId(id());
      task.setFrameworkId(framework.getId()).setAgentId(agent(port));
      task.setState(TaskState.TASK_RUNNING);
      for (var cpu : Stage.resources("cpus:1")) {
        task.addResources(
            cpu.toBuilder().setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("*")));
      }
    }
    stage.say(port, message.build());
  }

  private void leave(int port) {
    stage.say(port, UnregisterSlaveMessage.newBuilder().setSlaveId(agent(port)).build());
  }

  private void used(double cpus) {
    double sum = 0;
    for (var agent : stage.snapshot().agents()) {
      double used = agent.usedTotal().cpus();
      double free = stage.core.freeOf(agent.id()).cpus();
      assertThat(free + used + agent.offeredTotal().cpus()).isEqualTo(4);
      sum += used;
    }
    assertThat(sum).isEqualTo(cpus);
    assertThat(stage.snapshot().frameworks().stream().mapToInt(f -> f.tasks().size()).sum())
        .isEqualTo((int) cpus);
    assertThat(stage.core.audit()).isEmpty();
  }

  private void kill(int port) {
    var kill = Call.Kill.newBuilder().setTaskId(id()).setAgentId(agent(port));
    stage.call(stream, Call.newBuilder().setType(Call.Type.KILL).setKill(kill));
  }

  private void tearDown() {
    stage.call(stream, Call.newBuilder().setType(Call.Type.TEARDOWN));
    assertThat(stage.snapshot().frameworks()).isEmpty();
    used(0);
  }

  @Test
  @Covers({"M03", "M05", "S17"})
  void theAgentOfOneLeavesAndThenTheFramework() {
    for (int first = 1; first <= 2; first++) {
      var other = new ReusedTaskIdsTest();
      other.failover();
      other.comeBack(1, true);
      other.comeBack(2, true);
      other.used(2);
      other.leave(first);
      other.used(1);
      other.tearDown();
    }
  }

  @Test
  @Covers({"M03", "S17"})
  void theFrameworkLeavesAndThenTheAgents() {
    failover();
    comeBack(1, true);
    comeBack(2, true);
    comeBack(1, true);
    comeBack(2, false);
    used(2);
    tearDown();
    comeBack(1, true);
    leave(1);
    leave(2);
    used(0);
  }

  @Test
  @Covers({"M03", "S10"})
  void eachIsKilledAndEndsForItself() {
    failover();
    comeBack(2, false);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("t", offer, "cpus:1"));
    comeBack(1, true);
    used(2);
    kill(1);
    assertThat(stage.sentTo(1, KillTaskMessage.class)).hasSize(1);
    assertThat(stage.sentTo(2, KillTaskMessage.class)).isEmpty();
    stage.say(1, stage.update(1, framework.getId(), agent(1), "t", TaskState.TASK_KILLED));
    stage.acknowledge(stream, stage.lastUpdate(stream));
    used(1);
    kill(2);
    assertThat(stage.sentTo(2, KillTaskMessage.class)).hasSize(1);
    stage.say(2, stage.update(2, framework.getId(), agent(2), "t", TaskState.TASK_KILLED));
    stage.acknowledge(stream, stage.lastUpdate(stream));
    used(0);
    tearDown();
  }

  @Test
  @Covers({"M03", "S17"})
  void bothBecomeUnreachable() {
    failover();
    comeBack(1, true);
    comeBack(2, true);
    stage.pass(Duration.ofMinutes(30));
    assertThat(stage.snapshot().agents()).isEmpty();
    assertThat(unreachableOn()).containsExactlyInAnyOrder(agent(1), agent(2));
    comeBack(1, true);
    assertThat(unreachableOn()).containsExactly(agent(2));
    comeBack(2, true);
    assertThat(unreachableOn()).isEmpty();
    used(2);
    tearDown();
  }

  private List<AgentID> unreachableOn() {
    return stage.snapshot().frameworks().getFirst().unreachableTasks().stream()
        .map(Task::getAgentId)
        .toList();
  }
}
