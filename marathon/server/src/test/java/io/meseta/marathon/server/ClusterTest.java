// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.v1.TaskState;
import io.meseta.zk.EmbeddedZooKeeper;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several Marathons with a real ZooKeeper.
class ClusterTest extends MarathonTest {
  @TempDir Path folder;
  private EmbeddedZooKeeper zooKeeper;
  private MarathonServer other;

  @BeforeEach
  void startZooKeeper() throws Exception {
    zooKeeper = EmbeddedZooKeeper.start(folder, "127.0.0.1", 0);
    cluster = FakeCluster.ofOneAgent();
  }

  @AfterEach
  void stopRest() {
    if (other != null) {
      other.close();
    }
    if (server != null) {
      server.close();
    }
    zooKeeper.close();
  }

  private MarathonServer marathon() throws Exception {
    return server(cluster, 0, "--zk=zk://127.0.0.1:" + zooKeeper.port() + "/marathon");
  }

  @Test
  @Covers({"M-STO-01", "M-STO-06", "M-STO-07", "M-HTTP-10", "M-HTTP-11", "M-SEM-08", "M-INF-02"})
  void aStandbyForwardsAndTakesOver() throws Exception {
    server = marathon();
    until("leads", server::leading);
    other = marathon();
    run("{\"id\":\"/s/a\",\"cmd\":\"sleep 1\",\"instances\":2}");
    put("/v2/apps/s/a", "{\"env\":{\"A\":\"1\"}}");
    settled();
    var tasks = taskIds("/s/a");

    until("the standby knows", () -> send("GET", other.port(), "/v2/leader", "").status() == 200);
    var forwarded = send("GET", other.port(), "/v2/apps//s/a", "");
    assertThat(forwarded.status()).isEqualTo(200);
    assertThat(forwarded.json().at("/app/id").stringValue()).isEqualTo("/s/a");
    assertThat(forwarded.header("Via")).isEqualTo("1.1 127.0.0.1:" + other.port());
    assertThat(forwarded.header("X-Marathon-Leader"))
        .isEqualTo("http://127.0.0.1:" + server.port());
    assertThat(send("PUT", other.port(), "/v2/apps/s/a", "{").status()).isEqualTo(400);
    assertThat(
            send("GET", other.port(), "/v2/apps", "", "Via", "1.1 127.0.0.1:" + other.port())
                .status())
        .isEqualTo(502);
    var events = send("GET", other.port(), "/v2/events", "", "Accept", "text/event-stream");
    assertThat(events.status()).isEqualTo(302);
    assertThat(events.header("Location"))
        .isEqualTo("http://127.0.0.1:" + server.port() + "/v2/events");

    // A deployment is under way when the leader goes.
    cluster.behaviour = task -> TaskState.TASK_STAGING;
    post("/v2/apps", "{\"id\":\"/s/b\",\"cmd\":\"sleep 2\"}");
    until("launched", () -> cluster.launched.stream().anyMatch(t -> t.getName().equals("b.s")));
    int launched = cluster.launched.size();
    server.close();
    server = other;
    other = null;
    until("takes over", server::leading);
    until(
        "subscribed",
        () -> cluster.calls.stream().filter(call -> call.hasSubscribe()).count() == 2);
    assertThat(
            cluster.calls.reversed().stream()
                .filter(call -> call.hasSubscribe())
                .findFirst()
                .orElseThrow()
                .getFrameworkId()
                .getValue())
        .isEqualTo("F-1");
    assertThat(get("/v2/apps/s/a/versions").json().get("versions").size()).isEqualTo(2);
    assertThat(taskIds("/s/a")).containsExactlyInAnyOrderElementsOf(tasks);
    assertThat(get("/v2/deployments").json().size()).isEqualTo(1);
    cluster
        .tasks()
        .forEach(
            task -> cluster.update(task.info().getTaskId().getValue(), TaskState.TASK_RUNNING, ""));
    settled();
    assertThat(cluster.launched).hasSize(launched);
    assertThat(taskIds("/s/b")).hasSize(1);
  }

  @Test
  @Covers("M-HTTP-10")
  void withoutALeaderAStandbySays502() throws Exception {
    server = marathon();
    until("leads", server::leading);
    other = marathon();
    until("the standby knows", () -> send("GET", other.port(), "/ping", "").status() == 200);
    zooKeeper.close();
    server.close();
    assertThat(send("GET", other.port(), "/v2/apps", "").status()).isEqualTo(502);
  }
}
