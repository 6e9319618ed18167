// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import io.meseta.agent.server.AgentFlags;
import io.meseta.agent.server.AgentServer;
import io.meseta.chronos.server.ChronosFlags;
import io.meseta.chronos.server.ChronosServer;
import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import io.meseta.flags.Style;
import io.meseta.marathon.server.MarathonFlags;
import io.meseta.marathon.server.MarathonServer;
import io.meseta.master.server.MasterFlags;
import io.meseta.master.server.MasterServer;
import io.meseta.zk.EmbeddedZooKeeper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A whole cluster in this process. Everything is what it would be on machines of its own, flags
/// included.
public final class LocalCluster implements AutoCloseable {
  /// The reason in one line, naming the flag to change.
  public static final class CannotStart extends Exception {
    CannotStart(String message) {
      super(message);
    }
  }

  private enum Rank {
    AGENT,
    FRAMEWORK,
    MASTER,
    ZOOKEEPER,
    LOCK
  }

  private interface Step {
    void run() throws Exception;
  }

  private static final int LEADERS_PATIENCE = 2_000;
  private static final int FIRST_TASK_PORT = 31_000;
  private static final int LAST_TASK_PORT = 32_000;

  private final Logger log = LoggerFactory.getLogger(LocalCluster.class);
  private final LocalFlags flags;
  private final CompletableFuture<String> ended = new CompletableFuture<>();
  private final List<String> warnings = new ArrayList<>();
  private final List<BooleanSupplier> leading = new CopyOnWriteArrayList<>();

  /// Agents stop first, so that frameworks still hear what became of their tasks and know at the
  /// next start.
  private final TreeMap<Rank, List<Step>> closing = new TreeMap<>();

  private LocalCluster(LocalFlags flags) {
    this.flags = flags;
  }

  /// Starts everything.
  public static LocalCluster start(LocalFlags flags) throws CannotStart {
    var cluster = new LocalCluster(flags);
    try {
      cluster.lock(); // before the ports: those of the cluster that runs are in use too
      cluster.checkPorts();
      cluster.startAll();
      return cluster;
    } catch (CannotStart e) {
      cluster.close();
      throw e;
    } catch (Exception e) {
      cluster.log.error("cannot start", e);
      cluster.close();
      throw new CannotStart("cannot start: " + reason(e));
    }
  }

  /// Completes with the reason when a server ended by itself, or with nothing when asked to.
  public CompletableFuture<String> ended() {
    return ended;
  }

  /// What the user should know at the start.
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  void end(String reason) {
    ended.complete(reason);
  }

  /// All ports are looked at before anything starts, so that nothing is half started.
  private void checkPorts() throws CannotStart {
    check("zookeeper-port", flags.zookeeperPort());
    check("master-port", flags.masterPort());
    for (int i = 0; i < flags.agents(); i++) {
      check("agent-port", flags.agentPort() + i);
    }
    check("marathon-port", flags.marathonPort());
    check("chronos-port", flags.chronosPort());
  }

  private void check(String flag, int port) throws CannotStart {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(flags.ip(), port));
    } catch (IOException | IllegalArgumentException e) {
      throw new CannotStart(
          "--"
              + flag
              + "="
              + port
              + ": cannot listen on "
              + flags.ip()
              + ":"
              + port
              + " ("
              + e.getMessage()
              + "); give another one");
    }
  }

  /// Two clusters must not share a folder.
  private void lock() throws CannotStart, IOException {
    var channel =
        FileChannel.open(
            flags.home().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock held = channel.tryLock();
    if (held == null) {
      channel.close();
      throw new CannotStart(
          "--work-dir="
              + flags.home()
              + ": a cluster is already running with it; stop that one or give another folder");
    }
    onClose(Rank.LOCK, channel::close);
  }

  private void startAll() throws Exception {
    var home = flags.home();
    var zookeeper =
        EmbeddedZooKeeper.start(home.resolve("zookeeper"), flags.ip(), flags.zookeeperPort());
    onClose(Rank.ZOOKEEPER, zookeeper::close);
    zookeeper.endOldSessions(); // of a cluster that was killed: all were this process
    var zk = flags.ip() + ":" + flags.zookeeperPort();
    var master = together(() -> startMaster(zk, home));
    var agents = new ArrayList<CompletableFuture<Void>>();
    for (int i = 0; i < flags.agents(); i++) {
      int number = i;
      agents.add(together(() -> startAgent(zk, home, number)));
    }
    var marathon = together(() -> startMarathon(zk));
    var chronos = together(() -> startChronos(zk));
    master.get();
    for (var agent : agents) {
      agent.get();
    }
    marathon.get();
    chronos.get();
    awaitLeaders();
  }

  /// Whoever reads that the cluster runs may use it at once.
  private void awaitLeaders() throws InterruptedException {
    for (int i = 0;
        i < LEADERS_PATIENCE && !leading.stream().allMatch(BooleanSupplier::getAsBoolean);
        i++) {
      Thread.sleep(10);
    }
  }

  private static CompletableFuture<Void> together(Step step) {
    var done = new CompletableFuture<Void>();
    Thread.ofPlatform()
        .start(() -> {
          try {
            step.run();
            done.complete(null);
          } catch (Exception | Error e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }

  private synchronized void onClose(Rank rank, Step step) {
    closing.computeIfAbsent(rank, r -> new ArrayList<>()).add(step);
  }

  private void startMaster(String zk, Path home) throws FlagException {
    var args =
        List.of(
            "--zk=zk://" + zk + "/mesos",
            "--ip=" + flags.ip(),
            "--port=" + flags.masterPort(),
            "--hostname=" + hostname(),
            "--work_dir=" + home.resolve("master"),
            "--external_log_file=" + home.resolve("meseta.log"),
            "--cluster=local",
            "--quorum=1");
    var server = MasterServer.start(MasterFlags.parse(args, Map.of()));
    onClose(Rank.MASTER, server::close);
    leading.add(server::elected);
    server.ended().thenAccept(reason -> end("the master ended: " + reason));
  }

  private void startAgent(String zk, Path home, int number)
      throws FlagException, AgentServer.StartException {
    var args =
        new ArrayList<>(
            List.of(
                "--master=zk://" + zk + "/mesos",
                "--ip=" + flags.ip(),
                "--port=" + (flags.agentPort() + number),
                "--hostname=" + hostname(),
                "--work_dir=" + home.resolve("agent-" + (number + 1)),
                "--external_log_file=" + home.resolve("meseta.log"),
                "--runtime_dir=" + home.resolve("run-" + (number + 1))));
    if (flags.resources().isPresent() || flags.agents() > 1) {
      args.add("--resources=" + share(number));
    }
    var server =
        AgentServer.start(Flags.parse(AgentFlags.class, Style.mesos("agent"), args, Map.of()));
    onClose(
        Rank.AGENT,
        () -> {
          if (!flags.keepTasks()) {
            server.stop("the local cluster is stopped");
            try {
              server.ended().get(15, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
              log.warn("tasks of agent {} are still being killed", number + 1);
            }
          }
          server.close();
        });
  }

  /// A part of the machine for one of several agents. Ports must not overlap: they are of one host.
  private String share(int number) {
    if (flags.resources().filter(text -> text.contains("ports")).isPresent()
        && flags.agents() == 1) {
      return flags.resources().get();
    }
    int ports = (LAST_TASK_PORT - FIRST_TASK_PORT + 1) / flags.agents();
    int first = FIRST_TASK_PORT + number * ports;
    var range = "ports:[" + first + "-" + (first + ports - 1) + "]";
    if (flags.resources().isPresent()) {
      return flags.resources().get() + ";" + range;
    }
    int cpus = Runtime.getRuntime().availableProcessors();
    long memory =
        ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean machine
            ? machine.getTotalMemorySize() >> 20
            : 2048;
    long usable = memory > 2048 ? memory - 1024 : memory / 2;
    return "cpus:"
        + Math.round(1000.0 * cpus / flags.agents()) / 1000.0
        + ";mem:"
        + usable / flags.agents()
        + ";"
        + range;
  }

  private void startMarathon(String zk) throws FlagException {
    var args =
        List.of(
            "--master",
            "zk://" + zk + "/mesos",
            "--zk",
            "zk://" + zk + "/marathon",
            "--http_address",
            flags.ip(),
            "--http_port",
            Integer.toString(flags.marathonPort()),
            "--hostname",
            hostname());
    var server = MarathonServer.start(MarathonFlags.parse(args, Map.of()));
    onClose(Rank.FRAMEWORK, server::close);
    leading.add(server::leading);
    server.ended().thenAccept(reason -> end("Marathon ended: " + reason.reason()));
  }

  private void startChronos(String zk) throws FlagException {
    var args =
        List.of(
            "--master",
            "zk://" + zk + "/mesos",
            "--zk_hosts",
            zk,
            "--http_address",
            flags.ip(),
            "--http_port",
            Integer.toString(flags.chronosPort()),
            "--hostname",
            hostname(),
            "--user",
            System.getProperty("user.name"));
    var server = ChronosServer.start(ChronosFlags.parse(args, Map.of()));
    onClose(Rank.FRAMEWORK, server::close);
    leading.add(server::leading);
    server.ended().thenAccept(reason -> end("Chronos ended: " + reason));
  }

  private String hostname() {
    return flags.ip().equals("127.0.0.1") ? "localhost" : flags.ip();
  }

  /// Stops everything; safe to call twice.
  @Override
  public void close() {
    ended.complete("");
    List<Step> steps;
    synchronized (this) {
      steps = closing.values().stream().flatMap(List::stream).toList();
      closing.clear();
    }
    for (var step : steps) {
      try {
        step.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        log.warn("could not be stopped in order", e);
      }
    }
  }

  /// For the messages of failed starts: the first cause that says something.
  static String reason(Throwable failure) {
    var cause =
        failure instanceof ExecutionException e && e.getCause() != null ? e.getCause() : failure;
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
