// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.container.ExitStatus;
import io.meseta.wire.internal.StatusUpdate;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Each check against what really happened finds the lie that it is for.
class TruthTest {
  private static final Framework KEEPS = new Framework("s1", true, true, true);

  private final Truth truth = new Truth();

  @BeforeEach
  void aTaskRunsOnA1() {
    truth.wished("t", KEEPS, "job");
    truth.launched("t", "a1");
    truth.started("t", 2);
  }

  private static TaskStatus status(TaskState state, String uuid) {
    var result =
        TaskStatus.newBuilder()
            .setTaskId(TaskID.newBuilder().setValue("t"))
            .setExecutorId(ExecutorID.newBuilder().setValue("t"))
            .setState(state);
    if (!uuid.isEmpty()) {
      result.setUuid(ByteString.copyFromUtf8(uuid));
    }
    return result.build();
  }

  private void say(TaskState state, String uuid) {
    truth.reported(
        "a1",
        StatusUpdate.newBuilder()
            .setFrameworkId(FrameworkID.newBuilder().setValue("F"))
            .setSlaveId(AgentID.newBuilder().setValue("A"))
            .setTimestamp(1)
            .setUuid(ByteString.copyFromUtf8(uuid))
            .setStatus(status(state, uuid))
            .build());
  }

  private static void isFound(Runnable lie, String what) {
    assertThatThrownBy(lie::run).isInstanceOf(Broken.class).hasMessageContaining(what);
  }

  @Test
  void theTruthPasses() {
    say(TaskState.TASK_RUNNING, "1");
    truth.heard(status(TaskState.TASK_RUNNING, "1"));
    truth.acknowledges(ByteString.copyFromUtf8("1"));
    truth.killAsked("t");
    truth.signalled("t", "a1");
    truth.ended("t", new ExitStatus.Signalled(15));
    assertThat(truth.untold()).containsExactly("t");
    say(TaskState.TASK_KILLED, "2");
    truth.heard(status(TaskState.TASK_KILLED, "2"));
    assertThat(truth.untold()).isEmpty();
  }

  @Test
  void aSecondLaunchIsFound() {
    isFound(() -> truth.launched("t", "a2"), "is launched twice, on a1 and a2");
    isFound(() -> truth.wished("t", KEEPS, "job"), "is wished for twice");
  }

  @Test
  void moreThanAHostHasIsFound() {
    for (int i = 1; i <= 2; i++) {
      truth.wished("u" + i, KEEPS, "job");
      truth.launched("u" + i, "a1");
    }
    truth.started("u1", 2);
    isFound(() -> truth.started("u2", 2), "a1 runs more than 2 tasks");
    truth.ended("t", new ExitStatus.Exited(0));
  }

  @Test
  void killsThatNobodyAskedForAreFound() {
    isFound(() -> truth.signalled("t", "a1"), "is killed on a1 although nobody asked");
    isFound(() -> truth.orphaned("t", "a1"), "although its framework checkpoints");
  }

  @Test
  void whatAMasterShutsDownMayEnd() {
    truth.shutDown("a1");
    truth.signalled("t", "a1");
    truth.ended("t", new ExitStatus.Signalled(15));
    assertThat(truth.untold()).isEmpty();
  }

  @Test
  void wrongEndsAreFound() {
    isFound(() -> say(TaskState.TASK_FINISHED, "1"), "although it runs there");
    truth.ended("t", new ExitStatus.Exited(1));
    isFound(() -> say(TaskState.TASK_FINISHED, "1"), "but its end was");
    isFound(() -> say(TaskState.TASK_KILLED, "1"), "but nobody asked for that");
    isFound(() -> say(TaskState.TASK_DROPPED, "1"), "but it ran there");
    say(TaskState.TASK_FAILED, "1");
  }

  @Test
  void aKillThatIsCalledAFailureIsFound() {
    truth.killAsked("t");
    truth.ended("t", new ExitStatus.Signalled(15));
    isFound(() -> say(TaskState.TASK_FAILED, "1"), "but its end was");
  }

  @Test
  void updatesOutOfTurnAreFound() {
    say(TaskState.TASK_STARTING, "1");
    say(TaskState.TASK_STARTING, "1"); // repeated
    isFound(() -> say(TaskState.TASK_RUNNING, "2"), "the update before is not acknowledged");
    truth.ended("t", new ExitStatus.Exited(0));
    truth.heard(status(TaskState.TASK_FINISHED, "3"));
    isFound(() -> truth.heard(status(TaskState.TASK_RUNNING, "4")), "after it was TASK_FINISHED");
  }

  @Test
  void aMasterThatBuriesTheLivingIsFound() {
    isFound(
        () -> truth.heard(status(TaskState.TASK_GONE, "")), "by the master although it runs on a1");
  }

  @Test
  void onlyOperatorsMakeAgentsGone() {
    var gone =
        status(TaskState.TASK_GONE_BY_OPERATOR, "").toBuilder()
            .setAgentId(AgentID.newBuilder().setValue("A"))
            .build();
    isFound(() -> truth.heard(gone), "but none said so");
    truth.unwanted("A");
    truth.heard(gone);
  }
}
