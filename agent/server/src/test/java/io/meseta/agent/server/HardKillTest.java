// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.TaskState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Agents in processes of their own, killed without warning.
@Tag("slow")
class HardKillTest {
  @TempDir Path root;

  @AfterEach
  void killLeftovers() throws Exception {
    Agents.killAll(root);
  }

  private Process agent(FakeMaster master, String... more) throws Exception {
    var line =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                AgentMain.class.getName()));
    line.addAll(Agents.arguments(master, root, more));
    return new ProcessBuilder(line).inheritIO().start();
  }

  @Test
  @Covers({"G02", "G12"})
  void noTaskIsLostWhenTheAgentIsKilled() throws Exception {
    int count = 20;
    var framework = FakeMaster.framework("F", true);
    var port = "--port=" + Agents.freePort();
    try (var master = new FakeMaster()) {
      var agent = agent(master, port);
      var pids = new ArrayList<Integer>();
      try {
        master.next(UpdateSlaveMessage.class);
        for (int i = 0; i < count; i++) {
          master.run(framework, FakeMaster.task("t" + i, "sleep 1000"));
        }
        for (int i = 0; i < count; i++) {
          pids.add(
              master.next("t" + i, TaskState.TASK_RUNNING).getContainerStatus().getExecutorPid());
        }
        // One more, killed in the middle of its launch: it is running, or reported, but not
        // forgotten.
        master.run(framework, FakeMaster.task("last", "sleep 1000"));
      } finally {
        agent.destroyForcibly().waitFor();
      }
      assertThat(pids).allMatch(pid -> Files.exists(Path.of("/proc/" + pid)));
      master.forget();
      var next = agent(master, port);
      try {
        var message = master.next(ReregisterSlaveMessage.class);
        assertThat(message.getSlave().getId().getValue()).isEqualTo(FakeMaster.ID);
        assertThat(message.getTasksList())
            .filteredOn(task -> !task.getTaskId().getValue().equals("last"))
            .hasSize(count)
            .allMatch(task -> task.getState() == TaskState.TASK_RUNNING);
        assertThat(pids).allMatch(pid -> Files.exists(Path.of("/proc/" + pid)));
        for (int i = 0; i < count; i++) {
          master.kill("F", "t" + i, Duration.ofSeconds(3));
        }
        for (int i = 0; i < count; i++) {
          master.next("t" + i, TaskState.TASK_KILLED);
        }
        var user1 = new ProcessBuilder("kill", "-USR1", Long.toString(next.pid())).start();
        assertThat(user1.waitFor()).isZero();
        master.next(UnregisterSlaveMessage.class);
        assertThat(next.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(next.exitValue()).isZero();
      } finally {
        next.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  @Covers("CFG01")
  void badFlagsEndWithStatusOne() throws Exception {
    try (var master = new FakeMaster()) {
      var agent = agent(master, "--no_such_flag=1");
      assertThat(agent.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(agent.exitValue()).isEqualTo(1);
    }
  }
}
