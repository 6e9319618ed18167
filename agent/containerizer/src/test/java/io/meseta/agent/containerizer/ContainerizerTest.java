// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.agent.core.container.ContainerEvent.Cause;
import io.meseta.agent.core.container.ContainerEvent.Exited;
import io.meseta.agent.core.container.ContainerEvent.Refused;
import io.meseta.agent.core.container.ContainerEvent.Started;
import io.meseta.agent.core.container.ExitStatus;
import io.meseta.agent.core.container.Signal;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.CommandInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerizerTest {
  @TempDir Path root;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({"X01", "G09"})
  void runsACommandWithItsEnvironmentInItsSandbox(boolean script) throws Exception {
    try (var h = new Harness(root, script)) {
      h.shell("a", "echo $GREETING; pwd; echo oops >&2; exit 3");
      assertThat(h.next(Started.class).pid()).isGreaterThan(1);
      assertThat(h.next()).isEqualTo(new Exited("a", new ExitStatus.Exited(3)));
      assertThat(h.stdout("a")).isEqualTo("hello world\n" + h.sandbox("a") + "\n");
      assertThat(h.sandbox("a").resolve("stderr")).hasContent("oops");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void runsArgumentsWithoutAShell(boolean script) throws Exception {
    try (var h = new Harness(root, script)) {
      h.launch(
          "a",
          "",
          CommandInfo.newBuilder()
              .setShell(false)
              .setValue("echo")
              .addArguments("echo")
              .addArguments("$GREETING  x")
              .build());
      h.next(Started.class);
      h.next(Exited.class);
      assertThat(h.stdout("a")).isEqualTo("$GREETING  x\n");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("X05")
  void signalsReachTheWholeTree(boolean script) throws Exception {
    try (var h = new Harness(root, script)) {
      h.shell("a", "trap 'echo bye; exit 7' TERM; sleep 1000 & echo ready; wait");
      h.next(Started.class);
      while (!h.stdout("a").contains("ready")) {
        Thread.onSpinWait();
      }
      h.containerizer.signal("a", Signal.TERM);
      assertThat(h.next()).isEqualTo(new Exited("a", new ExitStatus.Exited(7)));
      assertThat(h.stdout("a")).contains("bye");

      h.shell("b", "trap '' TERM; sleep 1000 & while true; do sleep 1000; done");
      h.next(Started.class);
      h.containerizer.signal("b", Signal.KILL);
      assertThat(h.next()).isEqualTo(new Exited("b", new ExitStatus.Signalled(9)));
    }
  }

  @Test
  void leavesNoProcessBehindEvenInANewSession() throws Exception {
    try (var h = new Harness(root, false)) {
      h.shell("a", "setsid sleep 987654 & echo $!; sleep 0.2");
      h.next(Started.class);
      h.next(Exited.class);
      assertThat(Path.of("/proc", h.stdout("a").strip())).doesNotExist();
    }
  }

  @Test
  void aKillBeforeTheStartIsNotLost() throws Exception {
    try (var h = new Harness(root, false)) {
      h.shell("a", "sleep 1000");
      h.containerizer.signal("a", Signal.KILL);
      var end = h.next();
      if (end instanceof Started) {
        h.containerizer.signal("a", Signal.KILL); // as an agent does when it learns of the start
        end = h.next();
      }
      assertThat(end).isNotInstanceOf(Started.class);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void saysWhyACommandCannotRun(boolean script) throws Exception {
    try (var h = new Harness(root, script)) {
      h.launch("a", "", CommandInfo.newBuilder().setShell(false).setValue("/no/such").build());
      var end = h.next();
      if (end instanceof Started) {
        end = h.next();
      }
      assertThat(end)
          .isEqualTo(
              new Refused(
                  "a", Cause.EXECUTE, "cannot execute /no/such: No such file or directory"));
    }
  }

  @Test
  @Covers("G06")
  void switchesToTheUser() throws Exception {
    try (var h = new Harness(root, false)) {
      // The test's temporary folder belongs to root: let others pass.
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
      h.launch("a", "nobody", CommandInfo.newBuilder().setValue("id -un; id -G; touch x").build());
      h.next(Started.class);
      assertThat(h.next()).isEqualTo(new Exited("a", new ExitStatus.Exited(0)));
      assertThat(h.stdout("a")).isEqualTo("nobody\n65534\n");
      assertThat(Files.getOwner(h.sandbox("a").resolve("x")).getName()).isEqualTo("nobody");

      h.launch("b", "nosuchuser", CommandInfo.newBuilder().setValue("true").build());
      assertThat(h.next())
          .isEqualTo(new Refused("b", Cause.SANDBOX, "this host has no user 'nosuchuser'"));
    }
  }

  @Test
  @Covers("G07")
  void readsLocalFilesWithTheRightsOfTheUser() throws Exception {
    try (var h = new Harness(root, false)) {
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
      var secret = Files.writeString(root.resolve("secret"), "for root alone");
      Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
      var tool = Files.writeString(root.resolve("tool"), "for all");
      Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
      for (var cached : new boolean[] {false, true}) {
        h.launch("a" + cached, "nobody", fetching("file://" + secret, cached));
        assertThat(h.next())
            .isEqualTo(
                new Refused(
                    "a" + cached,
                    Cause.FETCH,
                    "Failed to fetch 'file://"
                        + secret
                        + "': "
                        + secret
                        + " is not readable by user 'nobody'"));
        assertThat(h.sandbox("a" + cached).resolve("secret")).doesNotExist();
        // What the agent's own user brought into the cache is not for nobody.
        h.launch("r" + cached, "", fetching(secret.toString(), true));
        h.next(Started.class);
        assertThat(h.next()).isEqualTo(new Exited("r" + cached, new ExitStatus.Exited(0)));
      }
      assertThat(Files.getPosixFilePermissions(root.resolve("cache")))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));

      h.launch("b", "nobody", fetching(tool.toString(), true));
      h.next(Started.class);
      assertThat(h.next()).isEqualTo(new Exited("b", new ExitStatus.Exited(0)));
      assertThat(Files.getOwner(h.sandbox("b").resolve("tool")).getName()).isEqualTo("nobody");
      assertThat(h.sandbox("b").resolve("tool")).isExecutable().hasContent("for all");

      h.launch("c", "nobody", fetching(root.toString(), false));
      assertThat(h.next(Refused.class).message()).endsWith(root + " is not a file");
      h.launch("d", "nobody", fetching("/dev/zero", false));
      assertThat(h.next(Refused.class).message()).endsWith("/dev/zero is not a file");
    }
  }

  private static CommandInfo fetching(String uri, boolean cache) {
    return CommandInfo.newBuilder()
        .setValue("touch own")
        .addUris(CommandInfo.URI.newBuilder().setValue(uri).setCache(cache))
        .build();
  }

  @Test
  @Covers("G07")
  void aFetchThatFailsNamesTheUri() throws Exception {
    try (var h = new Harness(root, false)) {
      h.launch(
          "a",
          "",
          CommandInfo.newBuilder()
              .setValue("true")
              .addUris(CommandInfo.URI.newBuilder().setValue("/no/such/file"))
              .build());
      assertThat(h.next())
          .isEqualTo(
              new Refused(
                  "a",
                  Cause.FETCH,
                  "Failed to fetch '/no/such/file': /no/such/file does not exist"));
      assertThat(h.sandbox("a").resolve("stderr")).content().contains("/no/such/file");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("G12")
  void findsItsContainersAgainAndKillsOrphans(boolean script) throws Exception {
    try (var h = new Harness(root, script)) {
      h.shell("runs", "echo up; sleep 1000");
      h.shell("orphan", "sleep 1000");
      h.shell("ends", "sleep 0.5; exit 4");
      var started = new HashSet<String>();
      long orphan = 0;
      for (int i = 0; i < 3; i++) {
        var event = h.next(Started.class);
        started.add(event.id());
        orphan = event.id().equals("orphan") ? event.pid() : orphan;
      }
      h.restart("runs", "ends", "never");
      var seen = new HashSet<>();
      while (seen.size() < 4) {
        var event = h.next();
        seen.add(event instanceof Started s ? "started " + s.id() : event);
      }
      assertThat(seen)
          .containsExactlyInAnyOrder(
              "started runs",
              "started ends",
              new Exited("ends", new ExitStatus.Exited(4)),
              new Exited("never", new ExitStatus.Unknown("it was never started")));
      while (Files.exists(Path.of("/proc", Long.toString(orphan)))) {
        Thread.onSpinWait();
      }
      h.containerizer.signal("runs", Signal.TERM);
      assertThat(h.next()).isEqualTo(new Exited("runs", new ExitStatus.Signalled(15)));
    }
  }

  @Test
  @Covers("G10")
  void measures() throws Exception {
    try (var h = new Harness(root, false)) {
      h.shell(
          "a",
          "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done; sleep 1000 & sleep 1000");
      h.next(Started.class);
      while (!h.stdout("a").contains("done")) {
        Thread.onSpinWait();
      }
      var usage = h.containerizer.usage("a", 12.5);
      while (usage.getProcesses() < 2) {
        usage = h.containerizer.usage("a", 12.5);
      }
      assertThat(usage.getTimestamp()).isEqualTo(12.5);
      assertThat(usage.getCpusUserTimeSecs() + usage.getCpusSystemTimeSecs()).isPositive();
      assertThat(usage.getCpusSoftLimit()).isEqualTo(1.1);
      assertThat(usage.getMemRssBytes()).isPositive();
      assertThat(usage.getMemLimitBytes()).isEqualTo(160 << 20);
      h.containerizer.signal("a", Signal.KILL);
      h.next(Exited.class);
    }
  }

  @Test
  void manyShortCommands() throws Exception {
    int count = 500;
    try (var h = new Harness(root, false)) {
      for (int i = 0; i < count; i++) {
        h.shell("t" + i, "exit 0");
      }
      int ended = 0;
      for (int i = 0; i < 2 * count; i++) {
        if (h.next() instanceof Exited exited) {
          assertThat(exited.status()).isEqualTo(new ExitStatus.Exited(0));
          ended++;
        }
      }
      assertThat(ended).isEqualTo(count);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anotherAgentsContainersAreLeftAlone(boolean script) throws Exception {
    try (var h = new Harness(root, script)) {
      h.shell("a", "sleep 1000");
      var pid = h.next(Started.class).pid();

      assertThatThrownBy(() -> h.replace("other"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("--runtime_dir=" + root.resolve("run"))
          .hasMessageContaining("1 container runs there")
          .hasMessageContaining("--work_dir=" + root.resolve("work"))
          .hasMessageContaining("--work_dir=" + root.resolve("other"));
      assertThat(ProcessHandle.of(pid)).get().matches(ProcessHandle::isAlive);

      // Its own agent finds it; where nothing runs any more, others may follow.
      h.replace("work", "a");
      h.next(Started.class);
      h.containerizer.signal("a", Signal.KILL);
      h.next(Exited.class);
      h.replace("other");
    }
  }

  @Test
  void anAgentWhoseWorkFolderWasMovedKeepsItsContainers() throws Exception {
    try (var h = new Harness(root, false)) {
      h.shell("a", "sleep 1000");
      h.next(Started.class);
      h.replace("moved", "a");
      h.next(Started.class);
      h.containerizer.signal("a", Signal.KILL);
      h.next(Exited.class);
    }
  }
}
