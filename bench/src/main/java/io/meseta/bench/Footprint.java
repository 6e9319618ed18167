// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

/// What agents and tasks weigh in the master's heap. The emulated agents are gone when it is looked
/// at: the master waits for them to come back, with all that it knows of them.
final class Footprint {
  private Footprint() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 10_000);
    int tasks = arguments.get("tasks", 10);
    long nothing = heap(1, 0);
    long bare = heap(agents, 0);
    long full = heap(agents, tasks);
    System.out.printf(
        "the master's heap: %.1f KiB for each of %d agents, %.2f KiB for each of %d tasks with ten"
            + " labels; load %s%n",
        (bare - nothing) / 1024.0 / (agents - 1),
        agents,
        (full - bare) / 1024.0 / agents / tasks,
        agents * tasks,
        Machine.load());
  }

  private static long heap(int agents, int tasks) throws Exception {
    try (var cluster = new Emulated(agents, Emulated.still(Emulated.BIG), false)) {
      cluster.pasts(1, tasks, 0, 0);
      cluster.register();
      cluster.withoutFleet();
      long least = Long.MAX_VALUE;
      for (int i = 0; i < 5; i++) {
        System.gc();
        Thread.sleep(200);
        least =
            Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
      }
      return least;
    }
  }
}
