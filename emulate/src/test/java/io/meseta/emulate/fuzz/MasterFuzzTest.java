// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.emulate.Fleet;
import io.meseta.emulate.Profile;
import io.meseta.libprocess.LocalNetwork;
import io.meseta.master.server.MasterFlags;
import io.meseta.master.server.MasterServer;
import io.meseta.wire.Upid;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Throws requests at every entry of a master with agents: none may end it, hang it or be answered
/// with 500.
///
/// `MESETA_FUZZ_CASES` says how many (20,000), `MESETA_FUZZ_SEED` which. Says how far it is now and
/// then, for long runs.
class MasterFuzzTest {
  private static final int THREADS = 4;

  private static long setting(String name, long otherwise) {
    var value = System.getenv(name);
    return value == null ? otherwise : Long.parseLong(value);
  }

  @Test
  @Timeout(3600)
  void nothingThatIsSentHurtsTheMaster() throws Exception {
    long cases = setting("MESETA_FUZZ_CASES", 20_000);
    long seed = setting("MESETA_FUZZ_SEED", System.nanoTime() & 0xffffff);
    var network = new LocalNetwork();
    var profile =
        Profile.of(
            "cpus:4;mem:4096;disk:4096;ports:[31000-31100]",
            Duration.ofMillis(100),
            Duration.ofMillis(50),
            Duration.ZERO);
    var flags =
        MasterFlags.parse(
            List.of(
                "--ip=127.0.0.1",
                "--port=0",
                "--registry=in_memory",
                "--no-hostname_lookup",
                "--max_completed_frameworks=5"),
            Map.of());
    try (var master = MasterServer.start(flags, network);
        var fleet = Fleet.local(profile, 10, network, 1);
        var threads = Executors.newFixedThreadPool(THREADS)) {
      fleet.connect(new Upid("master", "127.0.0.1", master.port()));
      fleet.awaitRegistered(30);
      var known = known(master.port());
      long begin = System.nanoTime();
      var sent = new AtomicLong();
      var done = new ArrayList<Future<Map<Integer, Long>>>();
      for (int i = 0; i < THREADS; i++) {
        var random = new SplittableRandom(seed + i);
        done.add(threads.submit(() -> attack(master, random, known, cases / THREADS, sent, begin)));
      }
      var statuses = new TreeMap<Integer, Long>();
      for (var each : done) {
        each.get().forEach((status, count) -> statuses.merge(status, count, Long::sum));
      }
      System.out.printf(
          "%d cases of seed %d in %.1f s: %s%n",
          cases, seed, (System.nanoTime() - begin) / 1e9, statuses);
      assertThat(statuses).as("seed " + seed).doesNotContainKey(500).containsKey(400);
      assertThat(master.ended()).isNotDone();
      // It still does its work, and nothing waits.
      var metrics = get(master.port(), "/metrics/snapshot");
      assertThat(metrics).contains("\"master/elected\":1.0");
      var depth = Pattern.compile("\"master/event_queue_messages\":([0-9.]+)").matcher(metrics);
      assertThat(depth.find()).isTrue();
      assertThat(Double.parseDouble(depth.group(1))).isLessThan(1000);
    }
  }

  private static Map<Integer, Long> attack(
      MasterServer master,
      SplittableRandom random,
      List<String> known,
      long count,
      AtomicLong sent,
      long begin)
      throws Exception {
    var statuses = new TreeMap<Integer, Long>();
    var cases = new Cases(random, known);
    try (var client = new Client(master.port())) {
      for (long i = 0; i < count; i++) {
        var next = cases.next();
        try {
          int status = client.send(next);
          statuses.merge(status, 1L, Long::sum);
          long all = sent.incrementAndGet();
          if (all % 50_000 == 0) {
            System.out.printf("%d cases in %.1f s%n", all, (System.nanoTime() - begin) / 1e9);
          }
          if (status == 500) {
            throw new AssertionError("500 for " + show(next));
          }
        } catch (SocketTimeoutException e) {
          throw new AssertionError("no answer to " + show(next), e);
        }
      }
    }
    return statuses;
  }

  private static String show(Cases.Case next) {
    return new String(next.bytes(), StandardCharsets.ISO_8859_1)
            .replaceAll("[^\\x20-\\x7e\r\n]", ".")
        + "\nas hex: "
        + HexFormat.of().formatHex(next.bytes());
  }

  /// Ids and names that mean something to this master.
  private static List<String> known(int port) throws Exception {
    var known =
        new ArrayList<>(
            List.of(
                "cpus",
                "mem",
                "disk",
                "ports",
                "gpus",
                "role",
                "role/a",
                "*",
                "task-1",
                "task-2",
                "executor",
                "principal",
                "O1",
                "framework",
                "localhost",
                "127.0.0.1",
                "application/json"));
    var matcher = Pattern.compile("\"id\":\"([^\"]+)\"").matcher(get(port, "/slaves"));
    while (matcher.find()) {
      known.add(matcher.group(1));
    }
    return List.copyOf(known);
  }

  private static String get(int port, String path) throws Exception {
    try (var client = java.net.http.HttpClient.newHttpClient()) {
      return client
          .send(
              java.net.http.HttpRequest.newBuilder(
                      java.net.URI.create("http://127.0.0.1:" + port + path))
                  .timeout(Duration.ofSeconds(20))
                  .build(),
              java.net.http.HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
