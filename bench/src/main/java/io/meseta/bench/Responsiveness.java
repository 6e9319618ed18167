// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/// Clients that poll `/state` as fast as they can, and how `/health` answers meanwhile.
final class Responsiveness {
  private Responsiveness() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 100);
    int clients = arguments.get("clients", 20);
    int requests = arguments.get("requests", 50);
    boolean changing = arguments.get("changing", 1) != 0;
    try (var cluster = new Emulated(agents, Emulated.still(Emulated.BIG), false);
        var threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
      cluster.pasts(10, 10, 10, 10);
      cluster.register();
      int port = cluster.port();
      var unused = times(port, "/state", 20); // compiled before it is measured
      print("/health alone", times(port, "/health", 500));
      var stop = new AtomicBoolean();
      var health = threads.submit(() -> health(port, stop));
      var late = threads.submit(() -> late(stop));
      var change =
          threads.submit(() -> {
            // Something new to tell all the time, or one rendering would do for everybody.
            try (var reader = new Reader("127.0.0.1", port)) {
              for (int i = 0; changing && !stop.get(); i++) {
                reader.post("/api/v1", weights(1 + i % 9), "application/json");
                Thread.sleep(20);
              }
            }
            return null;
          });
      var pollers = new ArrayList<Callable<List<Double>>>();
      for (int i = 0; i < clients; i++) {
        pollers.add(() -> times(port, "/state", requests));
      }
      var states = new ArrayList<Double>();
      double cpu = Machine.cpuSeconds();
      long begin = System.nanoTime();
      for (var poller : threads.invokeAll(pollers)) {
        states.addAll(poller.get());
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      cpu = Machine.cpuSeconds() - cpu;
      stop.set(true);
      change.get();
      print(clients + " clients polling /state of " + agents * 200 + " tasks", states);
      System.out.printf(
          "%.0f answers a second; %.0f ms of CPU each, clients included%n",
          states.size() / seconds, cpu * 1000 / states.size());
      print("/health meanwhile", health.get());
      print("a thread that only sleeps wakes late by", late.get());
    }
  }

  /// Asks every 5 ms, in a connection of its own.
  static List<Double> health(int port, AtomicBoolean stop)
      throws IOException, InterruptedException {
    var result = new ArrayList<Double>();
    try (var reader = new Reader("127.0.0.1", port)) {
      while (!stop.get()) {
        long begin = System.nanoTime();
        reader.get("/health");
        result.add((System.nanoTime() - begin) / 1e6);
        Thread.sleep(5);
      }
    }
    return result;
  }

  /// What the machine and the JVM add to anything: sleeps of 5 ms that take longer.
  private static List<Double> late(AtomicBoolean stop) throws InterruptedException {
    var result = new ArrayList<Double>();
    while (!stop.get()) {
      long begin = System.nanoTime();
      Thread.sleep(5);
      result.add((System.nanoTime() - begin) / 1e6 - 5);
    }
    return result;
  }

  private static String weights(int weight) {
    return "{\"type\":\"UPDATE_WEIGHTS\",\"update_weights\":{\"weight_infos\":[{\"role\":\"bench\","
        + "\"weight\":"
        + weight
        + "}]}}";
  }

  private static List<Double> times(int port, String path, int count) throws IOException {
    var result = new ArrayList<Double>();
    try (var reader = new Reader("127.0.0.1", port)) {
      for (int i = 0; i < count; i++) {
        long begin = System.nanoTime();
        reader.get(path);
        result.add((System.nanoTime() - begin) / 1e6);
      }
    }
    return result;
  }

  static void print(String what, List<Double> millis) throws Exception {
    var sorted = new ArrayList<>(millis);
    Collections.sort(sorted);
    System.out.printf(
        "%s: mean %.1f ms, p50 %.1f ms, p99 %.1f ms, max %.1f ms (%d); load %s%n",
        what,
        sorted.stream().mapToDouble(Double::doubleValue).average().orElse(0),
        sorted.get(sorted.size() / 2),
        sorted.get(sorted.size() * 99 / 100),
        sorted.getLast(),
        sorted.size(),
        Machine.load());
  }
}
