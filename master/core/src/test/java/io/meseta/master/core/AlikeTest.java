// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Label;
import io.meseta.wire.v1.Labels;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Of a hundred thousand tasks of one application the master keeps the labels once.
class AlikeTest extends Scenario {
  AlikeTest() {
    super(new Stage());
  }

  private static Labels labels(String value) {
    return Labels.newBuilder()
        .addLabels(Label.newBuilder().setKey("version").setValue(value))
        .build();
  }

  private static Task task(FrameworkInfo framework, String id, String label) {
    var result =
        Task.newBuilder()
            .setName(id)
            .setTaskId(taskId(id))
            .setFrameworkId(framework.getId())
            .setAgentId(agentId("m1-S0"))
            .setState(TaskState.TASK_RUNNING)
            .setLabels(labels(label));
    for (var resource : Stage.resources("cpus:0.1;mem:10")) {
      result.addResources(
          resource.toBuilder()
              .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("*")));
    }
    return result.build();
  }

  @Test
  void tasksThatAnAgentBringsShareWhatIsEqual() {
    stage.register(1, ALL);
    var info =
        Stage.PLAIN.toBuilder().setId(stage.frameworkId(stage.subscribe(Stage.PLAIN))).build();
    // Each made for itself, as out of a message.
    var brought = List.of(task(info, "a", "v1"), task(info, "b", "v1"), task(info, "c", "v2"));
    assertThat(brought.get(0).getLabels()).isNotSameAs(brought.get(1).getLabels());

    stage.elect("m2");
    var unused = stage.subscribe(info);
    stage.say(1, back(1, "m1-S0", List.of(info), brought.toArray(Task[]::new)));

    var tasks = stage.snapshot().frameworks().getFirst().tasks();
    assertThat(tasks)
        .extracting(Task::getLabels)
        .containsExactly(labels("v1"), labels("v1"), labels("v2"));
    assertThat(tasks.get(0).getLabels()).isSameAs(tasks.get(1).getLabels());
    assertThat(tasks.get(0).getResources(1)).isSameAs(tasks.get(2).getResources(1));
    assertThat(stage.snapshot().agents().getFirst().usedTotal().toString())
        .contains("cpus(allocated: *):0.3");
  }
}
