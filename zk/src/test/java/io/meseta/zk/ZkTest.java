// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Covers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZkTest {
  @TempDir Path dir;
  private EmbeddedZooKeeper server;
  private ZkUrl url;

  @BeforeEach
  void start() throws Exception {
    server = EmbeddedZooKeeper.start(dir, "127.0.0.1", 0);
    url = ZkUrl.parse("zk://127.0.0.1:" + server.port() + "/mesos");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static final class Candidate implements Election.Listener {
    final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
    volatile Fence fence;
    volatile String why = "";

    @Override
    public void elected(Fence granted) {
      fence = granted;
      events.add("elected");
    }

    @Override
    public void lost(String reason) {
      events.add("lost");
      why = reason;
    }

    @Override
    public void suspended() {
      events.add("suspended");
    }

    @Override
    public void resumed() {
      events.add("resumed");
    }

    String next() throws InterruptedException {
      return events.poll(15, TimeUnit.SECONDS);
    }
  }

  @Test
  @Covers("H01")
  void theLowestCandidateLeadsAndTheNextOneFollowsIt() throws Exception {
    var leaders = new LinkedBlockingQueue<String>();
    try (var first = ZkClient.connect(url, Duration.ofSeconds(4));
        var second = ZkClient.connect(url, Duration.ofSeconds(4));
        var watcher = ZkClient.connect(url, Duration.ofSeconds(4));
        var detector = Detector.watch(watcher, "json.info", leader -> leaders.add(text(leader)))) {
      var a = new Candidate();
      var b = new Candidate();
      var electionA = Election.contend(first, "json.info", bytes("A"), a);
      assertThat(a.next()).isEqualTo("elected");
      assertThat(a.fence.candidate()).isEqualTo("/mesos/json.info_0000000000");
      first.curator().create().forPath("/mesos/log_replicas");
      try (var electionB = Election.contend(second, "json.info", bytes("B"), b)) {
        var seen = leaders.poll(5, TimeUnit.SECONDS);
        assertThat(seen.equals("nobody") ? leaders.poll(5, TimeUnit.SECONDS) : seen).isEqualTo("A");
        electionA.close();
        assertThat(b.next()).isEqualTo("elected");
        var next = leaders.poll(5, TimeUnit.SECONDS);
        assertThat(next.equals("nobody") ? leaders.poll(5, TimeUnit.SECONDS) : next).isEqualTo("B");
        assertThat(electionB).isNotNull();
      }
    }
  }

  @Test
  void aLeaderWhoseNodeIsRemovedIsToldAndCannotWrite() throws Exception {
    try (var client = ZkClient.connect(url, Duration.ofSeconds(4))) {
      var a = new Candidate();
      try (var election = Election.contend(client, "json.info", bytes("A"), a);
          var store = FencedStore.sharded(client, "/mesos/registry")) {
        assertThat(a.next()).isEqualTo("elected");
        assertThat(store.load(a.fence)).isEmpty();
        store.write(Map.of("x", bytes("1")), Set.of()).toCompletableFuture().join();
        client.curator().delete().forPath(a.fence.candidate());
        assertThat(a.next()).isEqualTo("lost");
        assertThatThrownBy(
                () -> store.write(Map.of("y", bytes("2")), Set.of()).toCompletableFuture().join())
            .isInstanceOf(CompletionException.class)
            .hasCauseInstanceOf(FencedException.class);
        assertThat(election).isNotNull();
      }
      try (var store = FencedStore.sharded(client, "/mesos/registry")) {
        assertThat(store.load(new Fence("/none"))).containsOnlyKeys("x");
      }
    }
  }

  @Test
  void recordsSurviveTheServerAndMayBeManyAndOddlyNamed() throws Exception {
    var puts = new HashMap<String, byte[]>();
    for (int i = 0; i < 1500; i++) {
      puts.put("agent/%s/é." + i, bytes("x".repeat(1000) + i));
    }
    try (var client = ZkClient.connect(url, Duration.ofSeconds(4))) {
      var a = new Candidate();
      try (var election = Election.contend(client, "json.info", bytes("A"), a);
          var store = FencedStore.sharded(client, "/mesos/registry");
          var flat = FencedStore.flat(client, "/mesos/state")) {
        assertThat(a.next()).isEqualTo("elected");
        store.load(a.fence);
        flat.load(a.fence);
        store.write(puts, Set.of()).toCompletableFuture().join();
        store
            .write(Map.of("one", bytes("1"), "two", bytes("2")), Set.of())
            .toCompletableFuture()
            .join();
        store
            .write(Map.of("one", bytes("11")), Set.of("two", "nosuch"))
            .toCompletableFuture()
            .join();
        flat.write(Map.of("J_job", bytes("{}")), Set.of()).toCompletableFuture().join();
        assertThat(client.curator().getData().forPath("/mesos/state/J_job")).isEqualTo(bytes("{}"));
        assertThatThrownBy(() ->
                store
                    .write(Map.of("big", new byte[1_000_000]), Set.of())
                    .toCompletableFuture()
                    .join())
            .hasMessageContaining("1000000 bytes (expected: at most");
        assertThat(election).isNotNull();
      }
    }
    int port = server.port();
    server.close();
    server = EmbeddedZooKeeper.start(dir, "127.0.0.1", port);
    try (var client = ZkClient.connect(url, Duration.ofSeconds(4));
        var store = FencedStore.sharded(client, "/mesos/registry")) {
      var records = store.load(new Fence("/none"));
      assertThat(records).hasSize(1501).containsEntry("one", bytes("11")).doesNotContainKey("two");
      assertThat(records.get("agent/%s/é.7")).isEqualTo(puts.get("agent/%s/é.7"));
    }
  }

  @Test
  void aRestartOfTheServerIsSurvivedByTheLeader() throws Exception {
    try (var client = ZkClient.connect(url, Duration.ofSeconds(20))) {
      var a = new Candidate();
      try (var election = Election.contend(client, "json.info", bytes("A"), a);
          var store = FencedStore.sharded(client, "/mesos/registry")) {
        assertThat(a.next()).isEqualTo("elected");
        store.load(a.fence);
        int port = server.port();
        server.close();
        var write = store.write(Map.of("x", bytes("1")), Set.of()).toCompletableFuture();
        server = EmbeddedZooKeeper.start(dir, "127.0.0.1", port);
        write.get(20, TimeUnit.SECONDS);
        assertThat(a.events).isEmpty();
        assertThat(election).isNotNull();
      }
    }
  }

  /// An ensemble that was away longer than a session keeps the session, and its leader leads on.
  @Test
  @Covers({"H01", "H02"})
  void aLongAbsenceOfTheServerSuspendsTheLeader() throws Exception {
    try (var client = ZkClient.connect(url, Duration.ofSeconds(2))) {
      var a = new Candidate();
      try (var election = Election.contend(client, "json.info", bytes("A"), a);
          var store = FencedStore.sharded(client, "/mesos/registry")) {
        assertThat(a.next()).isEqualTo("elected");
        store.load(a.fence);
        int port = server.port();
        server.close();
        var write = store.write(Map.of("x", bytes("1")), Set.of()).toCompletableFuture();
        assertThat(a.next()).isEqualTo("suspended");
        Thread.sleep(12_000); // the client resigns again and again, every 2.7 s
        server = EmbeddedZooKeeper.start(dir, "127.0.0.1", port);
        assertThat(a.next() + a.why).isEqualTo("resumed");
        write.get(20, TimeUnit.SECONDS);
        Thread.sleep(4000); // a node of another session would be gone by now
        assertThat(a.events).isEmpty();
        assertThat(election).isNotNull();
      }
    }
  }

  @Test
  @Covers("H02")
  void aLeaderWithoutServersGivesUpInTheEnd() throws Exception {
    try (var client = ZkClient.connect(url, Duration.ofSeconds(2))) {
      var a = new Candidate();
      try (var election =
          Election.contend(client, "/mesos", "json.info", bytes("A"), Duration.ofSeconds(4), a)) {
        assertThat(a.next()).isEqualTo("elected");
        server.close();
        assertThat(a.next()).isEqualTo("suspended");
        assertThat(a.next()).isEqualTo("lost");
        assertThat(election).isNotNull();
      }
    }
  }

  @Test
  void urlsAreRead() {
    var full = ZkUrl.parse("zk://me:secret@h1:2181,h2/mesos/sub/");
    assertThat(full).isEqualTo(new ZkUrl(Optional.of("me:secret"), "h1:2181,h2", "/mesos/sub"));
    assertThat(full.toString()).isEqualTo("zk://me:***@h1:2181,h2/mesos/sub");
    assertThat(ZkUrl.parse("zk://h").path()).isEqualTo("/");
    assertThat(ZkUrl.parse("zk://h").child("a")).isEqualTo("/a");
    for (var wrong :
        new String[] {
          "h:1", "zk://", "zk://h:x/p", "zk://:1", "zk://h:99999", "zk://u@h/p", "zk://h//p"
        }) {
      assertThatThrownBy(() -> ZkUrl.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Optional<byte[]> payload) {
    return payload.map(data -> new String(data, StandardCharsets.UTF_8)).orElse("nobody");
  }
}
