// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.flags.FlagException;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Event;
import io.meseta.zk.Detector;
import io.meseta.zk.EmbeddedZooKeeper;
import io.meseta.zk.ZkClient;
import io.meseta.zk.ZkUrl;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElectionTest {
  @TempDir Path folder;

  private static MasterServer start(EmbeddedZooKeeper zookeeper) throws Exception {
    return TestMaster.start(
        "--hostname=127.0.0.1",
        "--zk=zk://127.0.0.1:" + zookeeper.port() + "/mesos",
        "--zk_session_timeout=2secs");
  }

  private static void awaitElected(MasterServer master) throws Exception {
    try (var client = new Client(master.port())) {
      for (int i = 0; i < 200; i++) {
        if (master.elected()
            && client.json("/api/v1", "{\"type\":\"GET_HEALTH\"}").statusCode() == 200) {
          return;
        }
        Thread.sleep(50);
      }
    }
    throw new AssertionError("not elected within ten seconds");
  }

  @Test
  @Covers({"H01", "H02", "H05", "L13", "S04", "S18", "MET03"})
  void followersRedirectAndTakeOverWithTheRegistry() throws Exception {
    try (var zookeeper = EmbeddedZooKeeper.start(folder, "127.0.0.1", 0);
        var zk =
            ZkClient.connect(
                ZkUrl.parse("zk://127.0.0.1:" + zookeeper.port() + "/mesos"),
                Duration.ofSeconds(5));
        var agent = new FakeAgent()) {
      var leaders = new LinkedBlockingQueue<Optional<byte[]>>();
      var first = start(zookeeper);
      awaitElected(first);
      try (var detector = Detector.watch(zk, "json.info", leaders::add);
          var second = start(zookeeper);
          var follower = new Client(second.port())) {
        var payload = leaders.poll(10, TimeUnit.SECONDS).orElseThrow();
        assertThat(new String(payload, StandardCharsets.UTF_8))
            .matches(
                "\\{\"address\":\\{\"hostname\":\"127.0.0.1\",\"ip\":\"127.0.0.1\",\"port\":[0-9]+\\},"
                    + "\"capabilities\":\\[\\{\"type\":\"AGENT_UPDATE\"\\},\\{\"type\":\"AGENT_DRAINING\"\\},\\{\"type\":\"QUOTA_V2\"\\}\\],"
                    + "\"hostname\":\"127.0.0.1\",\"id\":\"[-0-9a-f]+\",\"ip\":16777343,"
                    + "\"pid\":\"master@127.0.0.1:[0-9]+\",\"port\":[0-9]+,\"version\":\"1.12.0\"\\}");

        agent.register(Upid.parse(first.pid()).orElseThrow());
        FrameworkInfo info;
        io.meseta.wire.v1.Task task;
        try (var client = new Client(first.port());
            var scheduler =
                client.subscribe(
                    Client.subscribeCall(Map.of("failover_timeout", "600", "checkpoint", "true")),
                    true)) {
          var unused = scheduler.await(Event.Type.SUBSCRIBED);
          var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
          scheduler.call(
              SchedulerEndpointTest.launch(offer, SchedulerEndpointTest.task("t1", offer)));
          var run = agent.awaitTask();
          info = run.getFramework();
          task =
              io.meseta.wire.v1.Task.newBuilder()
                  .setName("t1")
                  .setTaskId(run.getTask().getTaskId())
                  .setFrameworkId(FrameworkID.newBuilder().setValue(scheduler.frameworkId))
                  .setAgentId(agent.id)
                  .setState(TaskState.TASK_RUNNING)
                  .addAllResources(run.getTask().getResourcesList())
                  .build();
        }

        try (var leader = new Client(first.port())) {
          var metrics = leader.get("/metrics/snapshot").body();
          assertThat(figure(metrics, "registrar/registry_size_bytes")).isGreaterThan(50);
          assertThat(figure(metrics, "registrar/state_store_ms/count")).isPositive();
          assertThat(figure(metrics, "registrar/state_store_ms/p99")).isPositive();
          assertThat(figure(metrics, "registrar/state_fetch_ms")).isPositive();
        }

        // As soon as the follower knows the leader it sends everybody there.
        await(() -> follower.get("/master/state").statusCode() != 503);
        var redirect = follower.get("/master/state?x=y");
        assertThat(redirect.statusCode()).isEqualTo(307);
        assertThat(redirect.headers().firstValue("Location"))
            .hasValue("//127.0.0.1:" + first.port() + "/master/state?x=y");
        assertThat(follower.get("/quota/a%20b%3Fc").headers().firstValue("Location"))
            .hasValue("//127.0.0.1:" + first.port() + "/quota/a%20b%3Fc");
        assertThat(follower.get("/quota/a%0d%0ab").statusCode()).isEqualTo(404);
        assertThat(follower.json("/api/v1/scheduler", "{}").statusCode()).isEqualTo(307);
        assertThat(follower.get("/health").statusCode()).isEqualTo(200);
        for (var own :
            List.of(
                "/version",
                "/flags",
                "/metrics",
                "/metrics/snapshot",
                "/logging/toggle",
                "/files/debug",
                "/system/stats.json",
                "/memory-profiler/state",
                "/__processes__",
                "/help")) {
          assertThat(follower.get(own).statusCode()).as(own).isEqualTo(200);
        }
        for (var ofLeader : List.of("/quota/a.b", "/weights/a.b", "/app.jsx")) {
          assertThat(follower.get(ofLeader).statusCode()).as(ofLeader).isEqualTo(307);
        }
        assertThat(follower.request("DELETE", "/quota/a.b", "").statusCode()).isEqualTo(307);
        for (var ofConsole : List.of("/", "/app.js", "/lib/ui.js", "/master/app.js")) {
          assertThat(follower.get(ofConsole).statusCode()).as(ofConsole).isEqualTo(200);
        }
        assertThat(follower.get("/redirect").headers().firstValue("Location"))
            .hasValue("//127.0.0.1:" + first.port());

        first.close();
        awaitElected(second);
        assertThat(follower.get("/slaves").body())
            .contains("\"slaves\":[],\"recovered_slaves\":[{\"id\":\"" + agent.id.getValue());
        agent.reregister(Upid.parse(second.pid()).orElseThrow(), List.of(info), task);
        assertThat(follower.get("/state").body())
            .contains("\"recovered_slaves\":[]")
            .contains("\"recovered\":true");
        var id = "{\"value\":\"" + info.getId().getValue() + "\"}";
        var call =
            Client.subscribeCall(Map.of("failover_timeout", "600", "checkpoint", "true", "id", id))
                .replaceFirst("\\{", "{\"framework_id\":" + id + ",");
        try (var back = follower.subscribe(call, true)) {
          var unused = back.await(Event.Type.SUBSCRIBED);
          assertThat(follower.get("/tasks").body()).contains("\"id\":\"t1\"");
        }
        second.close();
      }
    }
  }

  private static double figure(String metrics, String name) {
    var matcher = Pattern.compile("\"" + name + "\":([-0-9.eE]+)").matcher(metrics);
    assertThat(matcher.find()).as(name).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  /// Without ZooKeeper nobody knows who leads; when it comes back, all goes on as before.
  @Test
  @Covers({"H02", "S04"})
  void aLeaderWithoutZooKeeperWaitsAndLeadsOn() throws Exception {
    var zookeeper = EmbeddedZooKeeper.start(folder, "127.0.0.1", 0);
    var master = start(zookeeper);
    try (var client = new Client(master.port());
        var agent = new FakeAgent()) {
      awaitElected(master);
      agent.register(Upid.parse(master.pid()).orElseThrow());
      try (var scheduler = client.subscribe(Client.subscribeCall(Map.of()), true)) {
        var unused = scheduler.await(Event.Type.SUBSCRIBED);
        var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
        zookeeper.close();
        await(() -> client.get("/state").statusCode() == 503);
        assertThat(client.get("/state").body()).isEqualTo("No leader elected");
        assertThat(client.get("/health").statusCode()).isEqualTo(200);
        assertThat(client.get("/metrics/snapshot").body()).contains("\"master/elected\":0.0");
        assertThat(
                scheduler
                    .call(
                        SchedulerEndpointTest.launch(offer, SchedulerEndpointTest.task("t", offer)))
                    .statusCode())
            .isEqualTo(503);
        zookeeper = EmbeddedZooKeeper.start(folder, "127.0.0.1", zookeeper.port());
        awaitElected(master);
        assertThat(
                scheduler
                    .call(
                        SchedulerEndpointTest.launch(offer, SchedulerEndpointTest.task("t", offer)))
                    .statusCode())
            .isEqualTo(202);
        assertThat(agent.awaitTask().getTask().getName()).isEqualTo("t");
        assertThat(scheduler.ended).isFalse();
        assertThat(master.ended().isDone()).isFalse();
      }
    } finally {
      master.close();
      zookeeper.close();
    }
  }

  private static void await(java.util.concurrent.Callable<Boolean> condition) throws Exception {
    for (int i = 0; i < 400; i++) {
      if (condition.call()) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("not within 20 seconds");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--registry=zookeeper",
        "--registry=disk",
        "--agent_reregister_timeout=1mins",
        "--zk=localhost:2181",
        "--max_agent_ping_timeouts=0",
        "--port=x",
        "--nosuch=1"
      })
  @Covers({"CFG01", "CFG02", "H03"})
  void flagsThatCannotWorkAreRefused(String flag) {
    assertThatThrownBy(() -> MasterFlags.parse(List.of(flag), Map.of()))
        .isInstanceOf(FlagException.class)
        .hasMessageContaining(flag.substring(2, flag.indexOf('=')));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--weights=a", "--weights=a=-1", "--min_allocatable_resources=x"})
  @Covers({"CFG02", "A08", "A09"})
  void valuesThatCannotWorkAreNamed(String flag) {
    assertThatThrownBy(() -> TestMaster.start(flag))
        .isInstanceOf(FlagException.class)
        .hasMessageContaining(flag.substring(0, flag.indexOf('=')));
  }
}
