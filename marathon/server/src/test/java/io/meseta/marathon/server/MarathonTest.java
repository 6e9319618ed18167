// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.marathon.core.json.Docs;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// A real server with a pretended cluster, asked over HTTP.
@Timeout(120)
abstract class MarathonTest {
  /// An answer; the body is null when it is no JSON.
  record Reply(HttpResponse<byte[]> response, JsonNode json) {
    int status() {
      return response.statusCode();
    }

    String text() {
      return new String(response.body(), StandardCharsets.UTF_8);
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  FakeCluster cluster;
  MarathonServer server;

  /// Starts both.
  void start(FakeCluster with, String... flags) throws Exception {
    cluster = with;
    server = server(with, 0, "--internal_store_backend=mem", flags);
  }

  void start(String... flags) throws Exception {
    start(FakeCluster.ofOneAgent(), flags);
  }

  static MarathonServer server(FakeCluster cluster, int port, String store, String... flags)
      throws Exception {
    var args =
        new ArrayList<>(
            List.of(
                "--master=" + cluster.master.address(),
                "--http_address=127.0.0.1",
                "--hostname=127.0.0.1",
                "--http_port=" + port,
                "--min_revive_offers_interval=20",
                store));
    args.addAll(List.of(flags));
    return MarathonServer.start(MarathonFlags.parse(args, Map.of()));
  }

  @AfterEach
  void stop() {
    http.shutdownNow();
    if (server != null) {
      server.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  Reply send(String method, int port, String path, String body, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path.replace(" ", "%20")))
            .timeout(Duration.ofSeconds(20))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try {
      var response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      var type = response.headers().firstValue("content-type").orElse("");
      return new Reply(
          response,
          type.startsWith("application/json")
                  && response.body().length > 0
                  && response.headers().firstValue("content-encoding").isEmpty()
              ? Docs.parse(response.body())
              : null);
    } catch (java.io.IOException e) {
      throw new AssertionError(method + " " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  Reply get(String path, String... headers) {
    return send("GET", server.port(), path, "", headers);
  }

  Reply post(String path, String body) {
    return send("POST", server.port(), path, body);
  }

  Reply put(String path, String body) {
    return send("PUT", server.port(), path, body);
  }

  Reply delete(String path) {
    return send("DELETE", server.port(), path, "");
  }

  /// Waits until it holds; fails after 20 s.
  static void until(String what, BooleanSupplier holds) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within 20 s: " + what);
      }
      LockSupport.parkNanos(10_000_000);
    }
  }

  /// Posts an app that is to run, and waits until it does.
  Reply run(String json) {
    var created = post("/v2/apps", json);
    if (created.status() != 201) {
      throw new AssertionError(created.status() + " " + created.text());
    }
    settled();
    return created;
  }

  /// Waits until no deployment is under way.
  void settled() {
    until("no deployments", () -> get("/v2/deployments").json().isEmpty());
  }

  JsonNode app(String id) {
    return get("/v2/apps" + id).json().get("app");
  }

  List<String> taskIds(String id) {
    var ids = new ArrayList<String>();
    app(id).get("tasks").forEach(task -> ids.add(task.get("id").stringValue()));
    return ids;
  }
}
