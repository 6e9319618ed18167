// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.emulate.Pasts;
import io.meseta.sdk.Calls;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// A framework that launches tasks on whatever it is offered, over HTTP like any other.
///
/// The latency of a launch is from the ACCEPT to the moment TASK_RUNNING has come back.
final class Launcher implements LeanFramework.Decider, AutoCloseable {
  /// Which launches to make on an offer.
  interface Plan {
    /// How many tasks the framework may launch now on an offer with room for so many.
    int take(int room);
  }

  private static final long EARLIER = Long.MIN_VALUE;

  private final LeanFramework client;
  private final Plan plan;
  private final double cpus;
  private final double mem;
  private final AtomicInteger runningTotal;
  private final Map<String, Long> since = new HashMap<>();
  private final List<Float> latencies = new ArrayList<>();
  private int named;

  Launcher(int port, String name, double cpus, double mem, Plan plan, AtomicInteger runningTotal)
      throws IOException {
    this.plan = plan;
    this.cpus = cpus;
    this.mem = mem;
    this.runningTotal = runningTotal;
    var info = FrameworkInfo.newBuilder().setName(name).setUser("bench").build();
    client = new LeanFramework("127.0.0.1", port, info, this);
  }

  @Override
  public synchronized void offers(LeanFramework from, List<Offer> offers) {
    for (var offer : offers) {
      int room = room(offer);
      int count = room == 0 ? 0 : plan.take(room);
      if (count == 0) {
        from.send(Calls.decline(List.of(offer.getId()), Duration.ofHours(1)));
        continue;
      }
      var tasks = new ArrayList<TaskInfo>(count);
      for (int i = 0; i < count; i++) {
        var id = "task-" + named++;
        since.put(id, System.nanoTime());
        tasks.add(
            TaskInfo.newBuilder()
                .setName("bench")
                .setTaskId(TaskID.newBuilder().setValue(id))
                .setAgentId(offer.getAgentId())
                .addResources(Pasts.scalar("cpus", cpus))
                .addResources(Pasts.scalar("mem", mem))
                .setCommand(CommandInfo.newBuilder().setValue("true"))
                .build());
      }
      from.send(
          Calls.accept(
              List.of(offer.getId()), List.of(Calls.launch(tasks)), Duration.ofSeconds(1)));
    }
  }

  private int room(Offer offer) {
    double freeCpus = 0;
    double freeMem = 0;
    for (var resource : offer.getResourcesList()) {
      if (resource.getName().equals("cpus")) {
        freeCpus += resource.getScalar().getValue();
      } else if (resource.getName().equals("mem")) {
        freeMem += resource.getScalar().getValue();
      }
    }
    return (int) Math.min(freeCpus / cpus + 1e-6, freeMem / mem + 1e-6);
  }

  @Override
  public synchronized void update(TaskStatus status) {
    if (status.getState() == TaskState.TASK_RUNNING) {
      var begin = since.remove(status.getTaskId().getValue());
      if (begin != null) {
        runningTotal.incrementAndGet();
        if (begin != EARLIER) {
          latencies.add((System.nanoTime() - begin) / 1e6f);
        }
      }
    }
  }

  /// Milliseconds of all launches that began since the last call and run.
  synchronized List<Float> takeLatencies() {
    var result = List.copyOf(latencies);
    latencies.clear();
    since.replaceAll((task, begin) -> EARLIER);
    return result;
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
