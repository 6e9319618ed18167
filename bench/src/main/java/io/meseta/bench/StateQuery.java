// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;

/// How long the master takes to tell everything it knows, and again when nothing has changed.
final class StateQuery {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private StateQuery() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 10_000);
    int runs = arguments.get("runs", 5);
    try (var cluster = new Emulated(agents, Emulated.still(Emulated.BIG), false)) {
      cluster.pasts(5, 2, 5, 2);
      cluster.register();
      var base = "http://" + cluster.address();
      measure("/state", HttpRequest.newBuilder(URI.create(base + "/state")).GET(), runs);
      for (var type : new String[] {"application/json", "application/x-protobuf"}) {
        measure(
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

  private static void measure(String name, HttpRequest.Builder request, int runs) throws Exception {
    var seconds = new double[runs];
    long bytes = 0;
    for (int i = 0; i < runs; i++) {
      long begin = System.nanoTime();
      var response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      if (response.statusCode() != 200) {
        throw new IllegalStateException(name + ": " + response.statusCode());
      }
      bytes = 0;
      try (var body = response.body()) {
        var buffer = new byte[1 << 16];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
          bytes += read;
        }
      }
      seconds[i] = (System.nanoTime() - begin) / 1e9;
    }
    System.out.printf(
        "%s: %.1f MB; first %.2f s, then %s s; load %s%n",
        name,
        bytes / 1e6,
        seconds[0],
        Arrays.toString(
            Arrays.stream(seconds).skip(1).map(s -> Math.round(s * 1000) / 1000.0).toArray()),
        Machine.load());
  }
}
