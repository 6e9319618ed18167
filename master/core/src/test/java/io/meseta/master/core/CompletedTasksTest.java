// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.Archive;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Agents remember what ended on them; a new master learns it from them.
@Covers({"M03", "H05"})
class CompletedTasksTest extends Scenario {
  CompletedTasksTest() {
    super(new Stage(Stage.config(c -> c.maxCompletedTasksPerFramework = 3)));
  }

  private static Task.Builder ended(FrameworkInfo framework, String id, String agent) {
    return Task.newBuilder()
        .setName(id)
        .setTaskId(taskId(id))
        .setFrameworkId(framework.getId())
        .setAgentId(agentId(agent))
        .setState(TaskState.TASK_FINISHED)
        .addAllResources(Stage.resources("cpus:1;mem:100"));
  }

  private static Archive.Framework archive(FrameworkInfo framework, Task.Builder... tasks) {
    var result = Archive.Framework.newBuilder().setFrameworkInfo(framework);
    List.of(tasks).forEach(result::addTasks);
    return result.build();
  }

  private static Task.Builder running(FrameworkInfo framework, String id) {
    var task = ended(framework, id, "m1-S0").setState(TaskState.TASK_RUNNING);
    for (var resource : task.getResourcesBuilderList()) {
      resource.setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("*"));
    }
    return task;
  }

  /// Two agents are in the registry; a new master leads, and the framework is back.
  private FrameworkInfo failover() {
    stage.register(1, ALL);
    stage.register(2, ALL);
    var info =
        Stage.AWARE.toBuilder().setId(stage.frameworkId(stage.subscribe(Stage.AWARE))).build();
    stage.elect("m2");
    var unused = stage.subscribe(info);
    return info;
  }

  private List<String> completed() {
    return ids(stage.snapshot().frameworks().getFirst().completedTasks());
  }

  private void back(int port, Archive.Framework... archives) {
    stage.say(
        port,
        back(port, "m1-S" + (port - 1), List.of()).toBuilder()
            .addAllCompletedFrameworks(List.of(archives))
            .build());
  }

  @Test
  void whatAgentsRememberIsCompleted() {
    var info = failover();
    back(1, archive(info, ended(info, "a", "m1-S0"), ended(info, "b", "m1-S0")));
    assertThat(completed()).containsExactly("a", "b");
    var task = stage.snapshot().frameworks().getFirst().completedTasks().getFirst();
    assertThat(task.getResources(0).getAllocationInfo().getRole()).isEqualTo("*");
    assertThat(stage.snapshot().agents().getFirst().usedTotal().isEmpty()).isTrue();

    // Nobody remembers more than the flag allows.
    back(2, archive(info, ended(info, "c", "m1-S1"), ended(info, "d", "m1-S1")));
    assertThat(completed()).containsExactly("a", "b", "d");
    assertThat(stage.core.audit()).isEmpty();
  }

  @Test
  void whatIsKnownIsNotSaidTwice() {
    var info = failover();
    back(1, archive(info, ended(info, "a", "m1-S0")));
    partition(); // both agents are unreachable
    back(1, archive(info, ended(info, "a", "m1-S0"), ended(info, "b", "m1-S0")));
    assertThat(completed()).containsExactly("a", "b");
  }

  /// An id that was used again: what runs counts.
  @Test
  void aTaskThatRunsIsNotCompleted() {
    var info = failover();
    stage.say(
        1,
        back(1, "m1-S0", List.of(info), running(info, "a").build()).toBuilder()
            .addCompletedFrameworks(archive(info, ended(info, "a", "m1-S0")))
            .build());
    assertThat(completed()).isEmpty();
    assertThat(stage.knownTask("a")).isPresent();
  }

  /// Frameworks that only archives name are not known again; what cannot be read is left out.
  @Test
  void othersAreIgnored() {
    var info = failover();
    var other = info.toBuilder().setId(FrameworkID.newBuilder().setValue("other")).build();
    var broken = ended(info, "broken", "m1-S0");
    broken.getResourcesBuilder(0).setScalar(Value.Scalar.newBuilder().setValue(-1));
    back(
        1,
        archive(other, ended(other, "x", "m1-S0")),
        archive(
            info,
            broken,
            ended(info, "alive", "m1-S0").setState(TaskState.TASK_RUNNING),
            ended(info, "a", "m1-S0")));
    assertThat(stage.snapshot().frameworks()).hasSize(1);
    assertThat(stage.snapshot().completedFrameworks()).isEmpty();
    assertThat(completed()).containsExactly("a");
  }

  /// The newest of one agent, and only as many as there is room for.
  @Test
  void manyOfThemTakeLittleRoom() {
    var info = failover();
    var tasks = new Task.Builder[10_000];
    for (int i = 0; i < tasks.length; i++) {
      tasks[i] = ended(info, "t" + i, "m1-S0");
    }
    back(1, archive(info, tasks));
    assertThat(completed()).containsExactly("t9997", "t9998", "t9999");
  }
}
