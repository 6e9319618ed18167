// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.TaskState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeploymentsTest extends MarathonTest {
  private static String chain(int length) {
    var apps = new StringBuilder("[");
    for (int i = 0; i < length; i++) {
      apps.append(i == 0 ? "" : ",")
          .append("{\"id\":\"/c/a" + i + "\",\"cmd\":\"sleep 100\",\"instances\":0")
          .append(i == 0 ? "}" : ",\"dependencies\":[\"/c/a" + (i - 1) + "\"]}");
    }
    return apps.append("]").toString();
  }

  /// Each app waits for the one before it: a plan of as many steps as apps.
  @Test
  @Covers("M-DEP-01")
  void aLongChainIsDeployed() throws Exception {
    start();
    var made = put("/v2/apps", chain(5000));
    assertThat(made.status()).as(made.text()).isEqualTo(200);
    settled();
    assertThat(get("/v2/apps").json().get("apps").size()).isEqualTo(5000);
    var circle = put("/v2/apps", "[{\"id\":\"/c/a0\",\"dependencies\":[\"/c/a4999\"]}]");
    assertThat(circle.status()).isEqualTo(422);
    assertThat(circle.text()).contains("cyclic");
  }

  @Test
  @Covers({
    "M-DEP-01",
    "M-DEP-02",
    "M-DEP-04",
    "M-DEP-05",
    "M-ERR-07",
    "M-SEM-01",
    "M-SEM-05",
    "M-SEM-06",
    "M-SEM-09"
  })
  void showsLocksAndRollsBack() throws Exception {
    start();
    cluster.behaviour = task -> TaskState.TASK_STAGING;
    var created = post("/v2/apps", "{\"id\":\"new\",\"cmd\":\"sleep 1\"}");
    var id = created.header("Marathon-Deployment-Id");
    var list = get("/v2/deployments").json();
    assertThat(list.size()).isEqualTo(1);
    var plan = list.get(0);
    assertThat(plan.get("id").stringValue()).isEqualTo(id);
    assertThat(plan.get("affectedApps").toString()).isEqualTo("[\"/new\"]");
    assertThat(plan.get("affectedPods").isEmpty()).isTrue();
    assertThat(plan.at("/steps/0/actions/0/action").stringValue()).isEqualTo("StartApplication");
    assertThat(plan.at("/steps/1/actions/0/action").stringValue()).isEqualTo("ScaleApplication");
    assertThat(plan.get("currentStep").asInt()).isEqualTo(2);
    assertThat(plan.get("totalSteps").asInt()).isEqualTo(2);
    assertThat(plan.at("/currentActions/0/app").stringValue()).isEqualTo("/new");
    assertThat(plan.at("/currentActions/0/readinessCheckResults").isArray()).isTrue();
    assertThat(app("/new").at("/deployments/0/id").stringValue()).isEqualTo(id);

    var locked = put("/v2/apps/new", "{\"cmd\":\"sleep 2\"}");
    assertThat(locked.status()).isEqualTo(409);
    assertThat(locked.json().at("/deployments/0/id").stringValue()).isEqualTo(id);
    var forced = put("/v2/apps/new?force=true", "{\"cmd\":\"sleep 3\"}");
    assertThat(forced.status()).isEqualTo(200);
    assertThat(get("/v2/deployments").json().at("/0/id").stringValue())
        .isEqualTo(forced.json().get("deploymentId").stringValue());

    assertThat(delete("/v2/deployments/nope").status()).isEqualTo(404);
    var rolled = delete("/v2/deployments/" + forced.json().get("deploymentId").stringValue());
    assertThat(rolled.status()).isEqualTo(200);
    assertThat(rolled.json().has("deploymentId")).isTrue();
    assertThat(app("/new").get("cmd").stringValue()).isEqualTo("sleep 1");
    delete("/v2/apps/new");
    settled();
    assertThat(get("/v2/apps/new").status()).isEqualTo(404);
  }

  @Test
  @Covers({"M-SEM-09", "M-DEP-02", "M-DEP-03"})
  void rollingBackACreationRemovesTheApp() throws Exception {
    start();
    cluster.behaviour = task -> TaskState.TASK_STAGING;
    var id =
        post("/v2/apps", "{\"id\":\"n\",\"cmd\":\"sleep 1\"}").header("Marathon-Deployment-Id");
    until("launched", () -> cluster.launched.size() == 1);
    assertThat(delete("/v2/deployments/" + id).status()).isEqualTo(200);
    settled();
    assertThat(get("/v2/apps/n").status()).isEqualTo(404);
    assertThat(cluster.tasks()).isEmpty();

    var next =
        post("/v2/apps", "{\"id\":\"m\",\"cmd\":\"sleep 1\"}").header("Marathon-Deployment-Id");
    var cancelled = delete("/v2/deployments/" + next + "?force=true");
    assertThat(cancelled.status()).isEqualTo(202);
    assertThat(cancelled.text()).isEmpty();
    assertThat(get("/v2/deployments").json().isEmpty()).isTrue();
    assertThat(get("/v2/apps/m").status()).isEqualTo(200);
  }

  @Test
  @Covers({"M-SEM-04", "M-SEM-03", "M-AD-12"})
  void replacesLittleByLittle() throws Exception {
    start(new FakeCluster(new FakeCluster.Agent("A1", "127.0.0.1", 100, Map.of())));
    run(
        "{\"id\":\"r\",\"cmd\":\"sleep 1\",\"instances\":4,"
            + "\"upgradeStrategy\":{\"minimumHealthCapacity\":0.5,\"maximumOverCapacity\":0}}");
    var most = new AtomicInteger();
    cluster.behaviour =
        task -> {
          most.accumulateAndGet(cluster.tasks().size(), Math::max);
          return TaskState.TASK_STAGING;
        };
    put("/v2/apps/r", "{\"cmd\":\"sleep 2\"}");
    until("two new ones", () -> cluster.launched.size() == 6);
    assertThat(cluster.tasks()).hasSize(4);
    assertThat(app("/r").get("tasksRunning").asInt()).isEqualTo(2);
    var staging = new ArrayList<FakeCluster.Task>(cluster.tasks());
    staging.removeIf(task -> task.state() == TaskState.TASK_RUNNING);
    cluster.behaviour = task -> TaskState.TASK_RUNNING;
    staging.forEach(
        task -> cluster.update(task.info().getTaskId().getValue(), TaskState.TASK_RUNNING, ""));
    settled();
    assertThat(cluster.tasks()).hasSize(4);
    assertThat(cluster.tasks())
        .allMatch(task -> task.info().getCommand().getValue().equals("sleep 2"));
    assertThat(most.get()).isLessThanOrEqualTo(4);
  }

  @Test
  @Covers({"M-SEM-10", "M-AD-14"})
  void scalesDownByTheKillSelection() throws Exception {
    start();
    run("{\"id\":\"y\",\"cmd\":\"sleep 1\",\"instances\":1}");
    var oldest = taskIds("/y").getFirst();
    put("/v2/apps/y", "{\"instances\":3}");
    settled();
    put("/v2/apps/y", "{\"instances\":1}");
    settled();
    assertThat(taskIds("/y")).containsExactly(oldest);
    run("{\"id\":\"o\",\"cmd\":\"sleep 1\",\"instances\":1,\"killSelection\":\"OldestFirst\"}");
    var first = taskIds("/o").getFirst();
    put("/v2/apps/o", "{\"instances\":2}");
    settled();
    put("/v2/apps/o", "{\"instances\":1}");
    settled();
    assertThat(taskIds("/o")).hasSize(1).doesNotContain(first);
    assertThat(app("/o").get("killSelection").stringValue()).isEqualTo("OLDEST_FIRST");
  }

  @Test
  @Covers({"M-HLT-02", "M-HLT-03", "M-HLT-04", "M-HLT-05", "M-HLT-06", "M-TSK-07", "M-SEM-05"})
  void killsWhatStaysUnhealthy() throws Exception {
    var status = new AtomicInteger(302);
    var paths = new ArrayList<String>();
    var probed = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    probed.createContext(
        "/",
        exchange -> {
          synchronized (paths) {
            paths.add(exchange.getRequestURI().getPath());
          }
          exchange.sendResponseHeaders(status.get(), -1);
          exchange.close();
        });
    probed.start();
    try {
      start();
      run(
          "{\"id\":\"h\",\"cmd\":\"sleep 1\",\"healthChecks\":[{\"path\":\"/ok\",\"port\":"
              + probed.getAddress().getPort()
              + ",\"intervalSeconds\":1,\"gracePeriodSeconds\":0,\"maxConsecutiveFailures\":2}]}");
      assertThat(paths).contains("/ok");
      assertThat(app("/h").get("tasksHealthy").asInt()).isEqualTo(1);
      var result = app("/h").at("/tasks/0/healthCheckResults/0");
      assertThat(result.get("alive").asBoolean()).isTrue();
      assertThat(result.has("firstSuccess")).isTrue();
      var task = taskIds("/h").getFirst();
      status.set(500);
      until("another task", () -> cluster.launched.size() == 2);
      assertThat(taskIds("/h")).doesNotContain(task);
      var failure = app("/h").get("lastTaskFailure");
      assertThat(failure.get("state").stringValue()).isEqualTo("TASK_KILLED");
      assertThat(failure.get("message").stringValue())
          .contains("health check failed", "500 from http://127.0.0.1:");
      status.set(200);
      until("healthy again", () -> app("/h").get("tasksHealthy").asInt() == 1);
    } finally {
      probed.stop(0);
    }
  }

  @Test
  @Covers({"M-HLT-09", "M-DEP-01"})
  void waitsUntilReady() throws Exception {
    // The pretended task "listens" where its agent is: on a port of ours.
    var ready = new AtomicInteger(503);
    HttpServer probed = null;
    for (int port = 31_000; port < 31_100 && probed == null; port++) {
      try {
        probed = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
      } catch (java.net.BindException taken) {
        assertThat(port).isLessThan(31_099);
      }
    }
    probed.createContext(
        "/ready",
        exchange -> {
          exchange.sendResponseHeaders(ready.get(), -1);
          exchange.close();
        });
    probed.start();
    try {
      start();
      post(
          "/v2/apps",
          "{\"id\":\"w\",\"cmd\":\"sleep 1\",\"requirePorts\":true,\"portDefinitions\":[{\"port\":"
              + probed.getAddress().getPort()
              + ",\"name\":\"http-api\"}],\"readinessChecks\":[{\"path\":\"/ready\","
              + "\"intervalSeconds\":1,\"timeoutSeconds\":0,\"preserveLastResponse\":true}]}");
      until(
          "a response",
          () ->
              get("/v2/deployments")
                      .json()
                      .at("/0/currentActions/0/readinessCheckResults/0/lastResponse/status")
                      .asInt()
                  == 503);
      var result = get("/v2/deployments").json().at("/0/currentActions/0/readinessCheckResults/0");
      assertThat(result.get("ready").asBoolean()).isFalse();
      assertThat(result.get("name").stringValue()).isEqualTo("readinessCheck");
      ready.set(200);
      settled();
    } finally {
      probed.stop(0);
    }
  }

  @Test
  @Covers("M-ERR-09")
  void limitsRunningDeployments() throws Exception {
    start("--max_running_deployments=1");
    cluster.behaviour = task -> TaskState.TASK_STAGING;
    post("/v2/apps", "{\"id\":\"a\",\"cmd\":\"sleep 1\"}");
    var second = post("/v2/apps", "{\"id\":\"b\",\"cmd\":\"sleep 1\"}");
    assertThat(second.status()).isEqualTo(403);
    assertThat(get("/v2/apps/b").status()).isEqualTo(404);
  }

  @Test
  @Covers({"M-GRP-12", "M-SEM-01", "M-AD-11", "M-SEM-07"})
  void dependenciesComeFirst() throws Exception {
    start();
    cluster.behaviour = task -> TaskState.TASK_STAGING;
    put(
        "/v2/groups",
        "{\"groups\":[{\"id\":\"s\",\"apps\":[{\"id\":\"web\",\"cmd\":\"sleep 1\",\"dependencies\":[\"../db\"]},"
            + "{\"id\":\"x\",\"cmd\":\"sleep 1\"}]},"
            + "{\"id\":\"db\",\"apps\":[{\"id\":\"main\",\"cmd\":\"sleep 1\"}]}]}"
                .replace("../db", "../../db"));
    var plan = get("/v2/deployments").json().get(0);
    assertThat(plan.get("steps").size()).isEqualTo(3);
    assertThat(plan.at("/steps/1/actions").toString()).contains("/db/main", "/s/x");
    assertThat(plan.at("/steps/2/actions/0/app").stringValue()).isEqualTo("/s/web");
    until("the first layer", () -> cluster.launched.size() == 2);
    assertThat(cluster.launched).noneMatch(task -> task.getName().equals("web.s"));
    List.copyOf(cluster.tasks())
        .forEach(
            task -> cluster.update(task.info().getTaskId().getValue(), TaskState.TASK_RUNNING, ""));
    until("the second layer", () -> cluster.launched.size() == 3);
    assertThat(cluster.launched.get(2).getName()).isEqualTo("web.s");

    var byGroup =
        put(
            "/v2/groups/n?dryRun=true",
            "{\"groups\":[{\"id\":\"one\",\"dependencies\":[\"../two\"],\"apps\":[{\"id\":\"a\",\"cmd\":\"sleep 1\"}]},"
                + "{\"id\":\"two\",\"apps\":[{\"id\":\"b\",\"cmd\":\"sleep 1\"}]}]}");
    assertThat(byGroup.json().at("/steps/1/actions/0/app").stringValue()).isEqualTo("/n/two/b");
    assertThat(byGroup.json().at("/steps/2/actions/0/app").stringValue()).isEqualTo("/n/one/a");

    var cycle =
        put(
            "/v2/groups/c",
            "{\"apps\":[{\"id\":\"a\",\"cmd\":\"sleep 1\",\"dependencies\":[\"b\"]},"
                + "{\"id\":\"b\",\"cmd\":\"sleep 1\",\"dependencies\":[\"a\"]}]}");
    assertThat(cycle.status()).isEqualTo(422);
    assertThat(cycle.text()).contains("cyclic");
  }
}
