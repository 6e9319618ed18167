// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.emulate.Pasts;
import io.meseta.sdk.Calls;
import io.meseta.sdk.Scheduler;
import io.meseta.sdk.SchedulerClient;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// The whole way from a task that ends on one agent of many full ones to the offer of what it held:
/// the agent's update into the master, the OFFERS event out of the scheduler's stream.
final class FreedOffer implements Scheduler {
  private final Semaphore running = new Semaphore(0);
  private final Semaphore offered = new Semaphore(0);
  private int named;

  private FreedOffer() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 10_000);
    int times = arguments.get("times", 500);
    var scheduler = new FreedOffer();
    var info = FrameworkInfo.newBuilder().setName("bench").setUser("bench").build();
    try (var cluster = new Emulated(agents, Emulated.still("cpus:1;mem:128"), false)) {
      cluster.register();
      var client =
          SchedulerClient.builder(cluster.address(), info)
              .maxWaitingCalls(1_000_000)
              .start(scheduler);
      await(scheduler.running, agents);
      scheduler.offered.drainPermits();
      var millis = new double[times];
      for (int i = 0; i < times; i++) {
        long begin = System.nanoTime();
        cluster.fleet.finish(1);
        await(scheduler.offered, 1);
        millis[i] = (System.nanoTime() - begin) / 1e6;
        await(scheduler.running, 1);
      }
      print(agents, "first fifty", Arrays.copyOf(millis, Math.min(50, times)));
      print(agents, "all", millis);
      client.teardown();
    }
  }

  private static void await(Semaphore what, int count) throws InterruptedException {
    if (!what.tryAcquire(count, 2, TimeUnit.MINUTES)) {
      throw new IllegalStateException(what.availablePermits() + " of " + count + " have come");
    }
  }

  private static void print(int agents, String which, double[] millis) throws Exception {
    var sorted = millis.clone();
    Arrays.sort(sorted);
    System.out.printf(
        "%d full agents, one task ends: offered again after p50 %.2f ms, p99 %.2f ms, max %.2f ms"
            + " (%s, %d); load %s%n",
        agents,
        sorted[sorted.length / 2],
        sorted[sorted.length * 99 / 100],
        sorted[sorted.length - 1],
        which,
        sorted.length,
        Machine.load());
  }

  @Override
  public void offers(SchedulerClient client, List<Offer> offers) {
    offered.release();
    for (var offer : offers) {
      var task =
          TaskInfo.newBuilder()
              .setName("bench")
              .setTaskId(TaskID.newBuilder().setValue("task-" + named++))
              .setAgentId(offer.getAgentId())
              .addResources(Pasts.scalar("cpus", 1))
              .addResources(Pasts.scalar("mem", 128))
              .setCommand(CommandInfo.newBuilder().setValue("true"))
              .build();
      client.send(
          Calls.accept(
              List.of(offer.getId()), List.of(Calls.launch(List.of(task))), Duration.ZERO));
    }
  }

  @Override
  public void update(SchedulerClient client, TaskStatus status) {
    if (status.getState() == TaskState.TASK_RUNNING) {
      running.release();
    }
  }
}
