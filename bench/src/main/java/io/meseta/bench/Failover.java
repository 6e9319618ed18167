// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.master.server.MasterFlags;
import io.meseta.master.server.Rehearsal;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// How long a fresh master takes until all agents of a cluster have registered again with it.
final class Failover {
  private Failover() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 20_000);
    int frameworks = arguments.get("frameworks", 1);
    int tasks = arguments.get("tasks", 5);
    int ended = arguments.get("ended", 0);
    int endedTasks = arguments.get("ended_tasks", 10);
    int runs = arguments.get("runs", 3);
    boolean sockets = arguments.get("sockets", 0) != 0;
    if (arguments.get("rehearsed", 0) != 0) {
      var flags = MasterFlags.parse(List.of(), Map.of());
      Rehearsal.start(flags, Duration.ZERO, Duration.ofSeconds(20)).await();
    }
    for (int run = 1; run <= runs; run++) {
      try (var cluster = new Emulated(agents, Emulated.still(Emulated.BIG), sockets)) {
        cluster.pasts(frameworks, tasks, ended, endedTasks);
        System.gc(); // what the agents remember is elsewhere in a real cluster
        double cpu = Machine.cpuSeconds();
        double seconds = cluster.register();
        System.out.printf(
            "%d agents with %d running and %d completed tasks registered again in %.2f s (%.1f s"
                + " of CPU, both sides); load %s%n",
            agents,
            agents * frameworks * tasks,
            agents * ended * endedTasks,
            seconds,
            Machine.cpuSeconds() - cpu,
            Machine.load());
      }
    }
  }
}
