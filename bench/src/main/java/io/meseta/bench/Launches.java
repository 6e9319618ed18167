// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.emulate.Profile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Frameworks that launch a task on whatever they are offered, on emulated agents with room for one
/// task each: the experiment of the NSDI paper. Tasks run for 30 s on average, so the rate is the
/// number of agents divided by 30.
final class Launches {
  private Launches() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 50_000);
    int frameworks = arguments.get("frameworks", 200);
    int seconds = arguments.get("seconds", 60);
    int warmUp = arguments.get("warm_up", 60);
    boolean sockets = arguments.get("sockets", 0) != 0;
    var profile =
        Profile.of("cpus:1;mem:128", Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ZERO);
    try (var cluster = new Emulated(agents, profile, sockets)) {
      System.out.printf("%d agents registered in %.2f s%n", agents, cluster.register());
      var running = new AtomicInteger();
      var launchers = new ArrayList<Launcher>();
      for (int i = 0; i < frameworks; i++) {
        launchers.add(new Launcher(cluster.port(), "f" + i, 1, 128, room -> 1, running));
      }
      // The first launches come all at once; the spread of the run times levels them.
      TimeUnit.SECONDS.sleep(warmUp);
      launchers.forEach(Launcher::takeLatencies);
      int before = running.get();
      TimeUnit.SECONDS.sleep(seconds);
      int launched = running.get() - before;
      var latencies = new ArrayList<Float>();
      for (var launcher : launchers) {
        latencies.addAll(launcher.takeLatencies());
        launcher.close();
      }
      print(
          "%d agents, %d frameworks: %.0f launches/s over %d s, %d tasks run"
              .formatted(
                  agents,
                  frameworks,
                  (double) launched / seconds,
                  seconds,
                  cluster.fleet.runningCount()),
          latencies);
    }
  }

  static void print(String what, List<Float> latencies) throws Exception {
    var sorted = new ArrayList<>(latencies);
    Collections.sort(sorted);
    System.out.printf(
        "%s; from ACCEPT to TASK_RUNNING p50 %.1f ms, p99 %.1f ms, max %.1f ms; load %s%n",
        what,
        sorted.get(sorted.size() / 2),
        sorted.get(sorted.size() * 99 / 100),
        sorted.getLast(),
        Machine.load());
  }
}
