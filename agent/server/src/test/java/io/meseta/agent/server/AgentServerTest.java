// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.flags.Flags;
import io.meseta.testkit.Covers;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.HealthCheck;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.zk.Election;
import io.meseta.zk.EmbeddedZooKeeper;
import io.meseta.zk.Fence;
import io.meseta.zk.ZkClient;
import io.meseta.zk.ZkUrl;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentServerTest {
  @TempDir Path root;

  @AfterEach
  void killLeftovers() throws Exception {
    Agents.killAll(root);
  }

  private static final io.meseta.wire.v1.FrameworkInfo PLAIN = FakeMaster.framework("F1", false);
  private static final io.meseta.wire.v1.FrameworkInfo KEPT = FakeMaster.framework("F2", true);

  @Test
  @Covers({"W02", "X01", "X08", "X09", "E06", "G01"})
  void aTaskRunsAndFinishes() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root)) {
      var registration = master.next(RegisterSlaveMessage.class);
      assertThat(registration.getSlave().getHostname()).isEqualTo("localhost");
      assertThat(registration.getSlave().getAttributes(0).getText().getValue()).isEqualTo("r1");
      assertThat(master.agent).isEqualTo(agent.self());
      assertThat(master.next(UpdateSlaveMessage.class).hasResourceVersionUuid()).isTrue();
      master.run(KEPT, FakeMaster.task("t", "env | sort; pwd; exit 0"));
      master.next("t", TaskState.TASK_STARTING);
      var running = master.next("t", TaskState.TASK_RUNNING);
      assertThat(running.getContainerStatus().getNetworkInfos(0).getIpAddresses(0).getIpAddress())
          .isEqualTo("127.0.0.1");
      assertThat(running.getContainerStatus().getExecutorPid()).isPositive();
      assertThat(master.next("t", TaskState.TASK_FINISHED).getMessage())
          .isEqualTo("Command exited with status 0");
      var runs = root.resolve("work/slaves/" + FakeMaster.ID + "/frameworks/F2/executors/t/runs");
      var container = running.getContainerStatus().getContainerId().getValue();
      assertThat(runs.resolve("latest").toRealPath())
          .isEqualTo(runs.resolve(container).toRealPath());
      assertThat(runs.resolve("latest/stdout"))
          .content()
          .contains("MESOS_SLAVE_ID=" + FakeMaster.ID)
          .contains("MESOS_SANDBOX=" + runs.toRealPath().resolve(container))
          .contains("MESOS_EXECUTOR_ID=t")
          .contains("\n" + runs.toRealPath().resolve(container) + "\n");
      var meta = root.resolve("work/meta");
      assertThat(meta.resolve("boot_id")).exists();
      assertThat(meta.resolve("slaves/latest").toRealPath().getFileName())
          .hasToString(FakeMaster.ID);
      var run = meta.resolve("slaves/latest/frameworks/F2/executors/t/runs/latest");
      assertThat(run.resolve("tasks/t/task.info")).exists();
      assertThat(run.resolve("pids/forked.pid")).exists();
      assertThat(run.resolveSibling("../executor.info")).exists();
      assertThat(run.resolve("../../../../framework.pid")).hasContent("@0.0.0.0:0");
      // Three updates and three acknowledgements, each with its length in front.
      while (Disk.recover(run.resolve("tasks/t/task.updates")).size() < 6) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  @Covers("X05")
  void aStubbornTaskIsKilledAfterItsGrace() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root)) {
      master.next(UpdateSlaveMessage.class);
      master.run(
          PLAIN,
          FakeMaster.task("t", "trap 'echo caught' TERM; echo up; while true; do sleep 0.1; done"));
      var running = master.next("t", TaskState.TASK_RUNNING);
      var stdout =
          root.resolve(
              "work/slaves/" + FakeMaster.ID + "/frameworks/F1/executors/t/runs/latest/stdout");
      while (!Files.exists(stdout) || !Files.readString(stdout).contains("up")) {
        Thread.onSpinWait();
      }
      long begin = System.nanoTime();
      master.kill("F1", "t", Duration.ofMillis(700));
      master.next("t", TaskState.TASK_KILLING);
      assertThat(master.next("t", TaskState.TASK_KILLED).getMessage())
          .isEqualTo("Command terminated with signal Killed");
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(650));
      assertThat(stdout).content().contains("caught");
      assertThat(Path.of("/proc", Integer.toString(running.getContainerStatus().getExecutorPid())))
          .doesNotExist();
      assertThat(agent.ended()).isNotDone();
    }
  }

  @Test
  @Covers("G07")
  void aFetchThatFailsIsTheTasksFailure() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root)) {
      master.next(UpdateSlaveMessage.class);
      var task = FakeMaster.task("t", "true");
      task.getCommandBuilder()
          .addUris(CommandInfo.URI.newBuilder().setValue("http://127.0.0.1:1/x.tgz"));
      master.run(PLAIN, task);
      var status = master.next("t", TaskState.TASK_FAILED);
      assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
      assertThat(status.getMessage()).contains("Failed to fetch 'http://127.0.0.1:1/x.tgz'");
      assertThat(agent.ended()).isNotDone();
    }
  }

  @Test
  @Covers("X02")
  void aTaskGroupRunsAsOne() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root)) {
      master.next(UpdateSlaveMessage.class);
      master.runGroup(
          PLAIN, FakeMaster.task("a", "sleep 1000"), FakeMaster.task("b", "sleep 0.3; exit 1"));
      master.next("b", TaskState.TASK_FAILED);
      assertThat(
              master
                  .next(io.meseta.wire.internal.ExitedExecutorMessage.class)
                  .getExecutorId()
                  .getValue())
          .isEqualTo("pod");
      master.next("a", TaskState.TASK_KILLED);
      assertThat(
              root.resolve(
                  "work/slaves/"
                      + FakeMaster.ID
                      + "/frameworks/F1/executors/pod/runs/latest/tasks/a/stdout"))
          .exists();
      assertThat(agent.ended()).isNotDone();
    }
  }

  @Test
  @Covers("X06")
  void healthChecksLookAtTheTask() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root)) {
      master.next(UpdateSlaveMessage.class);
      master.run(
          PLAIN,
          FakeMaster.task("t", "touch ok; sleep 1000")
              .setHealthCheck(
                  HealthCheck.newBuilder()
                      .setType(HealthCheck.Type.COMMAND)
                      .setDelaySeconds(0.2)
                      .setIntervalSeconds(0.2)
                      .setGracePeriodSeconds(0)
                      .setConsecutiveFailures(2)
                      .setCommand(CommandInfo.newBuilder().setValue("test -f ok"))));
      master.next("t", TaskState.TASK_RUNNING);
      assertThat(master.next("t", TaskState.TASK_RUNNING).getHealthy()).isTrue();
      Files.delete(
          root.resolve(
              "work/slaves/" + FakeMaster.ID + "/frameworks/F1/executors/t/runs/latest/ok"));
      assertThat(master.next("t", TaskState.TASK_RUNNING).getHealthy()).isFalse();
      assertThat(master.next("t", TaskState.TASK_KILLED).getHealthy()).isFalse();
      assertThat(agent.ended()).isNotDone();
    }
  }

  @Test
  @Covers({"G02", "G03", "G12"})
  void aRestartKeepsCheckpointedTasksAndEndsTheOthers() throws Exception {
    try (var master = new FakeMaster()) {
      int kept;
      int ended;
      var port = "--port=" + Agents.freePort();
      try (var agent = Agents.start(master, root, port)) {
        master.next(UpdateSlaveMessage.class);
        master.run(KEPT, FakeMaster.task("kept", "sleep 1000"));
        kept = master.next("kept", TaskState.TASK_RUNNING).getContainerStatus().getExecutorPid();
        master.run(KEPT, FakeMaster.task("ends", "sleep 1; exit 7"));
        master.next("ends", TaskState.TASK_RUNNING);
        master.run(PLAIN, FakeMaster.task("plain", "sleep 1000"));
        ended = master.next("plain", TaskState.TASK_RUNNING).getContainerStatus().getExecutorPid();
        assertThat(agent.ended()).isNotDone();
      }
      assertThat(Path.of("/proc/" + kept)).exists();
      TimeUnit.MILLISECONDS.sleep(1200); // the second task ends while no agent is there
      master.forget();
      try (var agent = Agents.start(master, root, port)) {
        var message = master.next(ReregisterSlaveMessage.class);
        assertThat(message.getSlave().getId().getValue()).isEqualTo(FakeMaster.ID);
        assertThat(message.getTasksList())
            .extracting(task -> task.getTaskId().getValue())
            .containsExactlyInAnyOrder("kept", "ends");
        assertThat(master.next("ends", TaskState.TASK_FAILED).getMessage())
            .isEqualTo("Command exited with status 7");
        while (Files.exists(Path.of("/proc/" + ended))) {
          Thread.onSpinWait(); // an orphan now: killed
        }
        assertThat(Path.of("/proc/" + kept)).exists();
        master.kill("F2", "kept", Duration.ofSeconds(5));
        master.next("kept", TaskState.TASK_KILLED);
        assertThat(agent.ended()).isNotDone();
      }
    }
  }

  @Test
  @Covers("G02")
  void otherFlagsNeedThePolicyOrAnotherWorkDir() throws Exception {
    try (var master = new FakeMaster()) {
      try (var agent = Agents.start(master, root)) {
        master.next(UpdateSlaveMessage.class);
        assertThat(agent.ended()).isNotDone();
      }
      assertThatThrownBy(() -> Agents.start(master, root, "--attributes=rack:r2").close())
          .hasMessageContaining("Incompatible agent info detected")
          .hasMessageContaining("rm -f ");
    }
  }

  @Test
  @Covers("G12")
  void stoppingUnregistersAndKills() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root)) {
      master.next(UpdateSlaveMessage.class);
      master.run(KEPT, FakeMaster.task("t", "sleep 1000"));
      int pid = master.next("t", TaskState.TASK_RUNNING).getContainerStatus().getExecutorPid();
      agent.stop("test");
      master.next(UnregisterSlaveMessage.class);
      assertThat(agent.ended().get(20, TimeUnit.SECONDS)).isZero();
      assertThat(Path.of("/proc/" + pid)).doesNotExist();
      assertThat(root.resolve("work/meta/slaves/latest")).doesNotExist();
    }
  }

  @Test
  @Covers({"L08", "L01", "OA01", "OA02", "OA03", "MET04", "G10"})
  void endpointsShowWhatTheOriginalShows() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root)) {
      master.next(UpdateSlaveMessage.class);
      master.run(KEPT, FakeMaster.task("golden", "sleep 1000"));
      master.next("golden", TaskState.TASK_RUNNING);
      master.run(PLAIN, FakeMaster.task("done", "true"));
      master.next("done", TaskState.TASK_FINISHED);
      while (!Agents.get(agent, "/state").body().contains("TASK_RUNNING")
          || !Agents.get(agent, "/state").body().contains("TASK_FINISHED")) {
        Thread.onSpinWait();
      }
      for (var name :
          new String[] {
            "state", "containers", "monitor-statistics", "version", "metrics-snapshot"
          }) {
        var ours = JsonKeys.of(Agents.get(agent, "/" + name.replaceFirst("-", "/")).body());
        var theirs = JsonKeys.ofGolden("agent_GET_" + name + ".http");
        var missing = new TreeSet<>(theirs);
        missing.removeAll(ours);
        missing.removeIf(JsonKeys::notOurs);
        assertThat(missing).as("missing in /%s", name).isEmpty();
        var extra = new TreeSet<>(ours);
        extra.removeAll(theirs);
        extra.removeIf(JsonKeys::onlyOurs);
        assertThat(extra).as("unknown to the original in /%s", name).isEmpty();
      }
      assertThat(Agents.get(agent, "/slave(1)/state/").body()).contains(FakeMaster.ID);
      assertThat(Agents.get(agent, "/health").statusCode()).isEqualTo(200);
      assertThat(Agents.get(agent, "/health").body()).isEmpty();
      assertThat(Agents.get(agent, "/metrics").body()).contains("mesos_slave_tasks_running 1");
      assertThat(Agents.get(agent, "/version?jsonp=f").body()).startsWith("f({");
      for (var path : List.of("/version", "/state", "/files/debug", "/metrics/snapshot")) {
        var script = Agents.get(agent, path + "?jsonp=alert(1);f");
        assertThat(script.statusCode()).as(path).isEqualTo(400);
        assertThat(script.body()).as(path).startsWith("Invalid 'jsonp'");
      }
      assertThat(Agents.get(agent, "/flags").body())
          .contains("\"work_dir\":\"" + root.resolve("work"));
      assertThat(Agents.get(agent, "/containers?executor_id=x").statusCode()).isEqualTo(400);
      assertThat(Agents.get(agent, "/containers?framework_id=F1").body()).isEqualTo("[]");

      for (var call :
          new String[] {
            "GET_AGENT", "GET_CONTAINERS", "GET_EXECUTORS", "GET_FRAMEWORKS", "GET_HEALTH",
            "GET_OPERATIONS", "GET_RESOURCE_PROVIDERS", "GET_TASKS", "GET_VERSION", "GET_STATE"
          }) {
        var answer = Agents.call(agent, "{\"type\":\"" + call + "\"}");
        assertThat(answer.statusCode()).as(call).isEqualTo(200);
        var missing = JsonKeys.ofGolden("agent_v1_" + call + ".json.http");
        missing.removeAll(JsonKeys.of(answer.body()));
        missing.removeIf(JsonKeys::notOurs);
        assertThat(missing).as("missing in %s", call).isEmpty();
      }
      assertThat(Agents.call(agent, "{\"type\":\"GET_METRICS\"}").body())
          .contains("slave/uptime_secs");
      assertThat(Agents.call(agent, "{}").statusCode()).isEqualTo(400);
      assertThat(Agents.call(agent, "{\"type\":\"PRUNE_IMAGES\"}").statusCode()).isEqualTo(501);
      assertThat(Agents.get(agent, "/logging/toggle").body()).isEqualTo("0\n");
      assertThat(
              Agents.call(
                      agent,
                      "{\"type\":\"SET_LOGGING_LEVEL\",\"set_logging_level\":{\"level\":1,"
                          + "\"duration\":{\"nanoseconds\":60000000000}}}")
                  .statusCode())
          .isEqualTo(200);
      assertThat(Agents.call(agent, "{\"type\":\"GET_LOGGING_LEVEL\"}").body())
          .isEqualTo("{\"type\":\"GET_LOGGING_LEVEL\",\"get_logging_level\":{\"level\":1}}");
      assertThat(Agents.get(agent, "/slave(1)/logging/toggle?level=0&duration=1secs").statusCode())
          .isEqualTo(200);
      assertThat(Agents.get(agent, "/logging/toggle").body()).isEqualTo("0\n");
      assertThat(Agents.get(agent, "/system/stats.json").body()).contains("\"cpus_total\":");
      master.kill("F2", "golden", Duration.ZERO);
      master.next("golden", TaskState.TASK_KILLED);
    }
  }

  @Test
  @Covers({"L09", "OA01"})
  void filesOfSandboxesCanBeReadAndNothingElse() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root)) {
      master.next(UpdateSlaveMessage.class);
      Files.writeString(root.resolve("secret"), "secret");
      master.run(
          PLAIN,
          FakeMaster.task(
              "t",
              "printf 'h\\303\\251llo' ; mkdir d; echo x > d/f; ln -s "
                  + root.resolve("secret")
                  + " out; head -c 200000 /dev/zero | tr '\\0' z > big"));
      master.next("t", TaskState.TASK_FINISHED);
      var base = "/frameworks/F1/executors/t/runs/latest";
      var browse = Agents.get(agent, "/files/browse?path=" + base).body();
      assertThat(browse)
          .contains(
              "\"path\":\"" + base + "/stdout\"", "\"mode\":\"drwxr-xr-x\"", "\"uid\":\"root\"");
      assertThat(JsonKeys.of(browse)).isEqualTo(JsonKeys.ofGolden("agent_GET_files-browse.http"));
      assertThat(Agents.get(agent, "/files/read?path=" + base + "/stdout&offset=0").body())
          .isEqualTo("{\"data\":\"héllo\",\"offset\":0}");
      assertThat(Agents.get(agent, "/files/read?path=" + base + "/stdout&offset=0&length=2").body())
          .isEqualTo("{\"data\":\"h\",\"offset\":0}");
      assertThat(Agents.get(agent, "/files/read?path=" + base + "/stdout").body())
          .isEqualTo("{\"data\":\"\",\"offset\":6}");
      assertThat(Agents.get(agent, "/files/read?path=" + base + "/big&offset=0").body().length())
          .isBetween(65536, 65600);
      var download = Agents.get(agent, "/files/download?path=" + base + "/big");
      assertThat(download.body()).hasSize(200000);
      assertThat(download.headers().firstValue("Content-Disposition"))
          .contains("attachment; filename=\"big\"");
      assertThat(Agents.get(agent, "/files/debug").body()).contains("\"" + base + "\"");
      assertThat(
              Agents.call(
                      agent,
                      "{\"type\":\"READ_FILE\",\"read_file\":{\"path\":\""
                          + base
                          + "/d/f\",\"offset\":0}}")
                  .body())
          .contains("\"data\":\"eAo=\"");
      assertThat(
              Agents.call(
                      agent,
                      "{\"type\":\"LIST_FILES\",\"list_files\":{\"path\":\"" + base + "/d\"}}")
                  .body())
          .contains(base + "/d/f");

      for (var path :
          new String[] {
            base + "/out",
            base + "/../../../../../../../../../etc/passwd",
            base + "/../../../../t/runs/latest"
          }) {
        var answer = Agents.get(agent, "/files/read?offset=0&path=" + path);
        assertThat(answer.statusCode()).as(path).isIn(400, 404);
        assertThat(answer.body()).doesNotContain("secret\"", "root:");
      }
      assertThat(Agents.get(agent, "/files/read?offset=0&path=/etc/passwd").statusCode())
          .isEqualTo(404);
      assertThat(Agents.get(agent, "/files/read").statusCode()).isEqualTo(400);
      assertThat(Agents.get(agent, "/files/read?path=" + base + "/d&offset=0").statusCode())
          .isEqualTo(400);
      assertThat(Agents.get(agent, "/files/read?path=" + base + "/big&offset=-5").statusCode())
          .isEqualTo(400);
    }
  }

  @Test
  @Covers({"H01", "W02"})
  void theLeaderIsFoundThroughZooKeeper() throws Exception {
    try (var zooKeeper = EmbeddedZooKeeper.start(root.resolve("zk"), "127.0.0.1", 0);
        var first = new FakeMaster();
        var second = new FakeMaster()) {
      var url = "zk://127.0.0.1:" + zooKeeper.port() + "/mesos";
      try (var agent = Agents.start(first, root, "--master=" + url);
          var client = ZkClient.connect(ZkUrl.parse(url), Duration.ofSeconds(10))) {
        var leading = Election.contend(client, "json.info", payload(first), new Nobody());
        first.next(UpdateSlaveMessage.class);
        var waiting = Election.contend(client, "json.info", payload(second), new Nobody());
        leading.close();
        assertThat(second.next(ReregisterSlaveMessage.class).getSlave().getId().getValue())
            .isEqualTo(FakeMaster.ID);
        assertThat(agent.ended()).isNotDone();
        waiting.close();
      }
    }
  }

  private static final class Nobody implements Election.Listener {
    @Override
    public void elected(Fence fence) {}

    @Override
    public void lost(String reason) {}
  }

  private static byte[] payload(FakeMaster master) {
    return io.meseta.wire.json.Json.writeSorted(MasterWatch.fixed(master.address()));
  }

  @Test
  @Covers({"L10", "L12"})
  void metricsAreLimitedToTwoASecond() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root)) {
      master.next(UpdateSlaveMessage.class);
      long begin = System.nanoTime();
      for (int i = 0; i < 4; i++) {
        assertThat(Agents.get(agent, "/metrics/snapshot?timeout=10secs").statusCode())
            .isEqualTo(200);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isGreaterThan(Duration.ofMillis(1400));
      var bad = Agents.get(agent, "/metrics/snapshot?timeout=soon");
      assertThat(bad.statusCode()).isEqualTo(400);
      assertThat(bad.body()).contains("'soon'");
    }
  }

  @Test
  @Covers("H06")
  void theMasterMayBeNamedInAFile() throws Exception {
    try (var master = new FakeMaster()) {
      var file = Files.writeString(root.resolve("master"), master.address() + "\n");
      try (var agent = Agents.start(master, root, "--master=file://" + file)) {
        master.next(UpdateSlaveMessage.class);
        assertThat(Agents.get(agent, "/state").body()).contains(FakeMaster.ID);
      }
      Files.writeString(file, "nowhere\n");
      assertThatThrownBy(
              () -> Agents.start(master, root.resolve("other"), "--master=file://" + file).close())
          .hasMessageContaining("--master=nowhere (expected: host:port");
    }
  }

  @Test
  @Covers("N05")
  void aCommandSaysWhereToListen() throws Exception {
    try (var master = new FakeMaster()) {
      var arguments = Agents.arguments(master, root, "--ip_discovery_command=echo 127.0.0.1");
      assertThatThrownBy(() -> start(arguments).close())
          .hasMessageContaining("--ip_discovery_command: expected instead of --ip, not with it");
      arguments.remove("--ip=127.0.0.1");
      try (var agent = start(arguments)) {
        master.next(UpdateSlaveMessage.class);
        assertThat(agent.self().toString()).isEqualTo("slave(1)@127.0.0.1:" + agent.port());
      }
      arguments.removeIf(given -> given.startsWith("--ip_discovery_command"));
      arguments.add("--ip_discovery_command=false");
      assertThatThrownBy(() -> start(arguments).close())
          .hasMessage("--ip_discovery_command: 'false' ended with status 1");
    }
  }

  private static AgentServer start(List<String> arguments) throws Exception {
    return AgentServer.start(Flags.parse(AgentFlags.class, AgentMain.STYLE, arguments, Map.of()));
  }

  @Test
  @Covers({"CFG01", "CFG03"})
  void badFlagsAreAllNamedAtOnce() {
    try (var master = new FakeMaster()) {
      assertThatThrownBy(() ->
              Agents.start(
                      master,
                      root,
                      "--isolation=cgroups/cpu,posix/mem",
                      "--recover=never",
                      "--gc_disk_headroom=7")
                  .close())
          .hasMessageContaining("no isolator 'cgroups/cpu'")
          .hasMessageContaining("--recover=never (expected: cleanup or reconnect)")
          .hasMessageContaining("--gc_disk_headroom=7.0");
    }
  }

  @Test
  @Covers({"CFG03", "R01", "R03", "R08"})
  void flagsThatCannotBeReadAreNamed() {
    try (var master = new FakeMaster()) {
      var wrong =
          Map.of(
              "--resources=cpus:x", "--resources: Bad type for resource cpus value x type TEXT",
              "--attributes=rack", "--attributes: Invalid attribute key:value pair 'rack'",
              "--default_role=a//b", "--default_role: Role 'a//b' cannot contain two adjacent",
              "--domain={", "--domain: Failed to parse body into JSON",
              "--domain={}", "--domain: {}: expected a fault_domain",
              "--domain=/no/such", "--domain: --domain=/no/such: cannot be read",
              "--logging_level=LOUD", "--logging_level=LOUD (expected: ERROR or INFO or WARNING)",
              "--ip=999.1.1.1", "--ip: 999.1.1.1: ");
      wrong.forEach((flag, message) ->
          assertThatThrownBy(() -> Agents.start(master, root, flag).close())
              .as(flag)
              .isInstanceOf(AgentServer.StartException.class)
              .hasMessageStartingWith(message));
    }
  }

  @Test
  @Covers("CFG03")
  void theDomainMayBeInAFile() throws Exception {
    var file =
        Files.writeString(
            root.resolve("domain"),
            "{\"fault_domain\":{\"region\":{\"name\":\"r\"},\"zone\":{\"name\":\"z\"}}}\n");
    for (var given : List.of(file.toString(), "file://" + file)) {
      try (var master = new FakeMaster();
          var agent =
              Agents.start(master, root.resolve(given.substring(0, 4)), "--domain=" + given)) {
        assertThat(Agents.get(agent, "/state").body())
            .contains("\"fault_domain\":{\"region\":{\"name\":\"r\"},\"zone\":{\"name\":\"z\"}}");
      }
    }
  }

  @Test
  @Covers("OA01")
  void allAcceptHeadersCount() throws Exception {
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root);
        var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/api/v1"))
              .header("Content-Type", "application/json")
              .header("Accept", "text/html")
              .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"GET_HEALTH\"}"));
      assertThat(http.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(406);
      request.header("Accept", "application/json");
      var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).contains("\"healthy\":true");
    }
  }

  @Test
  @Covers({"R02", "R03"})
  void resourcesThatAreNotNamedAreDetected() throws Exception {
    var all = Detection.resources("", "*", root);
    assertThat(all.cpus()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(all.mem()).isPositive();
    assertThat(all.disk()).isPositive();
    assertThat(all.ports()).hasToString("[31000-32000]");
    var some = Detection.resources("cpus:3;mem(a):5;gpus:0", "b", root);
    assertThat(some.cpus()).isEqualTo(3);
    assertThat(some.reservedTo("a").mem()).isEqualTo(5);
    assertThat(some.reservedTo("b").cpus()).isEqualTo(3);
    assertThat(some.ports()).hasToString("[31000-32000]");
    assertThat(Detection.usable(3L << 30, 1, 2)).isEqualTo(2L << 30);
    assertThat(Detection.usable(1L << 30, 1, 2)).isEqualTo(1L << 29);
  }

  @Test
  void manyTasksGoThrough() throws Exception {
    int count = 300;
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root)) {
      master.next(UpdateSlaveMessage.class);
      for (var framework : new io.meseta.wire.v1.FrameworkInfo[] {PLAIN, KEPT}) {
        for (int i = 0; i < count; i++) {
          master.run(framework, FakeMaster.task("n" + i, "exit 0"));
        }
        for (int done = 0; done < count; ) {
          var state = master.next(StatusUpdateMessage.class).getUpdate().getStatus().getState();
          done += state == TaskState.TASK_FINISHED ? 1 : 0;
        }
      }
      assertThat(agent.ended()).isNotDone();
    }
  }
}
