// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// How long the master takes to tell everything it knows, after a change, and when nothing has
/// changed.
final class StateQuery {
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
      measure(cluster, "/state", null, runs);
      for (var type : new String[] {"application/json", "application/x-protobuf"}) {
        measure(cluster, "v1 GET_STATE " + type, type, runs);
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
  private static void measure(Emulated cluster, String name, @Nullable String accept, int runs)
      throws Exception {
    double cpu = Machine.cpuSeconds();
    double first = time(cluster, accept);
    double firstCpu = Machine.cpuSeconds() - cpu;
    var changed = new double[runs];
    for (int i = 0; i < runs; i++) {
      cluster.fleet.finish(CHANGED);
      cluster.fleet.settle();
      TimeUnit.MILLISECONDS.sleep(300); // until the master has the updates
      changed[i] = time(cluster, accept);
    }
    var same = new double[runs];
    for (int i = 0; i < runs; i++) {
      same[i] = time(cluster, accept);
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

  private static double time(Emulated cluster, @Nullable String accept) throws IOException {
    try (var reader = new Reader("127.0.0.1", cluster.port())) {
      long begin = System.nanoTime();
      bytes =
          accept == null
              ? reader.get("/state")
              : reader.post("/api/v1", "{\"type\":\"GET_STATE\"}", accept);
      return (System.nanoTime() - begin) / 1e9;
    }
  }
}
