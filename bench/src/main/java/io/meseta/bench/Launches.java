// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.emulate.Profile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Frameworks that launch at a steady rate on emulated agents: the experiment of the NSDI paper.
final class Launches {
  private Launches() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 50_000);
    int frameworks = arguments.get("frameworks", 200);
    int rate = arguments.get("rate", 1_670);
    int seconds = arguments.get("seconds", 60);
    boolean sockets = arguments.get("sockets", 0) != 0;
    var profile =
        Profile.of(
            "cpus:4;mem:4096", Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ZERO);
    try (var cluster = new Emulated(agents, profile, sockets)) {
      System.out.printf("%d agents registered in %.2f s%n", agents, cluster.register());
      var tokens = new AtomicInteger();
      var running = new AtomicInteger();
      var launchers = new ArrayList<Launcher>();
      for (int i = 0; i < frameworks; i++) {
        launchers.add(
            new Launcher(cluster.address(), "f" + i, 1, 128, room -> takeOne(tokens), running));
      }
      long begin = System.nanoTime();
      long given = 0;
      // A quarter of a minute to warm up, then the measured time.
      int warmUp = Math.min(15, seconds);
      var latencies = new ArrayList<Float>();
      int launchedBefore = 0;
      for (int tick = 1; tick <= (warmUp + seconds) * 10; tick++) {
        long due = begin + TimeUnit.MILLISECONDS.toNanos(100L * tick);
        TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
        long want = (long) rate * tick / 10;
        tokens.addAndGet((int) (want - given));
        given = want;
        launchers.get(tick % frameworks).revive();
        if (tick == warmUp * 10) {
          launchers.forEach(Launcher::takeLatencies);
          launchedBefore = running.get();
        }
      }
      launchers.forEach(launcher -> latencies.addAll(launcher.takeLatencies()));
      int launched = running.get() - launchedBefore;
      print(
          "%d agents, %d frameworks: %.0f launches/s over %d s"
              .formatted(agents, frameworks, (double) launched / seconds, seconds),
          latencies);
      launchers.forEach(Launcher::close);
    }
  }

  private static int takeOne(AtomicInteger tokens) {
    return tokens.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? 1 : 0;
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
