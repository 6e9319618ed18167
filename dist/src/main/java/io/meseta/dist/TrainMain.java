// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import io.meseta.flags.Flags;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Runs a small cluster through its everyday work once and ends, so that the JVM can record what a
/// start needs (`-XX:AOTCacheOutput`).
final class TrainMain {
  private static final int PATIENCE = 200;

  private TrainMain() {}

  static int run() throws Exception {
    var dir = Files.createTempDirectory("meseta-train-");
    System.setProperty("meseta.log", dir.resolve("log").toString());
    System.setProperty("logback.configurationFile", "logback-local.xml");
    var ports = freePorts(5);
    var args =
        List.of(
            "--work-dir",
            dir.toString(),
            "--zookeeper-port",
            "" + ports.get(0),
            "--master-port",
            "" + ports.get(1),
            "--agent-port",
            "" + ports.get(2),
            "--marathon-port",
            "" + ports.get(3),
            "--chronos-port",
            "" + ports.get(4),
            "--resources",
            "cpus:1;mem:512");
    try (var cluster =
            LocalCluster.start(Flags.parse(LocalFlags.class, LocalFlags.STYLE, args, Map.of()));
        var http = HttpClient.newHttpClient()) {
      var marathon = "http://127.0.0.1:" + ports.get(3);
      var app =
          "{\"id\":\"/a\",\"cmd\":\"sleep 60\",\"cpus\":0.1,\"mem\":16,\"healthChecks\":[{\"protocol\":\"TCP\"}]}";
      call(http, "POST", marathon + "/v2/apps", app);
      call(
          http,
          "POST",
          "http://127.0.0.1:" + ports.get(4) + "/v1/scheduler/iso8601",
          "{\"name\":\"a\",\"command\":\"true\",\"cpus\":0.1,\"mem\":16}");
      for (int i = 0;
          i < PATIENCE && !call(http, "GET", marathon + "/v2/tasks", "").contains("TASK_RUNNING");
          i++) {
        Thread.sleep(50);
      }
      for (var page :
          List.of(
              ports.get(1) + "/",
              ports.get(1) + "/state",
              ports.get(2) + "/state",
              ports.get(3) + "/ui/",
              ports.get(4) + "/v1/scheduler/jobs/summary")) {
        call(http, "GET", "http://127.0.0.1:" + page, "");
      }
      call(http, "DELETE", marathon + "/v2/apps//a", "");
      TrainMaster.run(http);
      cluster.end("");
    } finally {
      delete(dir);
    }
    return 0;
  }

  private static String call(HttpClient http, String method, String url, String body)
      throws IOException, InterruptedException {
    return http.send(
            HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static List<Integer> freePorts(int count) throws IOException {
    var sockets = new ArrayList<ServerSocket>();
    var ports = new ArrayList<Integer>();
    for (int i = 0; i < count; i++) {
      sockets.add(new ServerSocket(0));
      ports.add(sockets.get(i).getLocalPort());
    }
    for (var socket : sockets) {
      socket.close();
    }
    return ports;
  }

  private static void delete(Path dir) throws IOException {
    try (var files = Files.walk(dir)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (java.io.UncheckedIOException | IOException e) {
      System.err.println("left behind: " + dir);
    }
  }
}
