// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/// How long the master takes to tell everything it knows, after a change, and when nothing has
/// changed.
final class StateQuery {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /// How many tasks end between two questions.
  private static final int CHANGED = 1_000;

  private static long bytes;

  private StateQuery() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 10_000);
    int runs = arguments.get("runs", 5);
    try (var cluster = new Emulated(agents, Emulated.still(Emulated.BIG), false)) {
      cluster.pasts(5, 2, 5, 2);
      cluster.register();
      var base = "http://" + cluster.address();
      measure(cluster, "/state", HttpRequest.newBuilder(URI.create(base + "/state")).GET(), runs);
      for (var type : new String[] {"application/json", "application/x-protobuf"}) {
        measure(
            cluster,
            "v1 GET_STATE " + type,
            HttpRequest.newBuilder(URI.create(base + "/api/v1"))
                .header("Content-Type", "application/json")
                .header("Accept", type)
                .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"GET_STATE\"}")),
            runs);
      }
      System.gc();
      System.out.printf(
          "heap with %d agents, %d running and %d completed tasks, emulated agents included: %d"
              + " MB%n",
          agents,
          agents * 10,
          agents * 10,
          (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20);
    }
  }

  /// First as it comes, then after small changes, then without.
  private static void measure(Emulated cluster, String name, HttpRequest.Builder request, int runs)
      throws Exception {
    double cpu = Machine.cpuSeconds();
    double first = time(request);
    double firstCpu = Machine.cpuSeconds() - cpu;
    var changed = new double[runs];
    for (int i = 0; i < runs; i++) {
      cluster.fleet.finish(CHANGED);
      cluster.fleet.settle();
      TimeUnit.MILLISECONDS.sleep(300); // until the master has the updates
      changed[i] = time(request);
    }
    var same = new double[runs];
    for (int i = 0; i < runs; i++) {
      same[i] = time(request);
    }
    System.out.printf(
        "%s: %.1f MB; first %.2f s (%.1f s of CPU with the client); after %d tasks changed %s s; unchanged %s s; load %s%n",
        name,
        bytes / 1e6,
        first,
        firstCpu,
        CHANGED,
        rounded(changed),
        rounded(same),
        Machine.load());
  }

  private static String rounded(double[] seconds) {
    return Arrays.toString(
        Arrays.stream(seconds).map(s -> Math.round(s * 1000) / 1000.0).toArray());
  }

  private static double time(HttpRequest.Builder request) throws Exception {
    long begin = System.nanoTime();
    var response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      throw new IllegalStateException(request.build().uri() + ": " + response.statusCode());
    }
    bytes = 0;
    try (var body = response.body()) {
      var buffer = new byte[1 << 16];
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        bytes += read;
      }
    }
    return (System.nanoTime() - begin) / 1e9;
  }
}
