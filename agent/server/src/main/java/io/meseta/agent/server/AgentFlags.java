// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.flags.Bytes;
import io.meseta.flags.Flag;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The flags of the agent, under the original's names and with its defaults.
public record AgentFlags(
    @Flag(
            help =
                "Master to register with: host:port, master@host:port, zk://h1:p1,h2:p2/path, or file:///path of a file with one of these.")
        String master,
    @Flag(
            name = "work_dir",
            help = "Folder for sandboxes, volumes and checkpoints. Must survive restarts.")
        Path workDir,
    @Flag(
            name = "runtime_dir",
            defaultValue = "/var/run/mesos",
            help = "Folder for what is needed only until the host restarts. One agent each.")
        Path runtimeDir,
    @Flag(help = "Address to listen on; by default that of this host's name.") Optional<String> ip,
    @Flag(
            name = "ip_discovery_command",
            help = "Command that prints the address to listen on, instead of --ip.")
        Optional<String> ipDiscoveryCommand,
    @Flag(defaultValue = "5051", help = "Port to listen on; 0 takes a free one.") int port,
    @Flag(name = "advertise_ip", help = "Address that others reach this agent under.")
        Optional<String> advertiseIp,
    @Flag(name = "advertise_port", help = "Port that others reach this agent under.")
        Optional<Integer> advertisePort,
    @Flag(help = "Name of this host as offered to frameworks; by default found from the address.")
        Optional<String> hostname,
    @Flag(
            name = "hostname_lookup",
            defaultValue = "true",
            help = "Whether the name of the host is looked up; else the address is used.")
        boolean hostnameLookup,
    @Flag(
            help =
                "Resources, such as cpus:4;mem(role):1024;ports:[31000-32000], or JSON. What is not named is detected.")
        Optional<String> resources,
    @Flag(name = "default_role", defaultValue = "*", help = "Role of resources that name none.")
        String defaultRole,
    @Flag(help = "Attributes, such as rack:r1;zone:a.") Optional<String> attributes,
    @Flag(help = "Fault domain, as JSON of DomainInfo or an absolute path to it.")
        Optional<String> domain,
    @Flag(
            defaultValue = "posix/cpu,posix/mem,filesystem/posix",
            help =
                "What keeps containers apart, comma separated. This agent has posix/cpu, posix/mem and filesystem/posix.")
        String isolation,
    @Flag(defaultValue = "posix", help = "How processes are launched; this agent has posix.")
        String launcher,
    @Flag(defaultValue = "mesos", help = "Containerizers; this agent has mesos.")
        String containerizers,
    @Flag(
            name = "switch_user",
            defaultValue = "true",
            help = "Run tasks as their framework's or command's user; needs root.")
        boolean switchUser,
    @Flag(name = "frameworks_home", defaultValue = "", help = "Folder that relative URIs begin in.")
        String frameworksHome,
    @Flag(
            name = "hadoop_home",
            defaultValue = "",
            help = "Where the hadoop client is, for URIs such as hdfs://.")
        String hadoopHome,
    @Flag(
            name = "executor_environment_variables",
            help = "JSON object of variables that every task gets.")
        Optional<String> executorEnvironmentVariables,
    @Flag(
            name = "executor_registration_timeout",
            defaultValue = "1mins",
            help = "How long a custom executor may take to subscribe.")
        Duration executorRegistrationTimeout,
    @Flag(
            name = "executor_reregistration_timeout",
            defaultValue = "2secs",
            help =
                "How long custom executors may take to subscribe again after a restart of the agent.")
        Duration executorReregistrationTimeout,
    @Flag(
            name = "executor_shutdown_grace_period",
            defaultValue = "5secs",
            help = "How long tasks of an executor that is shut down may take to end.")
        Duration executorShutdownGracePeriod,
    @Flag(
            name = "registration_backoff_factor",
            defaultValue = "1secs",
            help = "Registration begins after a random part of this, doubling up to 1 min.")
        Duration registrationBackoffFactor,
    @Flag(
            name = "recovery_timeout",
            defaultValue = "15mins",
            help = "Told to tasks as MESOS_RECOVERY_TIMEOUT.")
        Duration recoveryTimeout,
    @Flag(
            defaultValue = "reconnect",
            help = "reconnect: keep the tasks of the last agent; cleanup: kill them and end.")
        String recover,
    @Flag(
            defaultValue = "true",
            help = "Whether a checkpoint that cannot be read ends the agent; else it is skipped.")
        boolean strict,
    @Flag(
            name = "reconfiguration_policy",
            defaultValue = "equal",
            help = "Which changes of flags keep the agent's id: equal (none) or additive.")
        String reconfigurationPolicy,
    @Flag(name = "gc_delay", defaultValue = "1weeks", help = "How long sandboxes are kept at most.")
        Duration gcDelay,
    @Flag(
            name = "gc_disk_headroom",
            defaultValue = "0.1",
            help = "Sandboxes are kept gc_delay * max(0, 1 - gc_disk_headroom - disk usage).")
        double gcDiskHeadroom,
    @Flag(
            name = "disk_watch_interval",
            defaultValue = "1mins",
            help = "How often the disk usage is looked at.")
        Duration diskWatchInterval,
    @Flag(
            name = "max_completed_executors_per_framework",
            defaultValue = "150",
            help = "How many executors that are over are remembered per framework.")
        int maxCompletedExecutorsPerFramework,
    @Flag(
            name = "fetcher_cache_dir",
            defaultValue = "/tmp/mesos/fetch",
            help = "Folder of the fetcher's cache; each agent uses a folder of its own below it.")
        Path fetcherCacheDir,
    @Flag(
            name = "fetcher_cache_size",
            defaultValue = "2GB",
            help = "How much the fetcher's cache may hold.")
        Bytes fetcherCacheSize,
    @Flag(
            name = "fetcher_stall_timeout",
            defaultValue = "1mins",
            help = "A download that brings nothing for so long fails.")
        Duration fetcherStallTimeout,
    @Flag(
            name = "fetcher_max_size",
            defaultValue = "20GB",
            help = "What one URI may bring at most, and what one archive may unpack to.")
        Bytes fetcherMaxSize,
    @Flag(
            name = "zk_session_timeout",
            defaultValue = "10secs",
            help = "After which ZooKeeper forgets a client it does not hear.")
        Duration zkSessionTimeout,
    @Flag(
            name = "shim_script",
            defaultValue = "false",
            help = "Use the shell shim although the native one was built.")
        boolean shimScript,
    @Flag(
            name = "authenticate_http_readonly",
            defaultValue = "false",
            help = "Whether endpoints that only show something ask for a principal and its secret.")
        boolean authenticateHttpReadonly,
    @Flag(
            name = "authenticate_http_readwrite",
            aliases = "authenticate_http",
            defaultValue = "false",
            help = "Whether endpoints that change something ask for a principal and its secret.")
        boolean authenticateHttpReadwrite,
    @Flag(
            name = "http_credentials",
            help =
                "File of principals and secrets for HTTP: JSON as"
                    + " {\"credentials\":[{\"principal\":\"p\",\"secret\":\"s\"}]}, or a line 'p s' for"
                    + " each.")
        Optional<Path> httpCredentials,
    @Flag(
            name = "http_authenticators",
            defaultValue = "basic",
            help = "How HTTP clients authenticate: basic.")
        String httpAuthenticators,
    @Flag(
            help =
                "File with the principal and the secret that this agent authenticates with to the"
                    + " master: JSON as {\"principal\":\"p\",\"secret\":\"s\"}, or the line 'p s'.")
        Optional<Path> credential,
    @Flag(defaultValue = "crammd5", help = "How it does so: crammd5.") String authenticatee,
    @Flag(
            help =
                "Rules about who may do and see what: JSON, or a file with it as /path or file:///path."
                    + " Without them everybody may do and see everything.")
        Optional<String> acls,
    @Flag(defaultValue = "local", help = "What decides by --acls: local.") String authorizer,
    @Flag(
            name = "firewall_rules",
            help =
                "Endpoints that are switched off, as JSON, or a file with it as /path or file:///path:"
                    + " {\"disabled_endpoints\":{\"paths\":[\"/files/browse\"]}}.")
        Optional<String> firewallRules,
    @Flag(
            name = "http_command_executor",
            defaultValue = "false",
            help = "Not in this agent, whose command executor is built in: must be false.")
        boolean httpCommandExecutor,
    @Flag(
            name = "sandbox_directory",
            defaultValue = "/mnt/mesos/sandbox",
            help = "Not used yet: there are no images that would see it.")
        Path sandboxDirectory,
    @Flag(name = "launcher_dir", defaultValue = "", help = "Ignored: there are no helper programs.")
        String launcherDir,
    @Flag(
            name = "logging_level",
            defaultValue = "INFO",
            help = "What is logged: that and what is graver of INFO, WARNING and ERROR.")
        String loggingLevel,
    @Flag(
            defaultValue = "false",
            help = "Logs nothing to the standard error; what --log_dir asks for is written.")
        boolean quiet,
    @Flag(
            name = "log_dir",
            help =
                "Folder for the log file mesos-agent.INFO, which is then also shown at /slave/log;"
                    + " without it the log goes to the standard error.")
        Optional<Path> logDir,
    @Flag(name = "external_log_file", help = "A log file written by others, shown at /slave/log.")
        Optional<Path> externalLogFile) {}
