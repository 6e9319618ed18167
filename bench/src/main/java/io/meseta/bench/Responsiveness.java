// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/// Clients that poll `/state` as fast as they can, and how `/health` answers meanwhile.
final class Responsiveness {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Responsiveness() {}

  static void run(Arguments arguments) throws Exception {
    int agents = arguments.get("agents", 100);
    int clients = arguments.get("clients", 20);
    int requests = arguments.get("requests", 50);
    boolean changing = arguments.get("changing", 1) != 0;
    try (var cluster = new Emulated(agents, Emulated.still(Emulated.BIG), false);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      cluster.pasts(10, 10, 10, 10);
      cluster.register();
      var base = "http://" + cluster.address();
      for (int i = 0; i < 20; i++) { // compiled before it is measured
        get(base + "/state");
      }
      print("/health alone", times(base + "/health", 500));
      var stop = new AtomicBoolean();
      var health =
          threads.submit(() -> {
            var result = new ArrayList<Double>();
            while (!stop.get()) {
              result.addAll(times(base + "/health", 1));
              Thread.sleep(5);
            }
            return result;
          });
      var change =
          threads.submit(() -> {
            // Something new to tell all the time, or one rendering would do for everybody.
            for (int i = 0; changing && !stop.get(); i++) {
              weights(base, 1 + i % 9);
              Thread.sleep(20);
            }
            return null;
          });
      var pollers = new ArrayList<Callable<List<Double>>>();
      for (int i = 0; i < clients; i++) {
        pollers.add(() -> times(base + "/state", requests));
      }
      var states = new ArrayList<Double>();
      for (var poller : threads.invokeAll(pollers)) {
        states.addAll(poller.get());
      }
      stop.set(true);
      change.get();
      print(clients + " clients polling /state of " + agents * 200 + " tasks", states);
      print("/health meanwhile", health.get());
    }
  }

  private static void weights(String base, int weight) throws Exception {
    var call =
        "{\"type\":\"UPDATE_WEIGHTS\",\"update_weights\":{\"weight_infos\":[{\"role\":\"bench\","
            + "\"weight\":"
            + weight
            + "}]}}";
    HTTP.send(
        HttpRequest.newBuilder(URI.create(base + "/api/v1"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(call))
            .build(),
        HttpResponse.BodyHandlers.discarding());
  }

  private static void get(String url) throws Exception {
    var answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(url)).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(url + ": " + answer.statusCode());
    }
  }

  private static List<Double> times(String url, int count) throws Exception {
    var result = new ArrayList<Double>();
    for (int i = 0; i < count; i++) {
      long begin = System.nanoTime();
      get(url);
      result.add((System.nanoTime() - begin) / 1e6);
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
