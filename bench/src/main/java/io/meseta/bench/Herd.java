// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

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
          var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        cluster.pasts(1, 5, 0, 0);
        var stop = new AtomicBoolean();
        int port = cluster.port();
        var health = threads.submit(() -> Responsiveness.health(port, stop));
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
