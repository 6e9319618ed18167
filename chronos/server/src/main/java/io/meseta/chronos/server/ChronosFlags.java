// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.server;

import io.meseta.chronos.core.ChronosSettings;
import io.meseta.flags.Checks;
import io.meseta.flags.Flag;
import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import io.meseta.flags.Style;
import io.meseta.zk.ZkUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The flags of `chronos`, with the original's names.
public record ChronosFlags(
    @Flag(
            help =
                "The master: zk://host:port/mesos, http://host:port, host:port, or a list of the latter two.")
        String master,
    @Flag(
            defaultValue = "localhost:2181",
            help = "ZooKeeper: host1:port1,host2:port2 or zk://...; the path comes from --zk_path.")
        String zkHosts,
    @Flag(
            defaultValue = "/chronos/state",
            help = "Where jobs are kept in ZooKeeper, one node a job.")
        String zkPath,
    @Flag(help = "user:password for ZooKeeper.", secret = true) Optional<String> zkAuth,
    @Flag(
            defaultValue = "10000",
            help = "After so many milliseconds ZooKeeper forgets a silent server.")
        long zkTimeout,
    @Flag(defaultValue = "0.0.0.0", help = "The IP address to listen on.") String httpAddress,
    @Flag(defaultValue = "4400", help = "The port to listen on; 0 takes a free one.") int httpPort,
    @Flag(help = "The name others reach this server by (default: this machine's name).")
        Optional<String> hostname,
    @Flag(help = "user:password that every request but /ping has to bring.", secret = true)
        Optional<String> httpCredentials,
    @Flag(help = "Where the web interface is, for the master's page (default: this server).")
        Optional<String> webuiUrl,
    @Flag(defaultValue = "", help = "Shown in the name of the framework.") String clusterName,
    @Flag(defaultValue = "root", help = "The user of jobs that name none.") String user,
    @Flag(
            defaultValue = "604800",
            help = "Seconds for which the master keeps tasks while no Chronos is connected.")
        double failoverTimeout,
    @Flag(defaultValue = "60000", help = "Milliseconds before a failed run is tried again.")
        long failureRetry,
    @Flag(defaultValue = "0", help = "Disables a job after so many failures in a row; 0 for never.")
        long disableAfterFailures,
    @Flag(defaultValue = "0.1", help = "CPUs of jobs that say nothing.") double mesosTaskCpu,
    @Flag(defaultValue = "128", help = "Memory in MB of jobs that say nothing.")
        double mesosTaskMem,
    @Flag(defaultValue = "256", help = "Disk in MB of jobs that say nothing.") double mesosTaskDisk,
    @Flag(defaultValue = "true", help = "Lets tasks survive a restart of their agent.")
        boolean mesosCheckpoint,
    @Flag(defaultValue = "*", help = "The role of the framework.") String mesosRole,
    @Flag(defaultValue = "chronos", help = "The name of the framework.") String mesosFrameworkName,
    @Flag(help = "The principal of the framework.") Optional<String> mesosAuthenticationPrincipal,
    @Flag(help = "A file with the principal's secret.")
        Optional<Path> mesosAuthenticationSecretFile,
    @Flag(
            defaultValue = "600",
            help = "Seconds between looks at what the master knows of our tasks.")
        long reconciliationInterval,
    @Flag(defaultValue = "5000", help = "Milliseconds for which an offer of no use is declined.")
        long declineOfferDuration,
    @Flag(defaultValue = "10000", help = "How many jobs may exist.") int maxJobs) {
  public static final Style STYLE = OriginalFlags.known(Style.spaced("chronos", "CHRONOS_"));

  public ChronosFlags {
    new Checks()
        .that(
            httpPort >= 0 && httpPort <= 65535, "--http_port=" + httpPort + ": expected 0 to 65535")
        .that(
            zkPath.startsWith("/") && zkPath.length() > 1,
            "--zk_path=" + zkPath + ": expected a path such as /chronos/state")
        .done();
  }

  /// Reads the flags.
  ///
  /// @throws FlagException with every problem
  public static ChronosFlags parse(List<String> args, Map<String, String> environment)
      throws FlagException {
    return parse(args, environment, warning -> {});
  }

  static ChronosFlags parse(
      List<String> args, Map<String, String> environment, Consumer<String> warnings)
      throws FlagException {
    return Flags.parse(ChronosFlags.class, STYLE, args, environment, warnings);
  }

  ZkUrl zk() {
    var hosts = zkHosts.startsWith("zk://") ? ZkUrl.parse(zkHosts).hosts() : zkHosts;
    return ZkUrl.parse("zk://" + zkAuth.map(auth -> auth + "@").orElse("") + hosts + zkPath);
  }

  ChronosSettings settings() {
    return new ChronosSettings(
        mesosTaskCpu,
        mesosTaskMem,
        mesosTaskDisk,
        user,
        Duration.ofMillis(failureRetry),
        disableAfterFailures,
        Duration.ofSeconds(reconciliationInterval),
        Duration.ofMillis(declineOfferDuration),
        maxJobs);
  }
}
