// SPDX-License-Identifier: Apache-2.0
package io.meseta.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// An ensemble of three ZooKeepers, three masters, an agent, two Marathons and a Chronos, each a
/// process of its own.
@Tag("slow")
@Timeout(280)
class HighAvailabilityTest {
  // Kept when a test fails: the logs of all programs are in it.
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path dir;

  private final List<Program> zookeepers = new ArrayList<>();
  private final List<Program> masters = new ArrayList<>();
  private final List<Integer> masterPorts = new ArrayList<>();
  private final List<Program> marathons = new ArrayList<>();
  private final List<Integer> marathonPorts = new ArrayList<>();
  private final List<Program> others = new ArrayList<>();
  private final List<String> servers = new ArrayList<>();
  private final List<Integer> zookeeperPorts = new ArrayList<>();
  private String zk;
  private int agentPort;
  private int chronosPort;

  @BeforeEach
  void start() throws Exception {
    var ports = zookeeperPorts;
    for (int i = 1; i <= 3; i++) {
      servers.add(i + "=127.0.0.1:" + Program.freePort() + ":" + Program.freePort());
      ports.add(Program.freePort());
    }
    for (int i = 0; i < 3; i++) {
      zookeepers.add(zookeeper(i));
    }
    zk = "127.0.0.1:" + ports.get(0) + ",127.0.0.1:" + ports.get(1) + ",127.0.0.1:" + ports.get(2);
    for (int i = 0; i < 3; i++) {
      masterPorts.add(Program.freePort());
      masters.add(master(i));
    }
    agentPort = Program.freePort();
    others.add(agent());
    for (int i = 0; i < 2; i++) {
      marathonPorts.add(Program.freePort());
      marathons.add(
          Program.start(
              folder("marathon" + i),
              "marathon",
              "--master",
              "zk://" + zk + "/mesos",
              "--zk",
              "zk://" + zk + "/marathon",
              "--http_address",
              "127.0.0.1",
              "--hostname",
              "localhost",
              "--http_port",
              "" + marathonPorts.get(i)));
    }
    chronosPort = Program.freePort();
    others.add(
        Program.start(
            folder("chronos"),
            "chronos",
            "--master",
            "zk://" + zk + "/mesos",
            "--zk_hosts",
            zk,
            "--http_address",
            "127.0.0.1",
            "--hostname",
            "localhost",
            "--http_port",
            "" + chronosPort));
  }

  private Program zookeeper(int i) throws Exception {
    var home = folder("zk" + (i + 1));
    return Program.start(
        home,
        "zookeeper",
        "--work_dir",
        home.toString(),
        "--port",
        "" + zookeeperPorts.get(i),
        "--servers",
        String.join(",", servers),
        "--id",
        "" + (i + 1));
  }

  private Program master(int i) throws Exception {
    return Program.start(
        folder("master" + i),
        "master",
        "--zk=zk://" + zk + "/mesos",
        "--ip=127.0.0.1",
        "--hostname=localhost",
        "--port=" + masterPorts.get(i),
        "--work_dir=" + folder("master" + i),
        "--quorum=2",
        "--zk_session_timeout=4secs");
  }

  private Program agent() throws Exception {
    return Program.start(
        folder("agent"),
        "agent",
        "--master=zk://" + zk + "/mesos",
        "--ip=127.0.0.1",
        "--hostname=localhost",
        "--port=" + agentPort,
        "--work_dir=" + folder("agent").resolve("work"),
        "--runtime_dir=" + folder("agent").resolve("run"),
        "--resources=cpus:4;mem:4096;disk:4096");
  }

  private Path folder(String name) throws Exception {
    return Files.createDirectories(dir.resolve(name));
  }

  @AfterEach
  void stop() throws Exception {
    for (var list : List.of(marathons, others, masters, zookeepers)) {
      for (var program : list) {
        program.kill();
      }
    }
    // The tasks outlived their agent, as they should; now they go too.
    ProcessHandle.allProcesses()
        .filter(p -> {
          try {
            return Files.readSymbolicLink(Path.of("/proc/" + p.pid() + "/cwd")).startsWith(dir);
          } catch (java.io.IOException gone) {
            return false;
          }
        })
        .forEach(ProcessHandle::destroyForcibly);
  }

  private int leader() throws Exception {
    for (int i = 0; i < masters.size(); i++) {
      if (masters.get(i).isAlive() && elected(i) == 1.0) {
        return i;
      }
    }
    throw new IllegalStateException("nobody leads");
  }

  /// 0 too for one that does not listen yet.
  private double elected(int master) throws Exception {
    try {
      var metrics =
          Http.send("GET", "http://127.0.0.1:" + masterPorts.get(master) + "/metrics/snapshot", "");
      return metrics.statusCode() == 200
          ? Http.parse(metrics.body()).get("master/elected").doubleValue()
          : 0;
    } catch (ConnectException e) {
      return 0;
    }
  }

  private String marathon(int i, String path) {
    return "http://localhost:" + marathonPorts.get(i) + path;
  }

  private Set<String> running(int through) throws Exception {
    var ids = new TreeSet<String>();
    for (var task : Http.json(marathon(through, "/v2/apps//ha/tasks")).get("tasks")) {
      if (task.get("state").stringValue().equals("TASK_RUNNING")) {
        ids.add(task.get("id").stringValue());
      }
    }
    return ids;
  }

  @Test
  @Covers({"H01", "H02", "H05", "L13", "S17", "G02", "M-HTTP-10", "M-HTTP-11", "M-INF-02"})
  void leadersMayDieAndTasksStay() throws Exception {
    Http.await(
        "the app is taken",
        Duration.ofSeconds(120),
        () ->
            Http.send(
                        "POST",
                        marathon(0, "/v2/apps"),
                        "{\"id\":\"/ha\",\"cmd\":\"sleep 1000\",\"cpus\":0.1,\"mem\":16,\"instances\":3}")
                    .statusCode()
                == 201);
    Http.await("three tasks", Duration.ofSeconds(90), () -> running(0).size() == 3);
    var tasks = running(0);

    // Followers send to the leader.
    int first = leader();
    int follower = (first + 1) % 3;
    try (var client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build()) {
      var answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + masterPorts.get(follower) + "/state?x=1"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(307);
      assertThat(answer.headers().firstValue("Location"))
          .contains("//localhost:" + masterPorts.get(first) + "/state?x=1");
    }

    // The leading master dies: another leads, agent and frameworks come back with everything.
    masters.get(first).kill();
    Http.await("another leader", Duration.ofSeconds(30), () -> leader() != first);
    int second = leader();
    Http.await(
        "agent and tasks are back",
        Duration.ofSeconds(60),
        () -> {
          var state = Http.json("http://127.0.0.1:" + masterPorts.get(second) + "/state");
          int count = 0;
          for (var framework : state.get("frameworks")) {
            count += framework.get("active").booleanValue() ? framework.get("tasks").size() : 0;
          }
          return state.get("activated_slaves").doubleValue() == 1.0 && count == 3;
        });
    assertThat(running(0)).isEqualTo(tasks);
    masters.set(first, master(first));

    // Work goes on: a scale reaches the cluster through a standby Marathon.
    int leading =
        Http.json(marathon(0, "/v2/leader"))
                .get("leader")
                .stringValue()
                .endsWith(":" + marathonPorts.get(0))
            ? 0
            : 1;
    int standby = 1 - leading;
    Http.await(
        "scaled through the standby",
        Duration.ofSeconds(60),
        () ->
            Http.send("PUT", marathon(standby, "/v2/apps//ha?force=true"), "{\"instances\":4}")
                    .statusCode()
                == 200);
    Http.await("four tasks", Duration.ofSeconds(60), () -> running(standby).size() == 4);
    var four = running(standby);
    assertThat(four).containsAll(tasks);

    // The leading Marathon dies: the standby leads with every task.
    marathons.get(leading).kill();
    Http.await(
        "the standby leads",
        Duration.ofSeconds(60),
        () ->
            Http.json(marathon(standby, "/v2/leader"))
                .get("leader")
                .stringValue()
                .endsWith(":" + marathonPorts.get(standby)));
    Http.await("with every task", Duration.ofSeconds(60), () -> running(standby).equals(four));

    // The agent dies and returns: every task still runs.
    others.getFirst().kill();
    others.set(0, agent());
    Http.await(
        "the agent is back",
        Duration.ofSeconds(60),
        () ->
            Http.json("http://127.0.0.1:" + masterPorts.get(leader()) + "/state")
                    .get("activated_slaves")
                    .doubleValue()
                == 1.0);
    Thread.sleep(3000); // whatever would be reported as lost is reported now
    assertThat(running(standby)).isEqualTo(four);

    // One ZooKeeper of three dies: nothing happens.
    zookeepers.getFirst().kill();
    Http.await(
        "a job is taken with two of three ZooKeepers",
        Duration.ofSeconds(60),
        () ->
            Http.send(
                        "POST",
                        "http://localhost:" + chronosPort + "/v1/scheduler/iso8601",
                        "{\"name\":\"ha\",\"command\":\"true\",\"cpus\":0.1,\"mem\":16}")
                    .statusCode()
                == 204);
    Http.await(
        "and runs",
        Duration.ofSeconds(60),
        () ->
            Http.json("http://localhost:" + chronosPort + "/v1/scheduler/job/ha")
                    .get("successCount")
                    .intValue()
                == 1);
    assertThat(running(standby)).isEqualTo(four);
  }

  /// A leader that stood still for longer than its session finds that another leads, has written
  /// nothing, and ends. All of ZooKeeper is away for longer than a session: nothing is restarted,
  /// nothing is lost, and work goes on when it is back.
  @Test
  @Covers({"H01", "H02", "H05", "G02"})
  void aPausedLeaderEndsAndAnAbsentEnsembleIsWaitedFor() throws Exception {
    Http.await(
        "the app is taken",
        Duration.ofSeconds(120),
        () ->
            Http.send(
                        "POST",
                        marathon(0, "/v2/apps"),
                        "{\"id\":\"/ha\",\"cmd\":\"sleep 1000\",\"cpus\":0.1,\"mem\":16,\"instances\":2}")
                    .statusCode()
                == 201);
    Http.await("two tasks", Duration.ofSeconds(90), () -> running(0).size() == 2);
    var tasks = running(0);

    int paused = leader();
    masters.get((paused + 1) % 3).awaitOutput("rehearsing a takeover", Duration.ofSeconds(60));
    masters.get(paused).signal("STOP");
    Http.await(
        "another leads",
        Duration.ofSeconds(30),
        () -> {
          for (int i = 0; i < 3; i++) {
            if (i != paused && elected(i) == 1.0) {
              return true;
            }
          }
          return false;
        });
    masters.get(paused).signal("CONT");
    assertThat(masters.get(paused).awaitExit(Duration.ofSeconds(30))).isNotZero();
    assertThat(masters.get(paused).output()).contains("lost leadership");
    masters.set(paused, master(paused));
    int second = leader();
    Http.await(
        "the agent is with the new leader",
        Duration.ofSeconds(60),
        () ->
            Http.json("http://127.0.0.1:" + masterPorts.get(second) + "/state")
                    .get("activated_slaves")
                    .doubleValue()
                == 1.0);
    assertThat(running(0)).isEqualTo(tasks);

    for (var zookeeper : zookeepers) {
      zookeeper.kill();
    }
    Http.await("nobody leads", Duration.ofSeconds(30), () -> elected(second) == 0.0);
    assertThat(
            Http.send("GET", "http://127.0.0.1:" + masterPorts.get(second) + "/state", "")
                .statusCode())
        .isEqualTo(503);
    // Marathon's session is longer than the masters'; from then on changes are refused, not kept
    // waiting.
    Http.await(
        "Marathon knows",
        Duration.ofSeconds(30),
        () ->
            marathons.stream()
                .anyMatch(m -> m.output().contains("has not answered for the time of a session")));
    assertThat(
            Http.send("PUT", marathon(0, "/v2/apps//ha?force=true"), "{\"instances\":9}")
                .statusCode())
        .isEqualTo(503);
    assertThat(running(0)).isEqualTo(tasks);
    for (int i = 0; i < 3; i++) {
      zookeepers.set(i, zookeeper(i));
    }
    Http.await("somebody leads again", Duration.ofSeconds(60), () -> leader() >= 0);
    Http.await(
        "and has the agent and its tasks",
        Duration.ofSeconds(60),
        () -> {
          var state = Http.json("http://127.0.0.1:" + masterPorts.get(leader()) + "/state");
          int count = 0;
          for (var framework : state.get("frameworks")) {
            count += framework.get("active").booleanValue() ? framework.get("tasks").size() : 0;
          }
          return state.get("activated_slaves").doubleValue() == 1.0 && count == 2;
        });
    Http.await(
        "work goes on",
        Duration.ofSeconds(60),
        () ->
            Http.send("PUT", marathon(0, "/v2/apps//ha?force=true"), "{\"instances\":3}")
                    .statusCode()
                == 200);
    Http.await("three tasks", Duration.ofSeconds(60), () -> running(0).size() == 3);
    assertThat(running(0)).containsAll(tasks);
    for (var list : List.of(masters, marathons, others)) {
      for (var program : list) {
        assertThat(program.isAlive()).as(program.output()).isTrue();
      }
    }
  }
}
