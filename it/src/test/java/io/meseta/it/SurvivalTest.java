// SPDX-License-Identifier: Apache-2.0
package io.meseta.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is left after a crash, and after an orderly stop.
@Tag("slow")
@Timeout(240)
class SurvivalTest {
  private static final String APP =
      "{\"id\":\"/s\",\"cmd\":\"echo $$ > pid; sleep 1000\",\"cpus\":0.1,\"mem\":16,\"instances\":4}";

  @TempDir Path dir;

  @Test
  @Covers({"G01", "G02", "G03", "H05", "G12"})
  void afterAKillEverythingGoesOnWithTheSameTasks() throws Exception {
    try (var local = Local.start(dir)) {
      Http.send("POST", local.marathon("/v2/apps"), APP);
      var before = local.awaitRunning("/s", 4);
      var pids = sleepers();
      assertThat(pids).hasSize(4);
      local.program.kill();
      assertThat(sleepers()).isEqualTo(pids);
      local.start();
      assertThat(local.awaitRunning("/s", 4)).isEqualTo(before);
      assertThat(sleepers()).isEqualTo(pids);
      // They are not only listed: they can be killed, and others take their place.
      Http.send("DELETE", local.marathon("/v2/apps//s/tasks"), "");
      Http.await(
          "four new ones",
          Duration.ofSeconds(60),
          () -> local.awaitRunning("/s", 4).stream().noneMatch(before::contains));
      assertThat(sleepers()).doesNotContainAnyElementsOf(pids);
    }
    Http.await("no task is left behind", Duration.ofSeconds(20), () -> sleepers().isEmpty());
  }

  @Test
  void anOrderlyStopEndsTheTasksAndTheNextStartBringsThemBack() throws Exception {
    try (var local = Local.start(dir)) {
      Http.send("POST", local.marathon("/v2/apps"), APP);
      local.awaitRunning("/s", 4);
      local.program.signal("INT");
      assertThat(local.program.awaitExit(Duration.ofSeconds(40))).isIn(0, 130);
      assertThat(sleepers()).isEmpty();
      local.start();
      Http.await("four tasks again", Duration.ofSeconds(60), () -> sleepers().size() == 4);
      local.awaitRunning("/s", 4);
    }
  }

  @Test
  void aTakenPortIsOneLineAndExitCodeOne() throws Exception {
    try (var local = Local.start(dir)) {
      var second =
          Program.start(
              dir,
              "local",
              "--work-dir",
              dir.resolve("other").toString(),
              "--zookeeper-port",
              "" + Program.freePort(),
              "--master-port",
              "" + local.masterPort);
      assertThat(second.awaitExit(Duration.ofSeconds(30))).isEqualTo(1);
      assertThat(second.output())
          .contains("--master-port=" + local.masterPort)
          .doesNotContain("Exception")
          .doesNotContain("\tat ");
      var same =
          Program.start(
              dir,
              "local",
              "--work-dir",
              dir.resolve("data").toString(),
              "--zookeeper-port",
              "" + Program.freePort(),
              "--master-port",
              "" + Program.freePort(),
              "--agent-port",
              "" + Program.freePort(),
              "--marathon-port",
              "" + Program.freePort(),
              "--chronos-port",
              "" + Program.freePort());
      assertThat(same.awaitExit(Duration.ofSeconds(30))).isEqualTo(1);
      assertThat(same.output()).contains("--work-dir=", "a cluster is already running with it");
    }
    for (var server :
        new String[] {"local", "master", "agent", "marathon", "chronos", "zookeeper"}) {
      var help = Program.start(dir, server, "--help");
      assertThat(help.awaitExit(Duration.ofSeconds(30))).isZero();
      assertThat(help.output()).contains("Usage:", "--");
      var wrong = Program.start(dir, server, "--nosuch=1", "--neither=2");
      assertThat(wrong.awaitExit(Duration.ofSeconds(30))).as(server).isNotZero();
      assertThat(wrong.output()).as(server).contains("nosuch", "neither").doesNotContain("\tat ");
    }
  }

  private java.util.Set<Long> sleepers() {
    var pids = new java.util.TreeSet<Long>();
    ProcessHandle.allProcesses()
        .filter(p -> p.info().command().filter(c -> c.endsWith("/sleep")).isPresent())
        .filter(p -> {
          try {
            return java.nio.file.Files.readSymbolicLink(Path.of("/proc/" + p.pid() + "/cwd"))
                .startsWith(dir);
          } catch (java.io.IOException gone) {
            return false;
          }
        })
        .forEach(p -> pids.add(p.pid()));
    return pids;
  }
}
