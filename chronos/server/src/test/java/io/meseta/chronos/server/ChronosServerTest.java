// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.zk.EmbeddedZooKeeper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The REST interface over HTTP, with a real ZooKeeper server. The master is away: jobs wait.
class ChronosServerTest {
  @TempDir Path dir;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private EmbeddedZooKeeper zookeeper;
  private ChronosServer chronos;

  @BeforeEach
  void start() throws Exception {
    zookeeper = EmbeddedZooKeeper.start(dir, "127.0.0.1", 0);
    chronos = server();
    await(chronos::leading);
  }

  @AfterEach
  void stop() {
    chronos.close();
    zookeeper.close();
    http.close();
  }

  private ChronosServer server() throws Exception {
    return ChronosServer.start(
        ChronosFlags.parse(
            List.of(
                "--master",
                "127.0.0.1:1",
                "--zk_hosts",
                "127.0.0.1:" + zookeeper.port(),
                "--http_address",
                "127.0.0.1",
                "--http_port",
                "0",
                "--zk_timeout",
                "4000"),
            Map.of()));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    var end = Instant.now().plus(Duration.ofSeconds(20));
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(20);
    }
  }

  private HttpResponse<String> call(ChronosServer server, String method, String path, String body)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> call(String method, String path, String body) throws Exception {
    return call(chronos, method, path, body);
  }

  @Test
  @Covers("C-API-01")
  void aJobThatIsSaidNotToBeJsonIsRefused() throws Exception {
    for (var type : List.of("text/plain", "application/x-www-form-urlencoded")) {
      assertThat(typed(type).statusCode()).as(type).isEqualTo(415);
      assertThat(typed(type).body()).contains("Content-Type: " + type, "application/json");
    }
    assertThat(typed("Application/JSON; charset=utf-8").statusCode()).isEqualTo(204);
  }

  private HttpResponse<String> typed(String type) throws Exception {
    return http.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + chronos.port() + "/v1/scheduler/iso8601"))
            .header("Content-Type", type)
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"name\":\"t\",\"command\":\"true\",\"schedule\":\"R/2030-01-01T00:00:00Z/P1D\"}"))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  @Covers({
    "C-API-01",
    "C-API-02",
    "C-API-07",
    "C-API-09",
    "C-API-11",
    "C-API-12",
    "C-API-13",
    "C-API-16",
    "C-HTTP-01",
    "C-HTTP-02",
    "C-HTTP-03"
  })
  void jobsOverHttp() throws Exception {
    assertThat(call("GET", "/ping", "").body()).isEqualTo("pong");
    assertThat(call("GET", "/v1/scheduler/jobs", "").body()).isEqualTo("[]");
    var created =
        call(
            "POST",
            "/v1/scheduler/iso8601",
            "{'name':'a','command':'true','schedule':'R/2030-01-01T00:00:00Z/P1D'}");
    assertThat(created.statusCode()).isEqualTo(204);
    assertThat(created.body()).isEmpty();
    var misspelt =
        call(
            "POST",
            "/v1/scheduler/iso8601",
            "{'name':'m','command':'true','cpu':1,'schedule':'R/2030-01-01T00:00:00Z/P1D'}");
    assertThat(misspelt.headers().firstValue("Warning").orElse("")).contains("'cpu' is unknown");
    assertThat(
            call("POST", "/scheduler/dependency", "{'name':'b','command':'true','parents':['a']}")
                .statusCode())
        .isEqualTo(204);
    assertThat(call("GET", "/v1/scheduler/jobs", "").body())
        .contains("\"name\":\"a\"", "\"parents\":[\"a\"]");
    assertThat(call("GET", "/v1/scheduler/job/b", "").body()).startsWith("{\"name\":\"b\"");
    assertThat(call("PUT", "/v1/scheduler/job/a?arguments=-x", "").statusCode()).isEqualTo(204);
    assertThat(call("GET", "/v1/scheduler/jobs/summary", "").body())
        .contains("\"state\":\"queued\"");
    assertThat(call("DELETE", "/v1/scheduler/task/kill/a", "").statusCode()).isEqualTo(204);
    assertThat(call("GET", "/v1/scheduler/jobs/summary", "").body()).doesNotContain("queued");
    assertThat(call("GET", "/v1/scheduler/job/stat/a", "").body()).contains("\"histogram\"");
    assertThat(call("GET", "/v1/scheduler/stats/median", "").body()).contains("\"jobNameLabel\"");
    assertThat(call("GET", "/metrics", "").body()).contains("\"counters\":{", "\"timers\":{}");
    assertThat(call("PUT", "/logging", "").statusCode()).isEqualTo(501);
    assertThat(call("GET", "/logging", "").body()).contains("/logging is not in this Chronos");
    assertThat(call("PUT", "/v1/scheduler/job/stat/a", "").statusCode()).isEqualTo(405);
    assertThat(call("GET", "/v1/scheduler/job/a/b", "").statusCode()).isEqualTo(404);
    assertThat(call("PUT", "/v1/scheduler/job/success/nosuch", "").body()).endsWith("false");
    assertThat(call("DELETE", "/v1/scheduler/job/a", "").statusCode()).isEqualTo(204);
    assertThat(call("GET", "/v1/scheduler/jobs", "").body()).doesNotContain("\"name\":\"a\"");
    assertThat(call("GET", "/v1/scheduler/leader", "").body())
        .isEqualTo("{\"leader\":\"localhost:" + chronos.port() + "\"}");
    assertThat(call("GET", "/", "").body()).contains("<div id=\"app\">");
    assertThat(call("GET", "/lib/theme.css", "").statusCode()).isEqualTo(200);
  }

  @Test
  @Covers({"C-HTTP-05", "C-HTTP-06", "C-HTTP-07"})
  void errorsHaveTheOriginalsForm() throws Exception {
    var bad = call("POST", "/v1/scheduler/iso8601", "{'name':");
    assertThat(bad.statusCode()).isEqualTo(400);
    assertThat(bad.body())
        .startsWith("{\"status\":\"Bad Request\",\"message\":\"The body is no JSON");
    assertThat(bad.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
    assertThat(call("POST", "/v1/scheduler/iso8601", "{'a':".repeat(50_000)).statusCode())
        .isEqualTo(400);
    assertThat(call("POST", "/v1/scheduler/iso8601", "[".repeat(2_000_000)).statusCode())
        .isEqualTo(413);
    assertThat(call("GET", "/v1/scheduler/job/nosuch", "").statusCode()).isEqualTo(400);
    assertThat(call("GET", "/v1/scheduler/nosuch", "").statusCode()).isEqualTo(404);
    assertThat(call("DELETE", "/v1/scheduler/jobs", "").statusCode()).isEqualTo(405);
    assertThat(call("GET", "/v1/scheduler/jobs/search?limit=x", "").statusCode()).isEqualTo(400);
  }

  @Test
  @Covers({"C-OPS-01", "C-HTTP-04", "C-OPS-03"})
  void standbysHandOnAndTakeOverWithEveryJob() throws Exception {
    call(
        "POST",
        "/v1/scheduler/iso8601",
        "{'name':'a','command':'true','schedule':'R/2030-01-01T00:00:00Z/P1D'}");
    try (var standby = server()) {
      await(() -> {
        try {
          return call(standby, "GET", "/v1/scheduler/jobs", "").body().contains("\"name\":\"a\"");
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      });
      assertThat(standby.leading()).isFalse();
      assertThat(
              call(
                      standby,
                      "POST",
                      "/v1/scheduler/iso8601",
                      "{'name':'b','command':'true','schedule':'R/2030-01-01T00:00:00Z/P1D'}")
                  .statusCode())
          .isEqualTo(204);
      chronos.close();
      await(standby::leading);
      assertThat(call(standby, "GET", "/v1/scheduler/jobs", "").body())
          .contains("\"name\":\"a\"", "\"name\":\"b\"");
    }
  }
}
