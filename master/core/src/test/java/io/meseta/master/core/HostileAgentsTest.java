// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whoever reaches the port can say that an agent is back: what it says must not end the master,
/// nor the next one.
@Covers({"M03", "W01"})
class HostileAgentsTest extends Scenario {
  HostileAgentsTest() {
    super(new Stage());
  }

  private FrameworkInfo failover() {
    stage.register(1, ALL);
    stage.register(2, ALL);
    var info =
        Stage.AWARE.toBuilder().setId(stage.frameworkId(stage.subscribe(Stage.AWARE))).build();
    stage.elect("m2");
    return info;
  }

  private static Task task(FrameworkInfo framework, String agent, String role) {
    var task =
        Task.newBuilder()
            .setName("t")
            .setTaskId(taskId("t"))
            .setFrameworkId(framework.getId())
            .setAgentId(agentId(agent))
            .setState(TaskState.TASK_RUNNING);
    for (var resource : Stage.resources("cpus:1")) {
      task.addResources(
          resource.toBuilder()
              .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole(role)));
    }
    return task.build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"m1-S1", "nobody", ""})
  void aTaskOfAnotherAgentIsNotTaken(String other) {
    var info = failover();
    var stream = stage.subscribe(info);
    stage.say(2, back(2, "m1-S1", List.of()));
    stage.say(1, back(1, "m1-S0", List.of(info), task(info, other, "*")));
    assertThat(stage.notes).last().asString().contains("task 't' is of agent '" + other + "'");
    assertThat(stage.snapshot().agents()).hasSize(1);
    stage.call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.KILL)
            .setKill(Call.Kill.newBuilder().setTaskId(taskId("t"))));
    stage.call(stream, Call.newBuilder().setType(Call.Type.TEARDOWN));
    assertThat(stage.snapshot().frameworks()).isEmpty();
  }

  @SuppressWarnings("deprecation") // the role of frameworks that have but one
  @ParameterizedTest
  @ValueSource(strings = {"", "a//b", "/", "a/", "deep"})
  void rolesThatNobodyCanHaveAreNotTaken(String given) {
    var role = given.equals("deep") ? "a/".repeat(50_000) + "a" : given;
    var info = failover();
    var named = info.toBuilder().setRole(role).build();
    stage.say(1, back(1, "m1-S0", List.of(named)));
    assertThat(stage.notes).last().asString().contains("role of framework");
    stage.say(1, back(1, "m1-S0", List.of(info), task(info, "m1-S0", role)));
    assertThat(stage.notes).last().asString().contains("role of what 't' holds");
    assertThat(stage.snapshot().agents()).isEmpty();
  }

  @Test
  void whatAnHonestAgentSaysIsTaken() {
    var info = failover();
    stage.say(1, back(1, "m1-S0", List.of(info), task(info, "m1-S0", "*")));
    assertThat(stage.snapshot().agents()).hasSize(1);
    assertThat(stage.knownTask("t")).isPresent();
  }

  @Test
  void onlyTheAgentItselfReportsOfItsTasks() {
    var info = failover();
    stage.say(2, back(2, "m1-S1", List.of()));
    stage.say(1, back(1, "m1-S0", List.of(info), task(info, "m1-S0", "*")));
    var end = stage.update(1, info.getId(), agentId("m1-S0"), "t", TaskState.TASK_FAILED);
    stage.say(2, end);
    assertThat(stage.knownTask("t").orElseThrow().getState()).isEqualTo(TaskState.TASK_RUNNING);
    stage.say(1, end);
    assertThat(stage.knownTask("t").map(Task::getState)).hasValue(TaskState.TASK_FAILED);
  }
}
