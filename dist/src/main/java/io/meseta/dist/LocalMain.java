// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// `meseta local`: the whole cluster in the foreground until Ctrl-C.
final class LocalMain {
  private LocalMain() {}

  /// Runs until a signal; the exit code.
  static int run(String[] args, Map<String, String> environment) {
    if (Flags.help(List.of(args))) {
      System.out.print(
          Flags.help(
              LocalFlags.class,
              LocalFlags.STYLE,
              "Runs ZooKeeper, a master, agents, Marathon and Chronos in one process until Ctrl-C."));
      return 0;
    }
    if (List.of(args).contains("--version")) {
      System.out.println("meseta local " + Meseta.VERSION);
      return 0;
    }
    LocalFlags flags;
    try {
      flags = Flags.parse(LocalFlags.class, LocalFlags.STYLE, List.of(args), environment);
      Files.createDirectories(flags.home());
    } catch (FlagException e) {
      e.problems().forEach(System.err::println);
      System.err.println("See ./meseta local --help");
      return 1;
    } catch (IOException e) {
      System.err.println("--work-dir: cannot be made: " + e.getMessage());
      return 1;
    }
    var log = flags.home().resolve("meseta.log");
    System.setProperty("meseta.log", log.toString());
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "logback-local.xml");
    }
    System.out.println("Starting ...");
    var stopped = new CountDownLatch(1);
    try (var cluster = LocalCluster.start(flags)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(cluster, stopped), "shutdown"));
      System.out.println(table(flags, cluster, log.toString()));
      System.out.flush();
      var reason = cluster.ended().join();
      if (!reason.isEmpty()) {
        System.err.println("meseta local ends: " + reason + " (the log is " + log + ")");
        return 2;
      }
      return 0;
    } catch (LocalCluster.CannotStart e) {
      System.err.println(e.getMessage());
      return 1;
    } finally {
      stopped.countDown();
    }
  }

  private static String table(LocalFlags flags, LocalCluster cluster, String log) {
    var text = new StringBuilder("\nThe cluster runs.\n\n");
    var host = flags.ip().equals("127.0.0.1") ? "localhost" : flags.ip();
    row(text, "Console", "http://" + host + ":" + flags.masterPort());
    row(text, "Marathon", "http://" + host + ":" + flags.marathonPort());
    row(text, "Chronos", "http://" + host + ":" + flags.chronosPort());
    row(
        text,
        flags.agents() == 1 ? "Agent" : "Agents",
        "http://"
            + host
            + ":"
            + flags.agentPort()
            + (flags.agents() == 1 ? "" : " to " + (flags.agentPort() + flags.agents() - 1)));
    row(text, "ZooKeeper", "zk://" + host + ":" + flags.zookeeperPort() + "/mesos");
    row(text, "Data", flags.home().toString());
    row(text, "Log", log);
    cluster.warnings().forEach(warning -> text.append("\n  Note: ").append(warning).append('\n'));
    return text.append("\nCtrl-C stops everything")
        .append(flags.keepTasks() ? ", tasks excepted." : ".")
        .toString();
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append(String.format("  %-11s%s%n", name, value));
  }

  private static void stop(LocalCluster cluster, CountDownLatch stopped) {
    System.out.println("\nStopping ...");
    cluster.end("");
    try {
      if (!stopped.await(30, TimeUnit.SECONDS)) {
        System.err.println("Not everything stopped within 30 s.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
