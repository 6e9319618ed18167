// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.agent.containerizer.Containerizer;
import io.meseta.agent.containerizer.ContainerizerConfig;
import io.meseta.agent.containerizer.fetcher.FetcherConfig;
import io.meseta.agent.containerizer.probes.Prober;
import io.meseta.agent.containerizer.shim.ProcFs;
import io.meseta.agent.core.AgentConfig;
import io.meseta.agent.core.AgentCore;
import io.meseta.agent.core.AgentEvent;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.recovery.Compatibility;
import io.meseta.agent.core.recovery.Layout;
import io.meseta.agent.core.recovery.RecoveredState;
import io.meseta.agent.core.recovery.Write;
import io.meseta.flags.Flags;
import io.meseta.flags.Texts;
import io.meseta.http.HttpEdge;
import io.meseta.http.IpDiscovery;
import io.meseta.http.Router;
import io.meseta.http.auth.Credentials;
import io.meseta.libprocess.Libprocess;
import io.meseta.loop.Ids;
import io.meseta.loop.Loop;
import io.meseta.model.Invalid;
import io.meseta.model.attributes.AttributeText;
import io.meseta.model.attributes.DomainText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.model.roles.Roles;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.Upid;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.AgentInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One agent: started in this process, ended by [#close], which leaves its tasks running for the
/// next.
///
/// Order of a start: flags, disk, port, containerizer (which finds the containers of the last
/// agent), loop, master.
public final class AgentServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AgentServer.class);
  private static final int INBOX = 100_000;

  private final CompletableFuture<Integer> ended = new CompletableFuture<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Libprocess libprocess = new Libprocess();
  private final HttpEdge edge;
  private final Disk disk;
  private final Containerizer containerizer;
  private final Loop<AgentEvent, Effect> loop;
  private final MasterWatch masterWatch;
  private final Upid self;
  private final Effects effects;

  /// Starts an agent.
  ///
  /// @throws StartException when it cannot, with a message for the operator
  public static AgentServer start(AgentFlags flags) throws StartException {
    try {
      return new AgentServer(flags);
    } catch (IOException | Invalid | JsonException | IllegalArgumentException e) {
      throw new StartException(e.getMessage() == null ? e.toString() : e.getMessage(), e);
    }
  }

  /// Why an agent cannot start.
  public static final class StartException extends Exception {
    private static final long serialVersionUID = 1;

    StartException(String message, Throwable cause) {
      super(message, cause);
    }

    StartException(String message) {
      super(message);
    }
  }

  private AgentServer(AgentFlags flags) throws IOException, Invalid, JsonException, StartException {
    var problems = FlagRules.problems(flags);
    if (!problems.isEmpty()) {
      throw new StartException(String.join("\n", problems));
    }
    var workDir = Files.createDirectories(flags.workDir().toAbsolutePath()).toRealPath();
    var layout = new Layout(workDir.toString());
    var boot = ProcFs.bootId();
    var listensOn = IpDiscovery.listenOn(flags.ip(), flags.ipDiscoveryCommand());
    var ip = flag("ip", () -> address(listensOn));
    var readers = new Readers(flags, Access.of(flags), workDir);
    var router = new Router();
    // The port must be known before the core, which tells others where this agent is.
    var routesReady = new CompletableFuture<Readers>();
    var builder = HttpEdge.builder("agent").listen(listensOn, flags.port()).routes(router);
    Endpoints.install(router, readers);
    Realms.install(router, flags);
    Access.firewall(flags).ifPresent(off -> router.before(off.of(router)));
    var credential = credential(flags);
    libprocess.install(builder, router);
    edge = builder.start();
    boolean started = false;
    AutoCloseable toClose = edge;
    @Nullable Disk openedDisk = null;
    @Nullable Containerizer openedContainerizer = null;
    try {
      int port = flags.advertisePort().orElse(edge.port());
      self = new Upid("slave(1)", flags.advertiseIp().orElse(ip), port);
      var info = info(flags, self, workDir);
      var state = recover(layout, boot, flags, info);
      var config = config(flags, self, info, workDir, ip);
      openedDisk =
          new Disk(
              token -> submit(new AgentEvent.Persisted(token)),
              failure -> fail("cannot write a checkpoint", failure));
      disk = openedDisk;
      effects =
          new Effects(
              libprocess, self, workDir, disk, threads, new Prober(flags.switchUser()), ended);
      loop =
          new Loop<>(
              "agent",
              new AgentCore(config, Ids.secure()),
              effects,
              InstantSource.system(),
              INBOX,
              failure -> fail("a mistake in the agent", failure));
      effects.connect(loop);
      credential.ifPresent(
          known -> effects.connect(new Proof(libprocess, self, known, () -> ended.complete(1))));
      loop.submit(new AgentEvent.Recovered(state)); // first of all; then what the containers say
      openedContainerizer =
          Containerizer.start(
              containerizerConfig(flags, workDir),
              known(state),
              event -> effects.submit(new AgentEvent.FromContainer(event)));
      containerizer = openedContainerizer;
      effects.connect(containerizer);
      readers.connect(effects, containerizer);
      Disk.carryOut(new Write.Put(layout.bootId(), ByteString.copyFromUtf8(boot), true));
      libprocess.receive(self.id(), this::receive);
      loop.start();
      masterWatch =
          MasterWatch.start(
              flags.master(),
              flags.zkSessionTimeout(),
              leader -> submit(new AgentEvent.MasterDetected(leader)));
      started = true;
      LOG.info("agent at {} with {}", self, ResourceWire.decodeTrusted(info.getResourcesList()));
    } finally {
      if (!started) {
        if (openedContainerizer != null) {
          openedContainerizer.close();
        }
        if (openedDisk != null) {
          openedDisk.close();
        }
        edge.close();
        threads.shutdownNow();
      }
    }
  }

  private static Optional<Map.Entry<String, String>> credential(AgentFlags flags) {
    try {
      return flags.credential().map(file -> Credentials.read(file).single());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--credential: " + e.getMessage(), e);
    }
  }

  /// Reads what a flag says.
  @FunctionalInterface
  private interface Reading<T> {
    T read() throws Invalid, IOException, JsonException;
  }

  private static <T> T flag(String name, Reading<T> reading) throws StartException {
    try {
      return reading.read();
    } catch (Invalid | IOException | JsonException | IllegalArgumentException e) {
      throw new StartException("--" + name + ": " + e.getMessage(), e);
    }
  }

  private static String address(String ip) throws UnknownHostException {
    return ip.equals("0.0.0.0")
        ? InetAddress.getLocalHost().getHostAddress()
        : InetAddress.getByName(ip).getHostAddress();
  }

  private static AgentInfo info(AgentFlags flags, Upid self, Path workDir) throws StartException {
    var defaultRole = flags.defaultRole();
    Roles.problem(defaultRole)
        .ifPresent(problem -> {
          throw new IllegalArgumentException("--default_role: " + problem);
        });
    var resources =
        flag(
            "resources",
            () -> Detection.resources(flags.resources().orElse(""), defaultRole, workDir));
    var hostname =
        flags.hostname().isPresent()
            ? flags.hostname().get()
            : flag(
                "advertise_ip",
                () ->
                    flags.hostnameLookup()
                        ? InetAddress.getByName(self.ip()).getCanonicalHostName()
                        : self.ip());
    var info =
        AgentInfo.newBuilder()
            .setHostname(hostname)
            .setPort(self.port())
            .setCheckpoint(true)
            .addAllResources(ResourceWire.encode(resources, ResourceWire.Format.POST))
            .addAllAttributes(
                flag("attributes", () -> AttributeText.parse(flags.attributes().orElse(""))));
    if (flags.domain().isPresent()) {
      info.setDomain(
          flag("domain", () -> DomainText.parse(Texts.json("domain", flags.domain().get()))));
    }
    return info.build();
  }

  /// What the last agent left, if this one may take its place.
  private static RecoveredState recover(
      Layout layout, String boot, AgentFlags flags, AgentInfo info)
      throws IOException, StartException {
    var state = Checkpoints.read(layout, boot, flags.strict());
    if (state.info().isEmpty()) {
      return state;
    }
    var policy =
        flags.reconfigurationPolicy().equals("additive")
            ? Compatibility.Policy.ADDITIVE
            : Compatibility.Policy.EQUAL;
    var problem = Compatibility.problem(state.info().get(), info, policy);
    if (problem.isEmpty()) {
      return state;
    }
    if (!state.rebooted()) {
      throw new StartException(
          "Failed to perform recovery: "
              + problem.get()
              + "\nTo keep the agent's id, give it the flags it had, or a more permissive --reconfiguration_policy."
              + "\nTo start as a new agent, which kills the tasks of the old one: rm -f "
              + layout.latestAgent());
    }
    LOG.warn(
        "the host was restarted with other flags: starting as a new agent ({})", problem.get());
    Files.deleteIfExists(Path.of(layout.latestAgent()));
    var old = new ArrayList<>(state.oldAgents());
    var id = state.info().get().getId().getValue();
    old.add(layout.agent(id));
    old.add(layout.metaAgent(id));
    return new RecoveredState(
        java.util.Optional.empty(),
        true,
        state.resources().toBuilder().clearOperations().build(),
        java.util.Optional.empty(),
        List.of(),
        old,
        state.errors());
  }

  private static List<Containerizer.Known> known(RecoveredState state) {
    var result = new ArrayList<Containerizer.Known>();
    for (var framework : state.frameworks()) {
      for (var run : framework.runs()) {
        if (run.tasks().stream().allMatch(task -> task.containerId().isEmpty())) {
          // A custom executor: one container for all its tasks.
          var parts = new ArrayList<Resources>();
          parts.add(ResourceWire.decodeTrusted(run.executor().getResourcesList()));
          run.tasks()
              .forEach(
                  task -> parts.add(ResourceWire.decodeTrusted(task.info().getResourcesList())));
          var all = Resources.sum(parts);
          result.add(
              new Containerizer.Known(
                  run.containerId(), all.cpus(), Math.round(all.mem() * (1 << 20))));
          continue;
        }
        for (var task : run.tasks()) {
          boolean over =
              task.records().stream()
                  .anyMatch(r ->
                      r.hasUpdate() && TaskStates.isTerminal(r.getUpdate().getStatus().getState()));
          if (!over) {
            boolean command = task.containerId().equals(run.containerId());
            Resources resources = ResourceWire.decodeTrusted(task.info().getResourcesList());
            result.add(
                new Containerizer.Known(
                    task.containerId(),
                    resources.cpus() + (command ? AgentConfig.OVERHEAD_CPUS : 0),
                    Math.round(
                        (resources.mem() + (command ? AgentConfig.OVERHEAD_MEM_MB : 0))
                            * (1 << 20))));
          }
        }
      }
    }
    return result;
  }

  private static AgentConfig config(
      AgentFlags flags, Upid self, AgentInfo info, Path workDir, String ip) throws JsonException {
    return new AgentConfig(
        self,
        info,
        Version.NUMBER,
        workDir.toString(),
        ip,
        variables(flags),
        flags.switchUser(),
        flags.recover().equals("cleanup"),
        flags.registrationBackoffFactor(),
        flags.executorRegistrationTimeout(),
        flags.executorShutdownGracePeriod(),
        flags.executorReregistrationTimeout(),
        flags.recoveryTimeout(),
        flags.gcDelay(),
        flags.gcDiskHeadroom(),
        flags.diskWatchInterval(),
        flags.maxCompletedExecutorsPerFramework());
  }

  private static SortedMap<String, String> variables(AgentFlags flags) {
    var result = new TreeMap<String, String>();
    var libprocessIp = System.getenv("LIBPROCESS_IP");
    if (libprocessIp != null) {
      result.put("LIBPROCESS_IP", libprocessIp);
    }
    flags.executorEnvironmentVariables().ifPresent(json -> result.putAll(Variables.parse(json)));
    return result;
  }

  private static ContainerizerConfig containerizerConfig(AgentFlags flags, Path workDir) {
    // Two agents may share the default folders of the original: what they own lies apart.
    var own = Integer.toHexString(workDir.toString().hashCode());
    return new ContainerizerConfig(
        flags.runtimeDir().toAbsolutePath(),
        workDir,
        flags.switchUser(),
        FlagRules.isolators(flags),
        flags.shimScript(),
        new FetcherConfig(
            flags.fetcherCacheDir().resolve("agent-" + own),
            flags.fetcherCacheSize().value(),
            flags.fetcherStallTimeout(),
            flags.frameworksHome(),
            flags.hadoopHome().isEmpty() ? "hadoop" : flags.hadoopHome() + "/bin/hadoop",
            flags.fetcherMaxSize().value()));
  }

  private void receive(Upid from, String name, byte[] body) {
    try {
      Messages.parse(name, body)
          .ifPresentOrElse(
              message -> {
                if (!loop.offer(new AgentEvent.FromPeer(from, message))) {
                  LOG.warn("dropping {} from {}: too much is waiting", name, from);
                }
              },
              () -> LOG.warn("dropping {} from {}: agents do not take it", name, from));
    } catch (InvalidProtocolBufferException e) {
      LOG.warn("dropping {} from {}: {}", name, from, e.getMessage());
    }
  }

  private void submit(AgentEvent event) {
    loop.submit(event);
  }

  private void fail(String what, Throwable failure) {
    LOG.error("{}", what, failure);
    ended.complete(1);
  }

  /// Where the agent listens.
  public int port() {
    return edge.port();
  }

  /// The agent's address among processes.
  public Upid self() {
    return self;
  }

  /// Completes with the exit status when the agent has ended by itself: told to by its master or by
  /// [#stop].
  public CompletableFuture<Integer> ended() {
    return ended;
  }

  /// Unregisters, kills all tasks, then ends.
  public void stop(String why) {
    submit(new AgentEvent.Stop(why));
  }

  /// Ends this agent and leaves its tasks running. Idempotent.
  @Override
  public void close() {
    masterWatch.close();
    libprocess.remove(self.id());
    effects.executors().close();
    loop.close();
    disk.close();
    containerizer.close();
    libprocess.close();
    edge.close();
    threads.shutdownNow();
    ended.complete(0);
  }

  /// The values of the flags in force, for tests and the launcher.
  static java.util.Map<String, String> effective(AgentFlags flags) {
    return new TreeMap<>(Flags.effective(flags));
  }
}
