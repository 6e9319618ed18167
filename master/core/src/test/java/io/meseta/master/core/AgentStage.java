// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import java.time.Duration;
import java.util.List;

/// A master and agents of which tests of the life of agents tell.
abstract class AgentStage {
  final Stage stage = new Stage();

  ReregisterSlaveMessage again(int port, String id, List<FrameworkInfo> frameworks, Task... tasks) {
    return ReregisterSlaveMessage.newBuilder()
        .setSlave(
            Stage.agentInfo(port, "cpus:4;mem:1000").toBuilder()
                .setId(AgentID.newBuilder().setValue(id)))
        .setVersion("1.12.0")
        .addAllAgentCapabilities(Stage.capabilities())
        .addAllFrameworks(frameworks)
        .addAllTasks(List.of(tasks))
        .build();
  }

  /// A framework with a running task "t1" on agent 1; gives its stream.
  String running(FrameworkInfo info) {
    stage.register(1, "cpus:4;mem:1000");
    var stream = stage.subscribe(info);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("t1", offer, "cpus:1;mem:100"));
    stage.say(
        1,
        stage.update(
            1, stage.frameworkId(stream), offer.getAgentId(), "t1", TaskState.TASK_RUNNING));
    return stream;
  }

  FrameworkInfo info(String stream) {
    return stage.snapshot().frameworks().stream()
        .filter(framework -> framework.info().getId().equals(stage.frameworkId(stream)))
        .findFirst()
        .orElseThrow()
        .info();
  }

  void becomeUnreachable() {
    stage.pass(Duration.ofSeconds(75));
  }
}
