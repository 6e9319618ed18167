// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.flags.Checks;
import io.meseta.flags.Flag;
import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import io.meseta.flags.Style;
import io.meseta.zk.ZkUrl;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The flags of `marathon`, with the original's names. Durations are milliseconds unless said.
public record MarathonFlags(
    @Flag(
            help =
                "The master: zk://host:port/mesos, http://host:port, host:port, or a list of the"
                    + " latter two.")
        String master,
    @Flag(
            defaultValue = "zk://localhost:2181/marathon",
            help = "Where state is kept and the leader is elected.")
        String zk,
    @Flag(defaultValue = "0.0.0.0", help = "The IP address to listen on.") String httpAddress,
    @Flag(defaultValue = "8080", help = "The port to listen on; 0 takes a free one.") int httpPort,
    @Flag(help = "The name others reach this server by (default: this machine's name).")
        Optional<String> hostname,
    @Flag(help = "user:password that every request but /ping has to bring.", secret = true)
        Optional<String> httpCredentials,
    @Flag(defaultValue = "Mesosphere", help = "The realm of --http_credentials.") String httpRealm,
    @Flag(defaultValue = "true", help = "Compresses answers for clients that want it.")
        boolean httpCompression,
    @Flag(help = "The value of Access-Control-Allow-Origin; without it there is no such header.")
        Optional<String> accessControlAllowOrigin,
    @Flag(help = "Where the web interface is, for the master's page (default: this server).")
        Optional<String> webuiUrl,
    @Flag(
            defaultValue = "1024",
            help = "A reader of events that is so many behind is disconnected.")
        int eventStreamMaxOutstandingMessages,
    @Flag(defaultValue = "marathon", help = "The name of the framework.") String frameworkName,
    @Flag(defaultValue = "*", help = "The role of apps that name none.") String mesosRole,
    @Flag(help = "The user tasks run as (default: the user of this process).")
        Optional<String> mesosUser,
    @Flag(
            defaultValue = "604800",
            help = "Seconds for which the master keeps tasks while no Marathon is connected.")
        long failoverTimeout,
    @Flag(defaultValue = "true", help = "Lets tasks survive a restart of their agent.")
        boolean checkpoint,
    @Flag(defaultValue = "false", help = "Authenticates with the master.")
        boolean mesosAuthentication,
    @Flag(help = "The principal of the framework.") Optional<String> mesosAuthenticationPrincipal,
    @Flag(help = "The principal's secret.", secret = true)
        Optional<String> mesosAuthenticationSecret,
    @Flag(help = "A file with the principal's secret.")
        Optional<java.nio.file.Path> mesosAuthenticationSecretFile,
    @Flag(defaultValue = "mesos-bridge", help = "The name of the CNI bridge network.")
        String mesosBridgeName,
    @Flag(help = "The network of container networks without a name.")
        Optional<String> defaultNetworkName,
    @Flag(help = "Where the master's page is, for links (default: the master).")
        Optional<String> mesosLeaderUiUrl,
    @Flag(defaultValue = "5", help = "After so many missed heartbeats the master counts as lost.")
        int mesosHeartbeatFailureThreshold,
    @Flag(defaultValue = "10000", help = "After so long ZooKeeper forgets a silent server.")
        long zkSessionTimeout,
    @Flag(defaultValue = "50", help = "How many versions of an app are kept.") int zkMaxVersions,
    @Flag(defaultValue = "zk", help = "zk, or mem to keep nothing (for tests).")
        String internalStoreBackend,
    @Flag(defaultValue = "5000", help = "How long connecting to the leader may take.")
        long leaderProxyConnectionTimeout,
    @Flag(defaultValue = "10000", help = "How long the leader's answer may take.")
        long leaderProxyReadTimeout,
    @Flag(defaultValue = "10000", help = "The lowest service port given out.") int localPortMin,
    @Flag(defaultValue = "20000", help = "The highest service port given out.") int localPortMax,
    @Flag(help = "Comes before the names of PORT and HOST variables.")
        Optional<String> envVarsPrefix,
    @Flag(
            defaultValue = "",
            help = "Features, comma-separated: vips, task_killing, secrets, gpu_resources.")
        List<String> enableFeatures,
    @Flag(
            defaultValue = "off",
            help = "Whether new top-level groups give their name as role: off or top.")
        String newGroupEnforceRole,
    @Flag(defaultValue = "100", help = "How many deployments may run at once.")
        int maxRunningDeployments,
    @Flag(
            defaultValue = "info",
            help = "What is logged: that and what is graver of error, warn, info, debug and trace.")
        String loggingLevel,
    @Flag(defaultValue = "256", help = "How many health checks may be under way at once.")
        int maxConcurrentMarathonHealthChecks,
    @Flag(defaultValue = "100", help = "How many launches may be under way at once.")
        int launchTokens,
    @Flag(defaultValue = "30000", help = "How often launch tokens come back by themselves.")
        long launchTokenRefreshInterval,
    @Flag(defaultValue = "5", help = "How many tasks are launched on one offer.")
        int maxInstancesPerOffer,
    @Flag(defaultValue = "120000", help = "How long declined resources are not offered again.")
        long declineOfferDuration,
    @Flag(defaultValue = "5000", help = "How often offers are asked for at most.")
        long minReviveOffersInterval,
    @Flag(defaultValue = "true", help = "Asks for no offers when nothing is to be launched.")
        boolean suppressOffers,
    @Flag(defaultValue = "300000", help = "How long a task may be staging.") long taskLaunchTimeout,
    @Flag(defaultValue = "300000", help = "How long a launch may go unconfirmed.")
        long taskLaunchConfirmTimeout,
    @Flag(defaultValue = "15000", help = "When tasks are reconciled first.")
        long reconciliationInitialDelay,
    @Flag(defaultValue = "600000", help = "How often tasks are reconciled.")
        long reconciliationInterval,
    @Flag(defaultValue = "15000", help = "When the numbers of instances are checked first.")
        long scaleAppsInitialDelay,
    @Flag(defaultValue = "300000", help = "How often the numbers of instances are checked.")
        long scaleAppsInterval,
    @Flag(defaultValue = "30000", help = "How often an unconfirmed kill is asked for again.")
        long killRetryTimeout,
    @Flag(defaultValue = "true", help = "Avoids agents that are in a maintenance window.")
        boolean maintenanceMode,
    @Flag(
            defaultValue = "0",
            help = "Seconds before a maintenance window in which its agents are avoided already.")
        long drainingSeconds) {
  private static final List<String> LEVELS =
      List.of("off", "error", "warn", "info", "debug", "trace", "all");

  public static final Style STYLE =
      OriginalFlags.known(Style.spaced("marathon", "MARATHON_", "MESOSPHERE_"));

  /// Checks what concerns single values beyond their type.
  public MarathonFlags {
    var checks = new Checks();
    checks.that(
        LEVELS.contains(loggingLevel),
        "--logging_level=" + loggingLevel + ": expected one of " + String.join(", ", LEVELS));
    checks.that(
        internalStoreBackend.equals("zk") || internalStoreBackend.equals("mem"),
        "--internal_store_backend=" + internalStoreBackend + ": expected zk or mem");
    checks.that(
        newGroupEnforceRole.equals("off") || newGroupEnforceRole.equals("top"),
        "--new_group_enforce_role=" + newGroupEnforceRole + ": expected off or top");
    checks.that(
        0 < localPortMin && localPortMin <= localPortMax && localPortMax <= 65535,
        "--local_port_min=" + localPortMin + ": expected at most --local_port_max=" + localPortMax);
    checks.that(
        httpCredentials.isEmpty() || httpCredentials.get().indexOf(':') > 0,
        "--http_credentials: expected user:password");
    positive(checks, "launch_tokens", launchTokens);
    positive(checks, "max_instances_per_offer", maxInstancesPerOffer);
    positive(checks, "zk_max_versions", zkMaxVersions);
    positive(checks, "max_running_deployments", maxRunningDeployments);
    positive(checks, "max_concurrent_marathon_health_checks", maxConcurrentMarathonHealthChecks);
    checkMaster(checks, master);
    if (internalStoreBackend.equals("zk")) {
      checks.reads("--zk=" + ZkUrl.masked(zk) + ": ", () -> ZkUrl.parse(zk));
    }
    checks.done();
  }

  private static void checkMaster(Checks checks, String master) {
    if (master.startsWith("zk://")) {
      checks.reads(
          "--master=" + ZkUrl.masked(master) + ": ",
          () -> {
            if (ZkUrl.parse(master).path().equals("/")) {
              throw new IllegalArgumentException("expected zk://host:port/path");
            }
          });
      return;
    }
    for (var each : master.split(",")) {
      checks.that(
          each.strip().matches("(https?://)?([\\w.-]+|\\[[0-9a-fA-F:]+\\])(:\\d{1,5})?/?"),
          "--master="
              + master
              + ": expected zk://host:port/path, http://host:port, host:port, or a list of the"
              + " latter two");
    }
  }

  private static void positive(Checks checks, String name, int count) {
    checks.that(count > 0, "--" + name + "=" + count + ": expected more than 0");
  }

  /// Reads arguments and `MARATHON_*` variables.
  ///
  /// @throws FlagException naming every problem
  public static MarathonFlags parse(List<String> args, Map<String, String> environment)
      throws FlagException {
    return parse(args, environment, warning -> {});
  }

  static MarathonFlags parse(
      List<String> args, Map<String, String> environment, Consumer<String> warnings)
      throws FlagException {
    return Flags.parse(MarathonFlags.class, STYLE, args, environment, warnings);
  }

  static String help() {
    return Flags.help(MarathonFlags.class, STYLE, "Keeps applications running in a Mesos cluster.");
  }
}
