// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import io.meseta.flags.Checks;
import io.meseta.flags.Flag;
import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import io.meseta.flags.Style;
import io.meseta.zk.EmbeddedZooKeeper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

/// `meseta zookeeper`: one ZooKeeper server, alone or as a member of an ensemble.
final class ZooKeeperMain {
  static final Style STYLE =
      new Style("meseta zookeeper", List.of("MESETA_ZOOKEEPER_"), true, Map.of());

  /// The flags.
  record ZooKeeperFlags(
      @Flag(help = "Where the data is kept.") Path workDir,
      @Flag(
              defaultValue = "127.0.0.1",
              help =
                  "The address clients connect to. ZooKeeper is not authenticated here: keep it on loopback or on a network of your own.")
          String ip,
      @Flag(defaultValue = "2181", help = "The port clients connect to.") int port,
      @Flag(
              defaultValue = "",
              help =
                  "The members of an ensemble, such as 1=h1:2888:3888,2=h2:2888:3888,3=h3:2888:3888; none for a server alone.")
          List<String> servers,
      @Flag(defaultValue = "1", help = "Which member of --servers this is.") int id) {
    ZooKeeperFlags {
      var checks = new Checks();
      checks.that(port >= 0 && port <= 65535, "--port=" + port + ": expected 0 to 65535");
      for (var server : servers) {
        checks.that(
            server.matches("\\d+=[^:=]+:\\d+:\\d+"),
            "--servers: '" + server + "' (expected: number=host:port:port)");
      }
      checks.that(
          servers.isEmpty() || servers.stream().anyMatch(server -> server.startsWith(id + "=")),
          "--id=" + id + ": expected one of the numbers in --servers");
      checks.done();
    }
  }

  private ZooKeeperMain() {}

  static int run(String[] args, Map<String, String> environment) {
    if (Flags.help(List.of(args))) {
      System.out.print(
          Flags.help(
              ZooKeeperFlags.class, STYLE, "Runs a ZooKeeper server, alone or in an ensemble."));
      return 0;
    }
    if (List.of(args).contains("--version")) {
      System.out.println("meseta zookeeper " + Meseta.VERSION);
      return 0;
    }
    ZooKeeperFlags flags;
    try {
      flags = Flags.parse(ZooKeeperFlags.class, STYLE, List.of(args), environment);
    } catch (FlagException e) {
      e.problems().forEach(System.err::println);
      System.err.println("See ./meseta zookeeper --help");
      return 1;
    }
    try {
      Files.createDirectories(flags.workDir());
    } catch (IOException e) {
      System.err.println("--work_dir=" + flags.workDir() + ": cannot be made");
      return 1;
    }
    try {
      if (flags.servers().isEmpty()) {
        try (var server = EmbeddedZooKeeper.start(flags.workDir(), flags.ip(), flags.port())) {
          System.out.println("ZooKeeper listens on " + flags.ip() + ":" + server.port());
          new CountDownLatch(1).await();
        }
      } else {
        member(flags);
      }
      return 0;
    } catch (IOException | QuorumPeerConfig.ConfigException e) {
      System.err.println("--port=" + flags.port() + ": " + e.getMessage());
      return 1;
    } catch (Exception e) {
      System.err.println("ZooKeeper ends: " + e.getMessage());
      return 2;
    }
  }

  private static void member(ZooKeeperFlags flags) throws Exception {
    System.setProperty("zookeeper.admin.enableServer", "false");
    Files.writeString(flags.workDir().resolve("myid"), Integer.toString(flags.id()));
    var properties = new Properties();
    properties.setProperty("dataDir", flags.workDir().toString());
    properties.setProperty("clientPort", Integer.toString(flags.port()));
    properties.setProperty("clientPortAddress", flags.ip());
    // Sessions end at ticks: with the usual two seconds a new leader would wait so much longer. All
    // that is counted in ticks lasts as long as ever.
    properties.setProperty("tickTime", "500");
    properties.setProperty("minSessionTimeout", "1000");
    properties.setProperty("maxSessionTimeout", "40000");
    properties.setProperty("initLimit", "40");
    properties.setProperty("syncLimit", "20");
    properties.setProperty("maxClientCnxns", "0");
    properties.setProperty("autopurge.purgeInterval", "1");
    for (var server : flags.servers()) {
      int equals = server.indexOf('=');
      properties.setProperty("server." + server.substring(0, equals), server.substring(equals + 1));
    }
    var config = new QuorumPeerConfig();
    config.parseProperties(properties);
    System.out.println(
        "ZooKeeper "
            + flags.id()
            + " of "
            + flags.servers().size()
            + " listens on "
            + flags.ip()
            + ":"
            + flags.port());
    new QuorumPeerMain().runFromConfig(config);
  }
}
