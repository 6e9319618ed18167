// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.shim;

import io.meseta.agent.core.container.Signal;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All shims of this agent: starts them, hears of them by the files that appear (inotify, no
/// polling), sends signals, and finds them again after a restart.
///
/// A shim that was itself killed leaves no file; a sweep every ten seconds finds those. Files are
/// removed by [#forget], so what happened is told again after a crash until then. One thread; the
/// listener is called on it and must not block.
public final class Shims implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Shims.class);
  private static final int SWEEP_SECONDS = 10;
  private static final long START_SECONDS = 60;
  private static final int SIGKILL = 9;
  private static final int SIGUSR1 = 10;
  private static final int SIGTERM = 15;

  /// Hears of every container once per life of the agent: [#started] then [#over] or [#lost].
  public interface Listener {
    void started(String id, ShimState.Running running);

    void over(String id, ShimState.Over over);

    /// Nothing is left of it, not even a status.
    void lost(String id, String why);
  }

  private static final class Entry {
    final long since = System.nanoTime();
    ShimState.@Nullable Running running;
    @Nullable Signal pending;
    boolean told;
  }

  private final Path folder;
  private final ShimProgram program;
  private final @Nullable Launcher launcher;
  private final Listener listener;
  private final String boot;
  private final WatchService watch;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private final Set<String> known;
  private final Thread thread;

  private Shims(Path folder, Set<String> known, boolean preferScript, Listener listener)
      throws IOException {
    this.folder = folder;
    this.listener = listener;
    this.known = known;
    known.forEach(id -> entries.put(id, new Entry()));
    this.boot = ProcFs.bootId();
    Files.createDirectories(folder.resolve(".tmp"));
    this.program =
        ShimProgram.unpack(Files.createDirectories(folder.resolve(".bin")), preferScript);
    this.launcher = program.launcher() ? Launcher.start(program, folder) : null;
    this.watch = folder.getFileSystem().newWatchService();
    folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
    this.thread = Thread.ofPlatform().daemon().name("shims").unstarted(this::watch);
  }

  /// Opens `folder` (made if absent) and finds out what became of the containers `known`;
  /// everything else that runs there is an orphan and is killed. The listener hears of the known
  /// ones from the watcher's thread.
  ///
  /// @param preferScript use the shell script although there is a binary
  public static Shims open(Path folder, Set<String> known, boolean preferScript, Listener listener)
      throws IOException {
    var shims = new Shims(folder, Set.copyOf(known), preferScript, listener);
    shims.thread.start();
    return shims;
  }

  /// Starts a command; the listener hears what comes of it.
  ///
  /// @throws IOException if nothing was started
  /// @throws IllegalArgumentException if the request cannot be written down
  public void launch(ShimRequest request) throws IOException {
    var entry = new Entry();
    if (entries.putIfAbsent(request.id(), entry) != null) {
      throw new IOException("container " + request.id() + " exists already");
    }
    boolean handedOver = false;
    try {
      if (launcher != null) {
        launcher.launch(request);
      } else {
        var builder =
            new ProcessBuilder(request.commandLine(program.file(), folder))
                .directory(Path.of("/").toFile());
        builder.environment().clear();
        builder.environment().putAll(request.environment());
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        var unused = builder.start();
      }
      handedOver = true;
    } finally {
      if (!handedOver) {
        entries.remove(request.id());
      }
    }
  }

  /// Sends a signal to every process of a container; remembered until the command runs when it does
  /// not yet.
  public void signal(String id, Signal signal) {
    var entry = entries.get(id);
    if (entry == null) {
      return;
    }
    ShimState.Running running;
    synchronized (entry) {
      running = entry.running;
      if (running == null) {
        entry.pending = signal;
      }
    }
    if (running != null) {
      send(running, signal);
    }
  }

  private static void send(ShimState.Running running, Signal signal) {
    if (!Pidfd.signal(
            running.shimPid(), running.shimStart(), signal == Signal.KILL ? SIGUSR1 : SIGTERM)
        && signal == Signal.KILL) {
      Pidfd.signal(running.pid(), running.start(), SIGKILL); // its shim was killed
    }
  }

  /// The processes of a container, once it runs.
  public Optional<ShimState.Running> running(String id) {
    var entry = entries.get(id);
    if (entry == null) {
      return Optional.empty();
    }
    synchronized (entry) {
      return Optional.ofNullable(entry.running);
    }
  }

  /// Removes what a container left, once its end is known for good. Idempotent.
  public void forget(String id) {
    entries.remove(id);
    try {
      Files.deleteIfExists(folder.resolve(id + ".pid"));
      Files.deleteIfExists(folder.resolve(id + ".exit"));
    } catch (IOException e) {
      LOG.warn("cannot remove the files of container {}: {}", id, e.toString());
    }
  }

  private void watch() {
    try {
      scan();
      sweep();
      known.forEach(this::mustBeThere);
      long lastSweep = System.nanoTime();
      while (true) {
        WatchKey key = watch.poll(SWEEP_SECONDS, TimeUnit.SECONDS);
        if (key != null) {
          for (var event : key.pollEvents()) {
            if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
              scan();
            } else {
              look(String.valueOf(event.context()));
            }
          }
          key.reset();
        }
        if (System.nanoTime() - lastSweep > SWEEP_SECONDS * 1_000_000_000L) {
          sweep();
          lastSweep = System.nanoTime();
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException closed) {
      LOG.debug("no longer watching {}", folder);
    } catch (IOException e) {
      LOG.error("cannot read {}: {}", folder, e.toString());
    }
  }

  private void scan() throws IOException {
    try (var files = Files.newDirectoryStream(folder, "*.{pid,exit}")) {
      for (var file : files) {
        look(String.valueOf(file.getFileName()));
      }
    }
  }

  private void look(String name) {
    try {
      if (name.endsWith(".pid")) {
        var id = name.substring(0, name.length() - ".pid".length());
        ShimState.running(folder, id).ifPresent(running -> started(id, running));
      } else if (name.endsWith(".exit")) {
        var id = name.substring(0, name.length() - ".exit".length());
        var pid = ShimState.running(folder, id);
        pid.ifPresent(running -> started(id, running)); // a scan may find the end first
        ShimState.over(folder, id).ifPresent(over -> over(id, over));
      }
    } catch (IOException | NumberFormatException e) {
      LOG.warn("cannot read {} in {}: {}", name, folder, e.toString());
    }
  }

  private void started(String id, ShimState.Running running) {
    var entry = entries.get(id);
    if (!running.boot().equals(boot)) {
      if (entry == null) {
        forget(id);
      } else {
        lose(id, entry, "the host was restarted");
      }
      return;
    }
    if (entry == null) {
      LOG.info("killing container {}, which nobody knows", id);
      if (!Files.exists(folder.resolve(id + ".exit"))) {
        send(running, Signal.KILL);
      }
      if (ProcFs.startTicks(running.shimPid()) != running.shimStart()) {
        forget(id);
      }
      return;
    }
    Signal pending;
    synchronized (entry) {
      if (entry.running != null) {
        return;
      }
      entry.running = running;
      pending = entry.pending;
      entry.pending = null;
    }
    listener.started(id, running);
    if (pending != null) {
      send(running, pending);
    }
  }

  private void over(String id, ShimState.Over over) {
    var entry = entries.get(id);
    if (entry == null) {
      forget(id);
    } else if (!over.boot().equals(boot)) {
      lose(id, entry, "the host was restarted");
    } else if (!entry.told) {
      entry.told = true;
      listener.over(id, over);
    }
  }

  private void lose(String id, Entry entry, String why) {
    if (!entry.told) {
      entry.told = true;
      listener.lost(id, why);
    }
  }

  /// A known container without any file was never started: the launcher before ours has ended.
  private void mustBeThere(String id) {
    var entry = entries.get(id);
    if (entry != null && running(id).isEmpty()) {
      lose(id, entry, "it was never started");
    }
  }

  /// Finds containers whose shim is gone without a word.
  private void sweep() {
    for (var e : entries.entrySet()) {
      var entry = e.getValue();
      var running = running(e.getKey()).orElse(null);
      if (entry.told) {
        continue;
      }
      if (running == null) {
        if (System.nanoTime() - entry.since >= START_SECONDS * 1_000_000_000L
            && !Files.exists(folder.resolve(e.getKey() + ".pid"))) {
          look(e.getKey() + ".exit");
          lose(e.getKey(), entry, "it was never started");
        }
      } else if (ProcFs.startTicks(running.shimPid()) != running.shimStart()) {
        look(e.getKey() + ".exit");
        if (!entry.told) {
          Pidfd.signal(running.pid(), running.start(), SIGKILL);
          lose(e.getKey(), entry, "its shim was killed");
        }
      }
    }
  }

  /// Stops watching and launching; every container goes on.
  @Override
  public void close() {
    try {
      watch.close();
    } catch (IOException e) {
      LOG.warn("cannot close the watch of {}: {}", folder, e.toString());
    }
    if (launcher != null) {
      launcher.close();
    }
    try {
      if (Thread.currentThread() != thread) {
        thread.join(5000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
