// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer;

import io.meseta.agent.containerizer.fetcher.FetchException;
import io.meseta.agent.containerizer.fetcher.Fetcher;
import io.meseta.agent.containerizer.isolators.Isolator;
import io.meseta.agent.containerizer.isolators.Posix;
import io.meseta.agent.containerizer.launcher.Account;
import io.meseta.agent.containerizer.launcher.ProcessTable;
import io.meseta.agent.containerizer.shim.ShimRequest;
import io.meseta.agent.containerizer.shim.ShimState;
import io.meseta.agent.containerizer.shim.Shims;
import io.meseta.agent.core.container.ContainerEvent;
import io.meseta.agent.core.container.ContainerEvent.Cause;
import io.meseta.agent.core.container.ContainerSpec;
import io.meseta.agent.core.container.ExitStatus;
import io.meseta.agent.core.container.Signal;
import io.meseta.wire.v1.ResourceStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs containers as processes of this host with the `posix` launcher. One virtual thread prepares
/// a container; while it runs there is none. Every launch is answered by events, from any thread.
public final class Containerizer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Containerizer.class);
  private static final long TABLE_NANOS =
      200_000_000; // one reading of /proc serves all who ask within

  /// The isolators this build has.
  public static final Set<String> ISOLATORS = Set.of("posix/cpu", "posix/mem", "filesystem/posix");

  private final ContainerizerConfig config;
  private final Consumer<ContainerEvent> events;
  private final Fetcher fetcher;
  private final List<Isolator> isolators = new ArrayList<>();
  private final Shims shims;
  private final String ownUser;
  private final Map<String, Account> accounts = new ConcurrentHashMap<>();
  private final Map<String, Thread> preparing = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private @Nullable ProcessTable table;
  private long tableAt;

  /// A container that ran when the last agent ended, with what it was promised.
  public record Known(String id, double cpus, long memBytes) {}

  private Containerizer(
      ContainerizerConfig config, List<Known> known, Consumer<ContainerEvent> events)
      throws IOException {
    this.config = config;
    this.events = events;
    this.ownUser = Account.own();
    this.fetcher = new Fetcher(config.fetcher());
    Supplier<ProcessTable> processes = this::processes;
    for (var name : config.isolation()) {
      switch (name) {
        case "posix/cpu" -> isolators.add(Posix.cpu(processes));
        case "posix/mem" -> isolators.add(Posix.mem(processes));
        case "filesystem/posix" -> {} // the sandbox on the host's own file system: what there is
        // without doing anything
        default ->
            throw new IllegalArgumentException(
                "unknown isolator '" + name + "' (expected: " + ISOLATORS + ")");
      }
    }
    var ids = new java.util.HashSet<String>();
    for (var container : known) {
      ids.add(container.id());
      for (var isolator : isolators) {
        isolator.prepare(
            new ContainerSpec(
                container.id(),
                "",
                "",
                io.meseta.wire.v1.CommandInfo.getDefaultInstance(),
                new java.util.TreeMap<>(),
                List.of(),
                container.cpus(),
                container.memBytes()));
      }
    }
    this.shims =
        Shims.open(
            config.runtimeFolder().resolve("shims"),
            config.workDir(),
            ids,
            config.preferScript(),
            new Answers());
  }

  /// Starts, and finds the containers `known` again: each is told as started, and as exited if it
  /// is over. All others that run below `runtimeFolder` are killed, except those of an agent with
  /// another work folder: then this fails.
  public static Containerizer start(
      ContainerizerConfig config, List<Known> known, Consumer<ContainerEvent> events)
      throws IOException {
    return new Containerizer(config, known, events);
  }

  /// Starts a container; events say what comes of it.
  public void launch(ContainerSpec spec) {
    threads.execute(() -> prepareAndStart(spec));
  }

  private void prepareAndStart(ContainerSpec spec) {
    preparing.put(spec.id(), Thread.currentThread());
    Cause cause = Cause.SANDBOX;
    boolean started = false;
    try {
      var sandbox = Path.of(spec.sandbox());
      var account = account(spec.user());
      Files.createDirectories(sandbox);
      for (var volume : spec.volumes()) {
        link(sandbox, volume);
        if (account.isPresent()) {
          own(Path.of(volume.hostPath()), account.get());
        }
      }
      cause = Cause.FETCH;
      fetcher.fetch(
          spec.command().getUrisList(),
          sandbox,
          account,
          account.map(Account::name).orElse(ownUser));
      cause = Cause.SANDBOX;
      if (account.isPresent()) { // only now: the agent wrote where the user could not interfere
        own(sandbox, account.get());
      }
      for (var isolator : isolators) {
        isolator.prepare(spec);
      }
      cause = Cause.EXECUTE;
      var request =
          new ShimRequest(
              spec.id(),
              account,
              sandbox,
              sandbox.resolve("stdout"),
              sandbox.resolve("stderr"),
              arguments(spec),
              spec.environment());
      if (Thread.interrupted()) {
        cause = Cause.DESTROYED;
        throw new IOException("destroyed before it was started");
      }
      // From here on a kill reaches the shim.
      preparing.remove(spec.id());
      shims.launch(request);
      started = true;
    } catch (FetchException e) {
      refuse(spec.id(), Thread.interrupted() ? Cause.DESTROYED : cause, e.getMessage());
    } catch (IOException | IllegalArgumentException e) {
      refuse(spec.id(), Thread.interrupted() ? Cause.DESTROYED : cause, message(e));
    } finally {
      preparing.remove(spec.id());
      if (!started) {
        cleanup(spec.id());
      }
    }
  }

  /// `filesystem/posix` shows a persistent volume as a link in the sandbox.
  private static void link(Path sandbox, ContainerSpec.Volume volume) throws IOException {
    var link = sandbox.resolve(volume.containerPath()).normalize();
    if (Path.of(volume.containerPath()).isAbsolute()
        || !link.startsWith(sandbox)
        || link.equals(sandbox)) {
      throw new IOException(
          "the volume's container path '"
              + volume.containerPath()
              + "' is not a name inside the sandbox");
    }
    var host = Path.of(volume.hostPath());
    if (!Files.isDirectory(host)) {
      throw new IOException("the persistent volume " + host + " does not exist");
    }
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, host);
  }

  private static List<String> arguments(ContainerSpec spec) {
    var command = spec.command();
    if (command.getShell()) {
      if (!command.hasValue()) {
        throw new IllegalArgumentException("the shell command has no value");
      }
      return List.of("/bin/sh", "-c", command.getValue());
    }
    if (!command.hasValue() && command.getArgumentsCount() == 0) {
      throw new IllegalArgumentException("the command has neither value nor arguments");
    }
    // As execvp: the value is the program, the arguments its argv, so argv[0] is a name to show
    // only.
    var arguments = new ArrayList<String>();
    arguments.add(command.hasValue() ? command.getValue() : command.getArguments(0));
    arguments.addAll(
        command
            .getArgumentsList()
            .subList(Math.min(1, command.getArgumentsCount()), command.getArgumentsCount()));
    return arguments;
  }

  private Optional<Account> account(String user) throws IOException {
    if (!config.switchUser() || user.isEmpty() || user.equals(ownUser)) {
      return Optional.empty();
    }
    var known = accounts.get(user);
    if (known == null) {
      known =
          Account.lookup(user)
              .orElseThrow(() -> new IOException("this host has no user '" + user + "'"));
      if (accounts.size() < 1024) {
        accounts.put(user, known);
      }
    }
    return Optional.of(known);
  }

  private static void own(Path folder, Account account) throws IOException {
    try {
      Files.setAttribute(folder, "unix:uid", (int) account.uid(), LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(folder, "unix:gid", (int) account.gid(), LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new IOException(
          "cannot give " + folder + " to user " + account.name() + ": " + message(e), e);
    }
  }

  private static String message(Exception e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  private void refuse(String id, Cause cause, String message) {
    events.accept(new ContainerEvent.Refused(id, cause, message));
  }

  /// Sends a signal to all processes of a container; [Signal#KILL] also ends its preparation.
  public void signal(String id, Signal signal) {
    if (signal == Signal.KILL) {
      var thread = preparing.get(id);
      if (thread != null) {
        thread.interrupt();
      }
    }
    // Off the caller's thread: a loop must not wait for the kernel.
    threads.execute(() -> shims.signal(id, signal));
  }

  /// The end of `id` is recorded for good: nothing of it is needed any more.
  public void forget(String id) {
    shims.forget(id);
  }

  /// What a container uses at this moment.
  public ResourceStatistics usage(String id, double timestamp) {
    var statistics = ResourceStatistics.newBuilder().setTimestamp(timestamp);
    for (var isolator : isolators) {
      try {
        isolator.usage(id, statistics);
      } catch (IOException e) {
        LOG.warn("{} cannot measure container {}: {}", isolator.name(), id, message(e));
      }
    }
    return statistics.build();
  }

  /// The first process of a container, once it runs.
  public OptionalLong pid(String id) {
    return shims.running(id).map(r -> OptionalLong.of(r.pid())).orElse(OptionalLong.empty());
  }

  public Fetcher fetcher() {
    return fetcher;
  }

  private synchronized ProcessTable processes() {
    var recent = table;
    if (recent == null || System.nanoTime() - tableAt > TABLE_NANOS) {
      recent = ProcessTable.read();
      table = recent;
      tableAt = System.nanoTime();
    }
    return recent;
  }

  private void cleanup(String id) {
    for (var isolator : isolators) {
      try {
        isolator.cleanup(id);
      } catch (IOException e) {
        LOG.warn("{} cannot clean up container {}: {}", isolator.name(), id, message(e));
      }
    }
  }

  /// The commonest reason is a work folder in somebody's private home.
  private static String advised(String refusal) {
    return refusal.startsWith("cannot enter ")
        ? refusal
            + ": the task's user must be able to enter this folder and all above it;"
            + " give the agent (or meseta local) a work folder that others may enter, such as one"
            + " below /var/lib, or chmod o+x the closed one"
        : refusal;
  }

  private final class Answers implements Shims.Listener {
    @Override
    public void started(String id, ShimState.Running running) {
      for (var isolator : isolators) {
        try {
          isolator.isolate(id, running.shimPid(), running.pid());
        } catch (IOException e) {
          LOG.warn("{} cannot isolate container {}: {}", isolator.name(), id, message(e));
        }
      }
      events.accept(new ContainerEvent.Started(id, running.pid()));
    }

    @Override
    public void over(String id, ShimState.Over over) {
      cleanup(id);
      events.accept(
          over.refused().isEmpty()
              ? new ContainerEvent.Exited(id, over.status())
              : new ContainerEvent.Refused(id, Cause.EXECUTE, advised(over.refused())));
    }

    @Override
    public void lost(String id, String why) {
      cleanup(id);
      events.accept(new ContainerEvent.Exited(id, new ExitStatus.Unknown(why)));
    }
  }

  /// Ends the work of this object; every container goes on.
  @Override
  public void close() {
    shims.close();
    threads.shutdownNow();
  }
}
