// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/// All agents register again at the same moment, and how `/health` answers meanwhile.
final class Herd {
  private Herd() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 10_000);
    int runs = arguments.get("runs", 3);
    for (int run = 1; run <= runs; run++) {
      try (var cluster = new Emulated(agents, Emulated.still(Emulated.BIG), false);
          var http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
          var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        cluster.pasts(1, 5, 0, 0);
        var request =
            HttpRequest.newBuilder(URI.create("http://" + cluster.address() + "/health")).build();
        var stop = new AtomicBoolean();
        var health =
            threads.submit(() -> {
              List<Double> millis = new ArrayList<>();
              while (!stop.get()) {
                long begin = System.nanoTime();
                http.send(request, HttpResponse.BodyHandlers.discarding());
                millis.add((System.nanoTime() - begin) / 1e6);
                Thread.sleep(2);
              }
              return millis;
            });
        double seconds = cluster.register();
        stop.set(true);
        Responsiveness.print(
            "%s: %d agents with %d tasks back in %.2f s; /health meanwhile"
                .formatted(run == 1 ? "cold" : "warm", agents, agents * 5, seconds),
            health.get());
      }
    }
  }
}
