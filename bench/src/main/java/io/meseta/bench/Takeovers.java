// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.emulate.Fleet;
import io.meseta.emulate.Profile;
import io.meseta.sdk.MasterDetector;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Three ZooKeepers and three masters as processes; the leader is killed again and again while a
/// framework launches on emulated agents over sockets. Counts what was lost or launched twice.
final class Takeovers {
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .connectTimeout(Duration.ofMillis(500))
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  private final Path dir;
  private final int session;
  private final List<Server> zookeepers = new ArrayList<>();
  private final List<Server> masters = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final Map<Integer, AtomicInteger> redirects = new TreeMap<>();
  private String zk = "";

  private Takeovers(Path dir, int session) {
    this.dir = dir;
    this.session = session;
  }

  static void run(Arguments arguments) throws Exception {
    var dir = Files.createTempDirectory("meseta-takeovers");
    var bench = new Takeovers(dir, arguments.get("session", 10));
    try {
      bench.start();
      bench.measure(
          arguments.get("agents", 300), arguments.get("kills", 15), arguments.get("every", 20));
    } finally {
      for (var server : bench.masters) {
        server.kill();
      }
      for (var server : bench.zookeepers) {
        server.kill();
      }
      Cluster.remove(dir);
    }
  }

  private void start() throws Exception {
    var servers = new ArrayList<String>();
    var clients = new ArrayList<String>();
    var clientPorts = new ArrayList<Integer>();
    for (int i = 1; i <= 3; i++) {
      servers.add(i + "=127.0.0.1:" + Server.freePort() + ":" + Server.freePort());
      clientPorts.add(Server.freePort());
      clients.add("127.0.0.1:" + clientPorts.getLast());
    }
    for (int i = 1; i <= 3; i++) {
      var home = Files.createDirectories(dir.resolve("zk" + i));
      zookeepers.add(
          Server.start(
              home,
              "zookeeper",
              List.of(
                  "--work_dir=" + home,
                  "--port=" + clientPorts.get(i - 1),
                  "--servers=" + String.join(",", servers),
                  "--id=" + i)));
    }
    zk = "zk://" + String.join(",", clients) + "/mesos";
    for (int i = 0; i < 3; i++) {
      ports.add(Server.freePort());
      masters.add(master(i));
    }
  }

  private Server master(int i) throws IOException {
    var home = Files.createDirectories(dir.resolve("master" + i));
    return Server.start(
        home,
        "master",
        List.of(
            "--zk=" + zk,
            "--ip=127.0.0.1",
            "--port=" + ports.get(i),
            "--no-hostname_lookup",
            "--work_dir=" + home,
            "--zk_session_timeout=" + session + "secs"));
  }

  private void measure(int agents, int kills, int every) throws Exception {
    var profile =
        Profile.of(
            "cpus:1;mem:128", Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(1));
    Map<String, AtomicInteger> told = new ConcurrentHashMap<>();
    int leader = awaitLeader(-1, 120);
    try (var detector = MasterDetector.of(zk);
        var fleet = Fleet.sockets(profile, agents, "127.0.0.1", 1);
        var ledger = new Ledger(zk)) {
      fleet.onLaunch(id -> told.computeIfAbsent(id, i -> new AtomicInteger()).incrementAndGet());
      fleet.follow(detector);
      fleet.awaitRegistered(60);
      TimeUnit.SECONDS.sleep(10);
      double worstLeader = 0;
      double worstAgents = 0;
      for (int kill = 1; kill <= kills; kill++) {
        long begin = System.nanoTime();
        masters.get(leader).kill();
        int next = awaitLeader(leader, 60);
        double elected = (System.nanoTime() - begin) / 1e9;
        while (fleet.registeredCount() < agents || health(next) != 200) {
          probe(next);
          TimeUnit.MILLISECONDS.sleep(20);
          if (System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(120)) {
            throw new IllegalStateException(fleet.registeredCount() + " agents came back");
          }
        }
        double back = (System.nanoTime() - begin) / 1e9 - elected;
        System.out.printf(
            "kill %d: a leader after %.1f s, all agents %.1f s later; %d launched, %d finished;"
                + " load %s%n",
            kill, elected, back, ledger.launched(), ledger.finished(), Machine.load());
        worstLeader = Math.max(worstLeader, elected);
        worstAgents = Math.max(worstAgents, back);
        masters.set(leader, master(leader));
        leader = next;
        long until = begin + TimeUnit.SECONDS.toNanos(every);
        while (System.nanoTime() < until) {
          probe(leader);
          TimeUnit.MILLISECONDS.sleep(100);
        }
      }
      ledger.stopLaunching();
      for (int i = 0; i < 12 && ledger.open() > 0; i++) {
        TimeUnit.SECONDS.sleep(5);
        ledger.reconcile();
      }
      long twice = told.values().stream().filter(times -> times.get() > 1).count();
      var lost = ledger.lost();
      long ranAndLost = lost.keySet().stream().filter(told::containsKey).count();
      System.out.printf(
          "%d kills, session %d s: a leader after %.1f s at worst, agents back %.1f s later at"
              + " worst%n",
          kills, session, worstLeader, worstAgents);
      System.out.printf(
          "%d launched: %d finished, %d never reached an agent and were reported so, %d ran and"
              + " were reported lost, %d launched twice, %d of unknown fate%n",
          ledger.launched(),
          ledger.finished(),
          lost.size() - ranAndLost,
          ranAndLost,
          twice,
          ledger.open());
      System.out.println("followers asked for /state answered " + redirects);
      if (twice + ranAndLost + ledger.open() > 0) {
        throw new IllegalStateException("tasks were lost or launched twice");
      }
    }
  }

  private int awaitLeader(int dead, int seconds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < end) {
      for (int i = 0; i < ports.size(); i++) {
        if (i != dead) {
          try {
            var metrics = Server.get("http://127.0.0.1:" + ports.get(i) + "/metrics/snapshot");
            if (metrics.contains("\"master/elected\":1.0")) {
              return i;
            }
          } catch (IOException notYet) {
            // It is starting.
          }
        }
      }
      if (dead >= 0) {
        probe(-1);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    throw new IllegalStateException("nobody leads after " + seconds + " s");
  }

  private int health(int master) throws Exception {
    return status(master, "/health");
  }

  /// Asks those who do not lead for something that only the leader has.
  private void probe(int leader) throws Exception {
    for (int i = 0; i < ports.size(); i++) {
      if (i != leader) {
        int status = status(i, "/state");
        redirects.computeIfAbsent(status, s -> new AtomicInteger()).incrementAndGet();
      }
    }
  }

  /// 0 when nobody listens.
  private int status(int master, String path) throws InterruptedException {
    try {
      return HTTP.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(master) + path))
                  .timeout(Duration.ofSeconds(5))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0;
    }
  }
}
