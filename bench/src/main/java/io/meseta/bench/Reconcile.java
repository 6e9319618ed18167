// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.sdk.Calls;
import io.meseta.sdk.Scheduler;
import io.meseta.sdk.SchedulerClient;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// From a RECONCILE call for tasks that nobody knows to the last answer.
final class Reconcile {
  private Reconcile() {}

  static void run(Arguments arguments) throws Exception {
    int tasks = arguments.get("tasks", 100_000);
    int runs = arguments.get("runs", 5);
    try (var cluster = new Emulated(1, Emulated.still(Emulated.BIG), false)) {
      cluster.register();
      for (int run = 0; run < runs; run++) {
        var subscribed = new CountDownLatch(1);
        var answers = new CountDownLatch(tasks);
        var info = FrameworkInfo.newBuilder().setName("bench").setUser("bench").build();
        var client =
            SchedulerClient.builder(cluster.address(), info)
                .start(
                    new Scheduler() {
                      @Override
                      public void subscribed(SchedulerClient c, FrameworkID id, MasterInfo m) {
                        subscribed.countDown();
                      }

                      @Override
                      public void update(SchedulerClient c, TaskStatus status) {
                        answers.countDown();
                      }
                    });
        subscribed.await();
        var wanted = new ArrayList<Call.Reconcile.Task>();
        for (int i = 0; i < tasks; i++) {
          wanted.add(
              Call.Reconcile.Task.newBuilder()
                  .setTaskId(
                      io.meseta.wire.v1.TaskID.newBuilder()
                          .setValue(new java.util.UUID(run, i).toString()))
                  .build());
        }
        long begin = System.nanoTime();
        client
            .send(
                Calls.reconcileAll().toBuilder()
                    .setReconcile(Call.Reconcile.newBuilder().addAllTasks(wanted))
                    .build())
            .get(1, TimeUnit.MINUTES);
        if (!answers.await(2, TimeUnit.MINUTES)) {
          throw new IllegalStateException(answers.getCount() + " answers are missing");
        }
        System.out.printf(
            "%d unknown tasks reconciled in %.2f s; load %s%n",
            tasks, (System.nanoTime() - begin) / 1e9, Machine.load());
        client.teardown();
      }
    }
  }
}
