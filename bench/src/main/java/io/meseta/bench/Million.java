// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A million tasks on emulated agents, as fast as the master takes them.
final class Million {
  private Million() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 5_000);
    int tasks = arguments.get("tasks", 1_000_000);
    int frameworks = arguments.get("frameworks", 10);
    int atOnce = arguments.get("at_once", 50);
    int perAgent = (tasks + agents - 1) / agents;
    var profile = Emulated.still("cpus:" + perAgent + ";mem:" + perAgent * 32);
    try (var cluster = new Emulated(agents, profile, false)) {
      System.out.printf("%d agents registered in %.2f s%n", agents, cluster.register());
      var left = new AtomicInteger(tasks);
      var running = new AtomicInteger();
      var launchers = new ArrayList<Launcher>();
      long begin = System.nanoTime();
      for (int i = 0; i < frameworks; i++) {
        launchers.add(
            new Launcher(
                cluster.port(),
                "f" + i,
                1,
                32,
                room -> {
                  int most = Math.min(room, atOnce);
                  int before = left.getAndUpdate(n -> Math.max(0, n - most));
                  return Math.min(before, most);
                },
                running));
      }
      int step = tasks / 10;
      double last = 0;
      for (int tenth = 1; tenth <= 10; tenth++) {
        while (running.get() < (long) step * tenth) {
          TimeUnit.MILLISECONDS.sleep(20);
          if (System.nanoTime() - begin > TimeUnit.MINUTES.toNanos(20)) {
            throw new IllegalStateException(running.get() + " tasks run after 20 minutes");
          }
        }
        double now = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
            "%8d tasks run after %6.1f s: %.0f/s; heap %d MB; load %s%n",
            step * tenth,
            now,
            step / (now - last),
            (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20,
            Machine.load());
        last = now;
      }
      for (var launcher : launchers) {
        launcher.close();
      }
      System.gc();
      System.out.printf(
          "heap after a collection, emulated agents and frameworks included: %d MB; resident %d"
              + " MB%n",
          (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20,
          Machine.rssKib(ProcessHandle.current().pid()) >> 10);
    }
  }
}
