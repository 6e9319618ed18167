// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.flags.FlagException;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.TaskState;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class SystemTest extends MarathonTest {
  @Test
  @Covers({
    "M-HTTP-01",
    "M-HTTP-02",
    "M-HTTP-03",
    "M-HTTP-04",
    "M-HTTP-05",
    "M-HTTP-12",
    "M-HTTP-14"
  })
  void answersWithTheHeadersOfTheOriginal() throws Exception {
    start();
    assertThat(get("/ping").text()).isEqualTo("pong");
    assertThat(get("/ping", "Accept", "application/json").text()).isEqualTo("\"pong\"");
    assertThat(get("/ping", "Accept", "image/png").status()).isEqualTo(204);
    assertThat(get("/").status()).isEqualTo(302);
    assertThat(get("/").header("Location")).isEqualTo("/ui/");
    assertThat(get("/help").status()).isEqualTo(302);
    assertThat(get("/ui/").status()).isEqualTo(200);
    assertThat(get("/ui/lib/ui.js").status()).isEqualTo(200);
    assertThat(get("/api-console/index.html").text()).contains("/v2/apps");
    var apps = get("/v2/apps");
    assertThat(apps.header("X-Marathon-Leader")).isEqualTo("http://127.0.0.1:" + server.port());
    assertThat(apps.header("Cache-Control")).isEqualTo("no-cache, no-store, must-revalidate");
    assertThat(apps.header("Pragma")).isEqualTo("no-cache");
    assertThat(apps.header("Expires")).isEqualTo("0");
    assertThat(apps.header("X-Frame-Options")).isEqualTo("DENY");
    assertThat(apps.header("X-XSS-Protection")).isEqualTo("1; mode=block");
    assertThat(apps.header("Server")).isEmpty();
    assertThat(get("/v2/info", "Accept-Encoding", "gzip").header("Content-Encoding"))
        .isEqualTo("gzip");
    for (var gone : List.of("/v2/nosuch", "/v2/schemas/app", "/v2/eventSubscriptions", "/x")) {
      assertThat(get(gone).status()).as(gone).isEqualTo(404);
      assertThat(get(gone).json().get("message").stringValue()).isEqualTo("URI not found");
    }
  }

  @Test
  @Covers({"M-INF-01", "M-INF-02", "M-INF-03", "M-INF-04", "M-INF-07"})
  void tellsAboutItself() throws Exception {
    start();
    until("registered", () -> get("/v2/info").json().get("frameworkId").isString());
    var info = get("/v2/info").json();
    assertThat(info.get("name").stringValue()).isEqualTo("marathon");
    assertThat(info.get("elected").asBoolean()).isTrue();
    assertThat(info.get("leader").stringValue()).isEqualTo("127.0.0.1:" + server.port());
    assertThat(info.get("frameworkId").stringValue()).isEqualTo("F-1");
    assertThat(info.get("marathon_config").size()).isEqualTo(41);
    assertThat(info.at("/marathon_config/webui_url").isNull()).isTrue();
    assertThat(info.at("/marathon_config/launch_token").asInt()).isEqualTo(100);
    assertThat(info.get("zookeeper_config").size()).isEqualTo(8);
    assertThat(info.get("http_config").size()).isEqualTo(2);
    assertThat(get("/v2/leader").json().get("leader").stringValue())
        .isEqualTo("127.0.0.1:" + server.port());
    assertThat(get("/v2/plugins").json().get("plugins").isEmpty()).isTrue();
    run("{\"id\":\"m\",\"cmd\":\"sleep 1\"}");
    assertThat(get("/metrics").json().at("/gauges/marathon.instances.running.gauge/value").asInt())
        .isEqualTo(1);
    assertThat(get("/metrics").json().at("/counters/marathon.tasks.launched.counter/count").asInt())
        .isEqualTo(1);
    assertThat(get("/metrics").json().at("/gauges/marathon.uptime.gauge.seconds/value").isNumber())
        .isTrue();
    assertThat(get("/v2/pods").status()).isEqualTo(501);
    assertThat(get("/v2/pods/x").text()).contains("/v2/pods/x is not in this Marathon yet");
    assertThat(get("/metrics/prometheus").text())
        .contains("marathon_tasks_launched_total 1")
        .contains("marathon_instances{state=\"running\"} 1");
    assertThat(delete("/v2/leader?backup=x").status()).isEqualTo(422);
    var gone = delete("/v2/leader");
    assertThat(gone.json().get("message").stringValue()).isEqualTo("Leadership abdicated");
    assertThat(server.ended().toCompletableFuture().get().code()).isEqualTo(104);
  }

  @Test
  @Covers({"M-HTTP-06", "M-HTTP-07", "M-SEC-06"})
  void asksForCredentialsWhenToldTo() throws Exception {
    start("--http_credentials=me:pw", "--access_control_allow_origin=*");
    assertThat(get("/v2/apps").status()).isEqualTo(401);
    assertThat(get("/v2/apps").header("WWW-Authenticate")).isEqualTo("Basic realm=\"Mesosphere\"");
    assertThat(get("/v2/apps", "Authorization", "Basic bWU6eHg=").status()).isEqualTo(401);
    var right = get("/v2/apps", "Authorization", "Basic bWU6cHc=");
    assertThat(right.status()).isEqualTo(200);
    assertThat(right.header("Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(get("/ping").status()).isEqualTo(200);
  }

  @Test
  @Covers({
    "M-EVT-01",
    "M-EVT-02",
    "M-EVT-05",
    "M-EVT-06",
    "M-EVT-07",
    "M-EVT-08",
    "M-EVT-11",
    "M-EVT-12",
    "M-EVT-13",
    "M-EVT-04",
    "M-APP-23"
  })
  void tellsWhatHappens() throws Exception {
    start();
    assertThat(get("/v2/events").status()).isEqualTo(405);
    var all = listen("");
    var some = listen("?event_type=deployment_success&event_type=status_update_event");
    until("attached", () -> all.stream().anyMatch(line -> line.contains("event_stream_attached")));
    run("{\"id\":\"ev\",\"cmd\":\"sleep 1\"}");
    delete("/v2/apps/ev");
    settled();
    until("the end", () -> all.stream().anyMatch(line -> line.contains("app_terminated_event")));
    var types =
        all.stream()
            .filter(line -> line.startsWith("event: "))
            .map(line -> line.substring(7))
            .toList();
    assertThat(types)
        .contains(
            "api_post_event",
            "group_change_success",
            "deployment_info",
            "deployment_step_success",
            "deployment_success",
            "status_update_event",
            "instance_changed_event");
    assertThat(all.stream().filter(line -> line.startsWith("data: ")))
        .allMatch(line -> line.contains("\"eventType\":") && line.contains("\"timestamp\":"));
    assertThat(all.stream().filter(line -> line.contains("\"instance_changed_event\"")).toList())
        .anyMatch(line -> line.contains("\"condition\":\"Provisioned\""))
        .anyMatch(line -> line.contains("\"condition\":\"Running\""))
        .anyMatch(line -> line.contains("\"condition\":\"Killed\""));
    assertThat(all.stream().filter(line -> line.contains("\"status_update_event\"")).toList())
        .anyMatch(line ->
            line.contains("\"taskStatus\":\"TASK_RUNNING\"")
                && line.contains("\"appId\":\"/ev\"")
                && line.contains("\"slaveId\":\"A1\""));
    assertThat(some.stream().filter(line -> line.startsWith("event: ")).distinct())
        .containsOnly("event: deployment_success", "event: status_update_event");
  }

  private List<String> listen(String query) {
    var lines = new CopyOnWriteArrayList<String>();
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/v2/events" + query))
            .header("Accept", "text/event-stream")
            .build();
    var unused =
        http.sendAsync(request, HttpResponse.BodyHandlers.ofLines())
            .thenAcceptAsync(
                response -> {
                  try {
                    response.body().forEach(lines::add);
                  } catch (java.io.UncheckedIOException closed) {
                    lines.add("closed");
                  }
                },
                task -> Thread.ofVirtual().start(task));
    return lines;
  }

  @Test
  @Covers({"M-STO-07", "M-SEM-14"})
  void reconcilesAfterTheMasterWasAway() throws Exception {
    start();
    run("{\"id\":\"k\",\"cmd\":\"sleep 1\",\"instances\":2}");
    var lost = taskIds("/k").getFirst();
    synchronized (cluster) {
      cluster.disconnect();
      cluster.update(lost, TaskState.TASK_LOST, "");
    }
    until(
        "the lost one is replaced",
        () -> taskIds("/k").size() == 2 && !taskIds("/k").contains(lost));
    var again = cluster.calls.stream().filter(call -> call.hasSubscribe()).toList();
    assertThat(again).hasSize(2);
    assertThat(again.get(1).getFrameworkId().getValue()).isEqualTo("F-1");
  }

  @Test
  @Covers({"M-CFG-01", "M-CFG-05"})
  void readsFlagsAsTheOriginal() throws Exception {
    var flags =
        MarathonFlags.parse(
            List.of("--master", "zk://a:1/m", "--disable_checkpoint", "--zk=zk://b:2/n"),
            Map.of("MARATHON_HTTP_PORT", "9999", "MESOSPHERE_HTTP_CREDENTIALS", "a:b"));
    assertThat(flags.checkpoint()).isFalse();
    assertThat(flags.httpPort()).isEqualTo(9999);
    assertThat(flags.httpCredentials()).contains("a:b");
    assertThat(flags.failoverTimeout()).isEqualTo(604_800);
    assertThatThrownBy(
            () -> MarathonFlags.parse(List.of("--http_port=x", "--plugin_dir=y"), Map.of()))
        .isInstanceOf(FlagException.class)
        .hasMessageContaining("http_port")
        .hasMessageContaining("plugin_dir")
        .hasMessageContaining("master");
    assertThatThrownBy(() -> MarathonFlags.parse(List.of("--master=ftp://x y"), Map.of()))
        .hasMessageContaining("ftp://x y");
    assertThat(MarathonServer.run(new String[] {"--nonsense"}, Map.of())).isEqualTo(112);
    assertThat(MarathonServer.run(new String[] {"--help"}, Map.of())).isZero();
  }

  @Test
  @Covers({"M-EVT-09", "M-EVT-10", "M-EVT-14", "M-HLT-08", "M-HLT-06"})
  void tellsOfHealthAndTheMaster() throws Exception {
    var status = new java.util.concurrent.atomic.AtomicInteger(200);
    var probed =
        com.sun.net.httpserver.HttpServer.create(
            new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0), 0);
    probed.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(status.get(), -1);
          exchange.close();
        });
    probed.start();
    try {
      start();
      var lines = listen("");
      until(
          "attached",
          () -> lines.stream().anyMatch(line -> line.contains("event_stream_attached")));
      int port = probed.getAddress().getPort();
      run(
          "{\"id\":\"h\",\"cmd\":\"sleep 1\",\"healthChecks\":[{\"protocol\":\"TCP\",\"port\":"
              + port
              + ",\"intervalSeconds\":1,\"gracePeriodSeconds\":0},{\"path\":\"/\",\"port\":"
              + port
              + ",\"intervalSeconds\":1,\"gracePeriodSeconds\":0,\"maxConsecutiveFailures\":1}]}");
      assertThat(app("/h").at("/tasks/0/healthCheckResults").size()).isEqualTo(2);
      status.set(500);
      until(
          "killed",
          () -> lines.stream().anyMatch(line -> line.contains("unhealthy_instance_kill_event")));
      until("replaced", () -> cluster.launched.size() >= 2);
      cluster.disconnect();
      until(
          "back",
          () -> lines.stream().anyMatch(line -> line.contains("scheduler_reregistered_event")));
      var types =
          lines.stream()
              .filter(line -> line.startsWith("event: "))
              .map(line -> line.substring(7))
              .toList();
      assertThat(types)
          .contains(
              "health_status_changed_event",
              "instance_health_changed_event",
              "failed_health_check_event",
              "scheduler_disconnected_event");
      assertThat(lines)
          .anyMatch(line ->
              line.contains("\"instance_health_changed_event\"")
                  && line.contains("\"healthy\":false"));
    } finally {
      probed.stop(0);
    }
  }

  @Test
  @Covers("M-EVT-03")
  void disconnectsReadersThatAreTooSlow() throws Exception {
    start("--event_stream_max_outstanding_messages=1");
    try (var socket = new java.net.Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(new java.net.InetSocketAddress("127.0.0.1", server.port()));
      socket
          .getOutputStream()
          .write(
              "GET /v2/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      var label = "x".repeat(10_000);
      var reader = "/metrics";
      until(
          "attached",
          () ->
              get(reader)
                      .json()
                      .at("/gauges/marathon.http.event-streams.active.gauge/value")
                      .asInt()
                  == 1);
      int[] number = {0};
      until(
          "disconnected",
          () -> {
            post(
                "/v2/apps",
                "{\"id\":\"s"
                    + number[0]++
                    + "\",\"cmd\":\"ls -l\",\"instances\":0,\"labels\":{\"a\":\""
                    + label
                    + "\"}}");
            return get(reader)
                    .json()
                    .at("/gauges/marathon.http.event-streams.active.gauge/value")
                    .asInt()
                == 0;
          });
    }
  }
}
