// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import org.junit.jupiter.api.Test;

/// What is counted of messages and of tasks that never became one; names as recorded from the
/// original.
@Covers({"MET01", "MET02"})
class CountersTest {
  private final Stage stage = new Stage();

  @Test
  void tasksThatAreRefusedAreCountedByReason() {
    stage.register(1, "cpus:2;mem:100");
    var stream = stage.subscribe(Stage.AWARE);
    var offer = stage.lastOffer(stream);
    stage.launch(stream, offer, Stage.task("too large", offer, "cpus:3;mem:10"));
    stage.launch(stream, offer, Stage.task("too late", offer, "cpus:1;mem:10"));
    assertThat(stage.snapshot().counters())
        .containsEntry("tasks_error", 1L)
        .containsEntry("task_error/source_master/reason_task_invalid", 1L)
        .containsEntry("tasks_dropped", 1L)
        .containsEntry("task_dropped/source_master/reason_invalid_offers", 1L);
  }

  @Test
  void messagesOfAgentsAreCounted() {
    stage.register(1, "cpus:2;mem:100");
    var id = stage.snapshot().agents().getFirst().info().getId();
    stage.say(
        1,
        ExecutorToFrameworkMessage.newBuilder()
            .setSlaveId(id)
            .setFrameworkId(stage.frameworkId(stage.subscribe(Stage.AWARE)))
            .setExecutorId(io.meseta.wire.v1.ExecutorID.newBuilder().setValue("e"))
            .setData(com.google.protobuf.ByteString.EMPTY)
            .build());
    stage.say(1, UnregisterSlaveMessage.newBuilder().setSlaveId(id).build());
    assertThat(stage.snapshot().counters())
        .containsEntry("valid_executor_to_framework_messages", 1L)
        .containsEntry("messages_unregister_slave", 1L);
  }
}
