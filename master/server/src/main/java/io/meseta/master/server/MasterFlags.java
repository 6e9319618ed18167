// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.flags.Checks;
import io.meseta.flags.Flag;
import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import io.meseta.flags.Style;
import io.meseta.http.system.Logging;
import io.meseta.master.server.auth.Access;
import io.meseta.master.server.auth.Realms;
import io.meseta.model.roles.Roles;
import io.meseta.zk.ZkUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The flags of the master, by the original's names.
public record MasterFlags(
    @Flag(
            help =
                "Address to listen on. Without it the master listens on all addresses and advertises"
                    + " the one that the host's name stands for.")
        Optional<String> ip,
    @Flag(help = "Command that prints the address to listen on, instead of --ip.")
        Optional<String> ipDiscoveryCommand,
    @Flag(defaultValue = "5050", help = "Port to listen on; 0 takes a free one.") int port,
    @Flag(help = "Address that others are told to use, when it is not --ip.")
        Optional<String> advertiseIp,
    @Flag(help = "Port that others are told to use, when it is not --port.")
        Optional<Integer> advertisePort,
    @Flag(
            help =
                "Name of this host in what others are told, in redirects for example. By default"
                    + " the name of the address, or the address with --no-hostname_lookup.")
        Optional<String> hostname,
    @Flag(defaultValue = "true", help = "Whether to look up the name of the address.")
        boolean hostnameLookup,
    @Flag(help = "Name of the cluster, for people.") Optional<String> cluster,
    @Flag(
            help =
                "ZooKeeper, as zk://host1:port1,host2:port2/path or"
                    + " zk://user:password@host1:port1/path. Without it this master leads alone.",
            secret = true)
        Optional<String> zk,
    @Flag(defaultValue = "10secs", help = "After how long ZooKeeper forgets a silent master.")
        Duration zkSessionTimeout,
    @Flag(
            defaultValue = "true",
            help =
                "Whether a master that stands by takes over a small cluster that does not exist"
                    + " once, for 20 seconds on a thread that is less urgent than others, so that"
                    + " its code is compiled when it has to lead.")
        boolean standbyRehearsal,
    @Flag(
            defaultValue = "replicated_log",
            help =
                "Where the registry is kept: in_memory (lost when the master ends) or zookeeper."
                    + " The original's replicated_log is taken as zookeeper when --zk is given, else"
                    + " as in_memory.")
        String registry,
    @Flag(help = "Not used: the master keeps no files. Taken so that scripts go on working.")
        Optional<Path> workDir,
    @Flag(help = "Not used: there is no replicated log. Taken so that scripts go on working.")
        Optional<Integer> quorum,
    @Flag(
            aliases = "slave_ping_timeout",
            defaultValue = "15secs",
            help = "How long an agent has to answer a ping.")
        Duration agentPingTimeout,
    @Flag(
            aliases = "max_slave_ping_timeouts",
            defaultValue = "5",
            help =
                "How many pings in a row an agent may leave unanswered before it is unreachable.")
        int maxAgentPingTimeouts,
    @Flag(
            aliases = "slave_reregister_timeout",
            defaultValue = "10mins",
            help =
                "How long agents have to come back after a disconnection or a new master's"
                    + " election, before they are unreachable.")
        Duration agentReregisterTimeout,
    @Flag(
            aliases = "slave_removal_rate_limit",
            help =
                "How many agents may become unreachable in which time, such as 1/10mins or 2/3hrs;"
                    + " any number without it. An agent that answers before its turn is spared; one"
                    + " that runs tasks of PARTITION_AWARE frameworks only does not wait.")
        Optional<String> agentRemovalRateLimit,
    @Flag(
            defaultValue = "1secs",
            help =
                "Refusals of offers last at least this long; what expires is looked at this often."
                    + " Free resources are offered at once.")
        Duration allocationInterval,
    @Flag(help = "After how long an offer that is not answered is taken back; never without it.")
        Optional<Duration> offerTimeout,
    @Flag(
            defaultValue = "cpus:0.01|mem:32",
            help = "The smallest offers made; any one of the alternatives suffices.")
        String minAllocatableResources,
    @Flag(defaultValue = "", help = "Resources that do not count for fair shares, by name.")
        List<String> fairSharingExcludedResourceNames,
    @Flag(
            defaultValue = "true",
            help = "Whether agents with gpus are offered to frameworks with GPU_RESOURCES only.")
        boolean filterGpuResources,
    @Flag(
            aliases = "user_sorter",
            defaultValue = "drf",
            help =
                "Who has the first turn among roles: drf, the smallest dominant share for its weight,"
                    + " or random, anybody with chances by weight.")
        String roleSorter,
    @Flag(defaultValue = "drf", help = "The same among the frameworks of a role: drf or random.")
        String frameworkSorter,
    @Flag(
            help =
                "File with the names of the hosts whose agents are offered, one a line; it is read"
                    + " again when it changes. Without it all are.")
        Optional<Path> whitelist,
    @Flag(
            help =
                "Where this master is, as JSON:"
                    + " {\"fault_domain\":{\"region\":{\"name\":\"r\"},\"zone\":{\"name\":\"z\"}}}. Agents"
                    + " of other regions are offered to frameworks with REGION_AWARE only.")
        Optional<String> domain,
    @Flag(defaultValue = "false", help = "Whether agents without a domain are ignored.")
        boolean requireAgentDomain,
    @Flag(
            help =
                "How fast drivers of the old API may send messages, by principal, as JSON:"
                    + " {\"limits\":[{\"principal\":\"p\",\"qps\":10,\"capacity\":100}],"
                    + "\"aggregate_default_qps\":50,\"aggregate_default_capacity\":500}.")
        Optional<String> rateLimits,
    @Flag(
            help =
                "Endpoints that are switched off, as JSON, or a file with it as /path or file:///path:"
                    + " {\"disabled_endpoints\":{\"paths\":[\"/files/browse\"]}}.")
        Optional<String> firewallRules,
    @Flag(
            aliases = "recovery_slave_removal_limit",
            defaultValue = "100%",
            help =
                "Which part of the registry's agents may be missing after an election: with more"
                    + " missing the master ends rather than declares them unreachable.")
        String recoveryAgentRemovalLimit,
    @Flag(help = "The only roles that frameworks may have, comma separated; any without it.")
        Optional<List<String>> roles,
    @Flag(
            help =
                "Weights of roles, as role=weight,role=weight; others have 1. Not used once the"
                    + " registry has weights.")
        Optional<List<String>> weights,
    @Flag(defaultValue = "true", help = "Whether frameworks may run tasks as root.")
        boolean rootSubmissions,
    @Flag(defaultValue = "true", help = "Whether the metrics tell of each framework by itself.")
        boolean publishPerFrameworkMetrics,
    @Flag(defaultValue = "50", help = "How many ended frameworks are remembered.")
        int maxCompletedFrameworks,
    @Flag(defaultValue = "1000", help = "How many ended tasks are remembered per framework.")
        int maxCompletedTasksPerFramework,
    @Flag(defaultValue = "1000", help = "How many unreachable tasks are remembered per framework.")
        int maxUnreachableTasksPerFramework,
    @Flag(
            defaultValue = "1000",
            help = "How many operators may watch at once; the oldest is cut off for one more.")
        int maxOperatorEventStreamSubscribers,
    @Flag(defaultValue = "15mins", help = "How often the registry is cleared of old agents.")
        Duration registryGcInterval,
    @Flag(defaultValue = "2weeks", help = "How long unreachable agents are remembered.")
        Duration registryMaxAgentAge,
    @Flag(defaultValue = "102400", help = "How many unreachable agents are remembered.")
        int registryMaxAgentCount,
    @Flag(
            help =
                "Folder for the log file mesos-master.INFO, which is then also shown at /master/log;"
                    + " without it the log goes to the standard error.")
        Optional<Path> logDir,
    @Flag(
            defaultValue = "INFO",
            help = "What is logged: that and what is graver of INFO, WARNING and ERROR.")
        String loggingLevel,
    @Flag(
            defaultValue = "false",
            help = "Logs nothing to the standard error; what --log_dir asks for is written.")
        boolean quiet,
    @Flag(help = "A log file written by others, shown at /master/log.")
        Optional<Path> externalLogFile,
    @Flag(
            defaultValue = "0.8",
            help =
                "With quota set, a new leader makes no offers before this part of the registered"
                    + " agents is back.")
        double allocatorAgentRecoveryFactor,
    @Flag(defaultValue = "10mins", help = "How long a new leader waits so at most.")
        Duration allocatorRecoveryTimeout,
    @Flag(
            aliases = "authenticate",
            defaultValue = "false",
            help =
                "Whether drivers of the old API must be authenticated. For HTTP see"
                    + " --authenticate_http_frameworks.")
        boolean authenticateFrameworks,
    @Flag(
            aliases = "authenticate_slaves",
            defaultValue = "false",
            help = "Whether agents must be authenticated.")
        boolean authenticateAgents,
    @Flag(defaultValue = "15secs", help = "How long an agent or a driver may take to authenticate.")
        Duration authenticationV0Timeout,
    @Flag(
            aliases = "authenticate_http",
            defaultValue = "false",
            help = "Whether endpoints that change something ask for a principal and its secret.")
        boolean authenticateHttpReadwrite,
    @Flag(
            defaultValue = "false",
            help = "Whether endpoints that only show something ask for a principal and its secret.")
        boolean authenticateHttpReadonly,
    @Flag(
            defaultValue = "false",
            help = "Whether schedulers over HTTP must give a principal and its secret.")
        boolean authenticateHttpFrameworks,
    @Flag(
            help =
                "File of principals and secrets: JSON as"
                    + " {\"credentials\":[{\"principal\":\"p\",\"secret\":\"s\"}]}, or a line 'p s' for"
                    + " each.")
        Optional<Path> credentials,
    @Flag(defaultValue = "crammd5", help = "How agents and drivers authenticate: crammd5.")
        String authenticators,
    @Flag(defaultValue = "basic", help = "How HTTP clients authenticate: basic.")
        String httpAuthenticators,
    @Flag(help = "How schedulers over HTTP authenticate: basic.")
        Optional<String> httpFrameworkAuthenticators,
    @Flag(
            help =
                "Rules about who may do what: JSON, or a file with it as /path or file:///path. Without"
                    + " them everybody may do everything.")
        Optional<String> acls,
    @Flag(defaultValue = "local", help = "What decides by --acls: local.") String authorizers,
    @Flag(
            defaultValue = "100",
            help = "How large the program of a regular expression in offer constraints may be.")
        int offerConstraintsRe2MaxProgramSize,
    @Flag(defaultValue = "16777216", help = "The longest body of an HTTP request, in bytes.")
        long maxRequestBytes,
    @Flag(
            defaultValue = "67108864",
            help = "How many bytes may wait for a scheduler that reads too slowly.")
        long maxStreamBytes,
    @Flag(defaultValue = "100000", help = "How many events may wait for the master's loop.")
        int maxQueuedEvents) {

  /// How the master takes its flags.
  public static final Style STYLE = OriginalFlags.known(Style.mesos("meseta-master"));

  public MasterFlags {
    var checks = new Checks();
    checks.that(port >= 0 && port <= 65535, "--port=" + port + ": expected 0 to 65535");
    checks.that(
        ip.isEmpty() || ipDiscoveryCommand.isEmpty(),
        "--ip_discovery_command: expected instead of --ip, not with it");
    checks.that(
        registry.equals("in_memory")
            || registry.equals("zookeeper")
            || registry.equals("replicated_log"),
        "--registry=" + registry + ": expected in_memory, zookeeper or replicated_log");
    checks.that(
        !registry.equals("zookeeper") || zk.isPresent(),
        "--registry=zookeeper: expected --zk to be given too");
    agentRemovalRateLimit.ifPresent(limit -> checks.reads("", () -> CoreConfig.interval(limit)));
    zk.ifPresent(url -> checks.reads("--zk=" + ZkUrl.masked(url) + ": ", () -> ZkUrl.parse(url)));
    checks.that(
        agentReregisterTimeout.compareTo(Duration.ofMinutes(10)) >= 0,
        "--agent_reregister_timeout: expected at least 10mins");
    checks.that(
        agentPingTimeout.compareTo(Duration.ofSeconds(1)) >= 0
            && agentPingTimeout.compareTo(Duration.ofMinutes(15)) <= 0,
        "--agent_ping_timeout: expected 1secs to 15mins");
    positive(checks, "max_agent_ping_timeouts", maxAgentPingTimeouts > 0);
    positive(checks, "allocation_interval", isPositive(allocationInterval));
    positive(checks, "offer_timeout", isPositive(offerTimeout.orElse(Duration.ofSeconds(1))));
    positive(checks, "registry_gc_interval", isPositive(registryGcInterval));
    positive(checks, "zk_session_timeout", isPositive(zkSessionTimeout));
    notNegative(checks, "registry_max_agent_age", !registryMaxAgentAge.isNegative());
    notNegative(checks, "registry_max_agent_count", registryMaxAgentCount >= 0);
    notNegative(checks, "allocator_recovery_timeout", !allocatorRecoveryTimeout.isNegative());
    checks.that(
        allocatorAgentRecoveryFactor >= 0 && allocatorAgentRecoveryFactor <= 1,
        "--allocator_agent_recovery_factor: expected a number from 0 to 1");
    notNegative(checks, "max_completed_frameworks", maxCompletedFrameworks >= 0);
    notNegative(checks, "max_completed_tasks_per_framework", maxCompletedTasksPerFramework >= 0);
    notNegative(
        checks, "max_unreachable_tasks_per_framework", maxUnreachableTasksPerFramework >= 0);
    positive(
        checks, "max_operator_event_stream_subscribers", maxOperatorEventStreamSubscribers > 0);
    positive(
        checks, "offer_constraints_re2_max_program_size", offerConstraintsRe2MaxProgramSize > 0);
    positive(checks, "max_request_bytes", maxRequestBytes > 0);
    positive(checks, "max_stream_bytes", maxStreamBytes > 0);
    positive(checks, "max_queued_events", maxQueuedEvents > 0);
    sorter(checks, "role_sorter", roleSorter);
    sorter(checks, "framework_sorter", frameworkSorter);
    checks.reads("", () -> CoreConfig.minAllocatable(minAllocatableResources));
    checks.reads("", () -> CoreConfig.weights(weights.orElse(List.of()), roles));
    for (var role : roles.orElse(List.of())) {
      var problem = Roles.problem(role);
      checks.that(problem.isEmpty(), "--roles: " + problem.orElse(""));
    }
    checks.that(
        Logging.LEVELS.contains(loggingLevel),
        "--logging_level=" + loggingLevel + ": expected INFO, WARNING or ERROR");
    domain.ifPresent(text -> checks.reads("", () -> CoreConfig.domain(text)));
    rateLimits.ifPresent(text -> checks.reads("", () -> RateLimits.parse(text)));
    firewallRules.ifPresent(text -> checks.reads("", () -> CoreConfig.firewall(text)));
    checks.reads("", () -> CoreConfig.part(recoveryAgentRemovalLimit));
    checks.that(
        !requireAgentDomain || domain.isPresent(),
        "--require_agent_domain: expected --domain to be given too");
    checks.that(authorizers.equals("local"), "--authorizers=" + authorizers + ": expected local");
    checks.that(
        authenticators.equals("crammd5"),
        "--authenticators=" + authenticators + ": expected crammd5");
    checks.that(
        httpAuthenticators.equals("basic"),
        "--http_authenticators=" + httpAuthenticators + ": expected basic");
    checks.that(
        httpFrameworkAuthenticators.orElse("basic").equals("basic"),
        "--http_framework_authenticators=" + httpFrameworkAuthenticators + ": expected basic");
    checks.that(
        credentials.isPresent()
            || !(authenticateFrameworks
                || authenticateAgents
                || authenticateHttpReadwrite
                || authenticateHttpReadonly
                || authenticateHttpFrameworks),
        "--credentials: expected, since authentication is asked for");
    positive(checks, "authentication_v0_timeout", isPositive(authenticationV0Timeout));
    checks.done();
  }

  private static void positive(Checks checks, String name, boolean right) {
    checks.that(right, "--" + name + ": expected a positive value");
  }

  private static void notNegative(Checks checks, String name, boolean right) {
    checks.that(right, "--" + name + ": expected 0 or more");
  }

  private static boolean isPositive(Duration duration) {
    return !duration.isNegative() && !duration.isZero();
  }

  private static void sorter(Checks checks, String name, String value) {
    checks.that(
        value.equals("drf") || value.equals("random"),
        "--" + name + "=" + value + ": expected drf or random");
  }

  /// Reads flags as the command line gives them.
  public static MasterFlags parse(List<String> args, Map<String, String> environment)
      throws FlagException {
    return parse(args, environment, warning -> {});
  }

  static MasterFlags parse(
      List<String> args, Map<String, String> environment, Consumer<String> warnings)
      throws FlagException {
    return Flags.parse(MasterFlags.class, STYLE, args, environment, warnings);
  }

  /// Who must say who they are.
  ///
  /// @throws IllegalArgumentException when the credentials cannot be read
  Access access() {
    return new Access(
        Access.read(credentials),
        new Realms(authenticateHttpReadonly, authenticateHttpReadwrite, authenticateHttpFrameworks),
        authenticateFrameworks,
        authenticateAgents,
        Access.rules(acls));
  }

  /// Whether the registry survives this process.
  boolean durable() {
    return zk.isPresent() && !registry.equals("in_memory");
  }
}
