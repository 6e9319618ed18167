// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.agent.containerizer.shim.ShimRequest;
import io.meseta.agent.containerizer.shim.ShimState;
import io.meseta.agent.containerizer.shim.Shims;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// No-op commands from ACCEPT to acknowledged end, beside what the machine can fork at all.
final class Tasks {
  private Tasks() {}

  static void run(Arguments arguments) throws Exception {
    int tasks = arguments.get("tasks", 3000);
    int runs = arguments.get("runs", 3);
    int window = arguments.get("window", 256);
    var command = arguments.get("command", "true");
    var only = arguments.get("checkpoint", "both");
    double fork = shellLoop(tasks);
    System.out.printf("a shell starting /bin/sh -c true      %8.0f /s%n", fork);
    double shims = shims(tasks, window);
    System.out.printf("the shim alone, no files synced       %8.0f /s%n", shims);
    for (boolean checkpoint : new boolean[] {false, true}) {
      if (!only.equals("both") && !only.equals(Boolean.toString(checkpoint))) {
        continue;
      }
      try (var cluster = Cluster.start();
          var driver = new Driver(cluster.address(), checkpoint)) {
        driver.run(command, tasks, window); // until the compiler has done its work
        var rates = new double[runs];
        for (int run = 0; run < runs; run++) {
          double busy = Machine.busySeconds();
          double master = Machine.cpuSeconds(cluster.master().pid());
          double agent = Machine.cpuSeconds(cluster.agent().pid());
          double self = Machine.cpuSeconds(ProcessHandle.current().pid());
          var round = driver.run(command, tasks, window);
          rates[run] = tasks / round.seconds();
          System.out.printf(
              "  checkpoint=%-5s %6.0f tasks/s, %6.1f ms to RUNNING; CPU ms per task: master %.2f,"
                  + " agent %.2f, client %.2f, whole machine %.2f; load %s%n",
              checkpoint,
              rates[run],
              round.medianMillis(),
              1000 * (Machine.cpuSeconds(cluster.master().pid()) - master) / tasks,
              1000 * (Machine.cpuSeconds(cluster.agent().pid()) - agent) / tasks,
              1000 * (Machine.cpuSeconds(ProcessHandle.current().pid()) - self) / tasks,
              1000 * (Machine.busySeconds() - busy) / tasks,
              Machine.load());
        }
        double median = Machine.median(rates);
        System.out.printf(
            "tasks, checkpoint=%-5s               %8.0f /s, one for %.1f forks of the shell%n",
            checkpoint, median, fork / median);
      }
    }
  }

  /// How often a second a shell starts `sh -c true` and waits for it.
  private static double shellLoop(int count) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    var process =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                "i=0; while [ $i -lt " + count + " ]; do /bin/sh -c true; i=$((i+1)); done")
            .start();
    process.waitFor();
    return count / ((System.nanoTime() - begin) / 1e9);
  }

  /// How often a second the shims start `sh -c true` and tell of its end, without any agent.
  private static double shims(int count, int window) throws Exception {
    var dir = Files.createTempDirectory("meseta-bench");
    var over = new CountDownLatch(count);
    var free = new Semaphore(window);
    var listener =
        new Shims.Listener() {
          @Override
          public void started(String id, ShimState.Running running) {}

          @Override
          public void over(String id, ShimState.Over status) {
            free.release();
            over.countDown();
          }

          @Override
          public void lost(String id, String why) {
            throw new IllegalStateException(id + ": " + why);
          }
        };
    try (var shims = Shims.open(dir.resolve("shims"), dir, Set.of(), false, listener)) {
      long begin = System.nanoTime();
      for (int i = 0; i < count; i++) {
        free.acquire();
        shims.launch(
            new ShimRequest(
                "c" + i,
                Optional.empty(),
                dir,
                dir.resolve("stdout"),
                dir.resolve("stderr"),
                List.of("/bin/sh", "-c", "true"),
                Map.of("PATH", "/usr/bin:/bin")));
      }
      if (!over.await(2, TimeUnit.MINUTES)) {
        throw new IllegalStateException(over.getCount() + " shims were not heard of");
      }
      return count / ((System.nanoTime() - begin) / 1e9);
    } finally {
      Cluster.remove(dir);
    }
  }
}
