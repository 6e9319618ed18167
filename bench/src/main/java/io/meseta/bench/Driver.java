// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.sdk.Calls;
import io.meseta.sdk.Scheduler;
import io.meseta.sdk.SchedulerClient;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A framework that runs one command many times, so many at once, on an agent with resources for
/// all. What finished tasks set free comes as further offers, so every ACCEPT takes all offers
/// there are.
final class Driver implements Scheduler, AutoCloseable {
  /// How many tasks one ACCEPT launches at least, unless fewer are left.
  private static final int CHUNK = 32;

  /// What a round of tasks came to.
  ///
  /// @param seconds from the first launch to the last final update
  /// @param medianMillis from launch to TASK_RUNNING
  record Round(int tasks, double seconds, double medianMillis) {}

  private final SchedulerClient client;
  private final Map<OfferID, Offer> offers = new LinkedHashMap<>();
  private String command = "true";
  private boolean stay;
  private int window;
  private int left;
  private int underWay;
  private int done;
  private int total;
  private int named;
  private long begin;
  private final Map<String, Long> launched = new HashMap<>();
  private final ArrayList<Double> latencies = new ArrayList<>();
  private CompletableFuture<Round> round = new CompletableFuture<>();

  Driver(String master, boolean checkpoint) {
    var info =
        FrameworkInfo.newBuilder()
            .setName("bench")
            .setUser(System.getProperty("user.name"))
            .setCheckpoint(checkpoint)
            .build();
    client = SchedulerClient.builder(master, info).maxWaitingCalls(100_000).start(this);
  }

  /// Runs `count` tasks to their end, `atOnce` at a time.
  Round run(String theCommand, int count, int atOnce) throws Exception {
    return begin(theCommand, count, atOnce, false);
  }

  /// Starts `count` tasks that stay, and waits until all run.
  Round fill(String theCommand, int count) throws Exception {
    return begin(theCommand, count, count, true);
  }

  private Round begin(String theCommand, int count, int atOnce, boolean staying) throws Exception {
    CompletableFuture<Round> mine;
    synchronized (this) {
      command = theCommand;
      stay = staying;
      window = atOnce;
      left = total = count;
      underWay = done = 0;
      latencies.clear();
      launched.clear();
      mine = round = new CompletableFuture<>();
      begin = System.nanoTime();
      launch();
    }
    return mine.get(10, TimeUnit.MINUTES);
  }

  @Override
  public synchronized void offers(SchedulerClient from, List<Offer> more) {
    more.forEach(offer -> offers.put(offer.getId(), offer));
    launch();
  }

  @Override
  public synchronized void rescinded(SchedulerClient from, OfferID id) {
    offers.remove(id);
  }

  @Override
  public synchronized void update(SchedulerClient from, TaskStatus status) {
    var since = launched.get(status.getTaskId().getValue());
    if (since == null) {
      return;
    }
    switch (status.getState()) {
      case TASK_STARTING -> {}
      case TASK_RUNNING -> {
        latencies.add((System.nanoTime() - since) / 1e6);
        if (stay) {
          end();
        }
      }
      case TASK_FINISHED -> {
        underWay--;
        end();
        launch();
      }
      default ->
          round.completeExceptionally(
              new IllegalStateException(status.getState() + ": " + status.getMessage()));
    }
  }

  private void end() {
    if (++done == total) {
      var sorted = latencies.stream().mapToDouble(Double::doubleValue).toArray();
      round.complete(new Round(total, (System.nanoTime() - begin) / 1e9, Machine.median(sorted)));
    }
  }

  private void launch() {
    int count = Math.min(left, window - underWay);
    double mem = offers.values().stream().mapToDouble(Driver::mem).sum();
    if (count == 0 || count < Math.min(left, Math.min(CHUNK, window)) || mem < count * 64) {
      return;
    }
    var agent = offers.values().iterator().next().getAgentId();
    var tasks = new ArrayList<TaskInfo>();
    for (int i = 0; i < count; i++) {
      var name = "bench-" + named++;
      launched.put(name, System.nanoTime());
      tasks.add(
          TaskInfo.newBuilder()
              .setName(name)
              .setTaskId(TaskID.newBuilder().setValue(name))
              .setAgentId(agent)
              .addResources(scalar("cpus", 0.1))
              .addResources(scalar("mem", 32))
              .setCommand(CommandInfo.newBuilder().setValue(command))
              .build());
    }
    left -= count;
    underWay += count;
    var accepted = List.copyOf(offers.keySet());
    offers.clear();
    var unused =
        client
            .send(Calls.accept(accepted, List.of(Calls.launch(tasks)), Duration.ZERO))
            .exceptionally(failure -> {
              round.completeExceptionally(failure);
              return null;
            });
  }

  private static double mem(Offer offer) {
    return offer.getResourcesList().stream()
        .filter(resource -> resource.getName().equals("mem"))
        .mapToDouble(resource -> resource.getScalar().getValue())
        .sum();
  }

  private static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .build();
  }

  @Override
  public void close() {
    client.teardown();
  }
}
