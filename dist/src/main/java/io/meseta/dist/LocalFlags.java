// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import io.meseta.flags.Checks;
import io.meseta.flags.Flag;
import io.meseta.flags.Style;
import java.nio.file.Path;
import java.util.Optional;

/// The flags of `meseta local`.
public record LocalFlags(
    @Flag(
            name = "work-dir",
            aliases = "work_dir",
            help =
                "Where everything is kept (default: ~/.meseta/local). The next start goes on from there.")
        Optional<Path> workDir,
    @Flag(
            defaultValue = "1",
            help = "How many agents; the machine's resources are shared out among them.")
        int agents,
    @Flag(
            defaultValue = "127.0.0.1",
            help =
                "The address that everything listens on. There is no authentication: leave it on loopback unless the network is yours.")
        String ip,
    @Flag(name = "zookeeper-port", defaultValue = "2181", help = "The port of ZooKeeper.")
        int zookeeperPort,
    @Flag(
            name = "master-port",
            defaultValue = "5050",
            help = "The port of the master and its console.")
        int masterPort,
    @Flag(
            name = "agent-port",
            defaultValue = "5051",
            help = "The port of the first agent; further ones take the next ports.")
        int agentPort,
    @Flag(
            name = "marathon-port",
            defaultValue = "8080",
            help = "The port of Marathon and its console.")
        int marathonPort,
    @Flag(
            name = "chronos-port",
            defaultValue = "4400",
            help = "The port of Chronos and its console.")
        int chronosPort,
    @Flag(
            name = "resources",
            help =
                "The resources of each agent, such as cpus:4;mem:8192 (default: what the machine has).")
        Optional<String> resources,
    @Flag(
            name = "keep-tasks",
            help =
                "Leaves tasks running when the cluster is stopped; the next start takes them back.")
        boolean keepTasks) {
  static final Style STYLE = Style.spaced("meseta local", "MESETA_LOCAL_");

  public LocalFlags {
    var checks =
        new Checks()
            .that(agents >= 1 && agents <= 100, "--agents=" + agents + ": expected 1 to 100");
    port(checks, "zookeeper", zookeeperPort);
    port(checks, "master", masterPort);
    port(checks, "agent", agentPort);
    port(checks, "marathon", marathonPort);
    port(checks, "chronos", chronosPort);
    checks.done();
  }

  private static void port(Checks checks, String server, int port) {
    checks.that(
        port >= 0 && port <= 65535, "--" + server + "-port=" + port + ": expected 0 to 65535");
  }

  Path home() {
    return workDir
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".meseta", "local"))
        .toAbsolutePath()
        .normalize();
  }
}
