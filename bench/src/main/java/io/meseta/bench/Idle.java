// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

/// What the whole cluster in one process needs when nothing happens.
final class Idle {
  private Idle() {}

  static void run(Arguments arguments) throws Exception {
    int seconds = arguments.get("seconds", 60);
    try (var local = LocalRun.start()) {
      local.awaitMarathon();
      Thread.sleep(seconds * 1000L);
      long pid = local.server().pid();
      System.out.printf(
          "%d s after the start: resident %d MiB (proportional %d MiB)%n",
          seconds, Machine.rssKib(pid) / 1024, Machine.pssKib(pid) / 1024);
      double before = Machine.cpuSeconds(pid);
      long begin = System.nanoTime();
      Thread.sleep(seconds * 1000L);
      double minutes = (System.nanoTime() - begin) / 60e9;
      System.out.printf(
          "CPU time at rest: %.2f s per minute; load %s%n",
          (Machine.cpuSeconds(pid) - before) / minutes, Machine.load());
    }
  }
}
