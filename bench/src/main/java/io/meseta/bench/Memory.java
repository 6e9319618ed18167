// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.io.IOException;

/// What a running task costs besides itself: the growth of master and agent, and its shim.
final class Memory {
  private Memory() {}

  static void run(Arguments arguments) throws Exception {
    int tasks = arguments.get("tasks", 500);
    try (var cluster = Cluster.start();
        var driver = new Driver(cluster.address(), true)) {
      driver.run("true", 500, 100); // code and buffers that are needed once
      long masterBefore = settled(cluster.master().pid());
      long agentBefore = settled(cluster.agent().pid());
      driver.fill("exec sleep 1000", tasks);
      long masterAfter = settled(cluster.master().pid());
      long agentAfter = settled(cluster.agent().pid());
      long shims = 0;
      long commands = 0;
      int counted = 0;
      for (var process : descendants(cluster.dir().resolve("run").toString())) {
        shims += Machine.pssKib(process);
        counted++;
        for (var child :
            ProcessHandle.of(process).map(handle -> handle.children().toList()).orElseThrow()) {
          commands += Machine.pssKib(child.pid());
        }
      }
      System.out.printf(
          "master: %d KiB before, %d KiB with %d tasks%n", masterBefore, masterAfter, tasks);
      System.out.printf(
          "agent:  %d KiB before, %d KiB with %d tasks%n", agentBefore, agentAfter, tasks);
      System.out.printf("%d shims: %d KiB together%n", counted, shims);
      System.out.printf("the tasks themselves: %d KiB each%n", commands / tasks);
      System.out.printf(
          "memory per running task: %.0f KiB (master %.0f, agent %.0f, shim %.0f)%n",
          (masterAfter - masterBefore + agentAfter - agentBefore + shims) / (double) tasks,
          (masterAfter - masterBefore) / (double) tasks,
          (agentAfter - agentBefore) / (double) tasks,
          shims / (double) tasks);
    }
  }

  /// Proportional memory in KiB of a Java process after its garbage is collected.
  private static long settled(long pid) throws IOException, InterruptedException {
    for (int i = 0; i < 3; i++) {
      var collect =
          new ProcessBuilder(
                  System.getProperty("java.home") + "/bin/jcmd", Long.toString(pid), "GC.run")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      collect.waitFor();
      Thread.sleep(1000);
    }
    return Machine.pssKib(pid);
  }

  /// The shims of the agent with that runtime folder: processes of the shim's program that have a
  /// child.
  private static long[] descendants(String runtime) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(runtime))
        .filter(process -> process.info().command().orElse("").endsWith("/shim"))
        .filter(process -> process.children().findAny().isPresent())
        .mapToLong(ProcessHandle::pid)
        .toArray();
  }
}
