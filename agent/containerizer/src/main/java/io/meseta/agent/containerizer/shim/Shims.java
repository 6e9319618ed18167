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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All shims of this agent: starts them, hears of them by the journal they write (inotify, no
/// polling), sends signals, and finds them again after a restart.
///
/// A shim that was itself killed writes nothing; a sweep every ten seconds finds those. The journal
/// keeps what it says of a container until [#forget], so it is told again after a crash until then.
/// One thread; the listener is called on it and must not block.
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
    ShimState.@Nullable Over over; // of the watching thread only, as `told`
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

  /// Commands that nobody knows, found in the journal without their end.
  private final Map<String, ShimState.Running> strangers = new LinkedHashMap<>();

  private final Journal journal;
  private final Thread thread;

  private Shims(
      Path folder,
      Path workDir,
      Set<String> known,
      boolean preferScript,
      long journalBytes,
      Listener listener)
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
    try {
      Owner.take(folder, workDir, known, boot);
    } catch (IOException e) {
      if (launcher != null) {
        launcher.close();
      }
      throw e;
    }
    this.watch = folder.getFileSystem().newWatchService();
    this.journal = Journal.open(folder, journalBytes, this::heard);
    folder.register(
        watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
    this.thread = Thread.ofPlatform().daemon().name("shims").unstarted(this::watch);
  }

  /// Opens `folder` (made if absent) and finds out what became of the containers `known`;
  /// everything else that runs there is an orphan and is killed. The listener hears of the known
  /// ones from the watcher's thread.
  ///
  /// @param workDir tells agents apart: where those of another one run, nothing is opened
  /// @param preferScript use the shell script although there is a binary
  public static Shims open(
      Path folder, Path workDir, Set<String> known, boolean preferScript, Listener listener)
      throws IOException {
    return open(folder, workDir, known, preferScript, Journal.MAX_BYTES, listener);
  }

  static Shims open(
      Path folder,
      Path workDir,
      Set<String> known,
      boolean preferScript,
      long journalBytes,
      Listener listener)
      throws IOException {
    var shims = new Shims(folder, workDir, Set.copyOf(known), preferScript, journalBytes, listener);
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

  /// The end of a container is known for good: what the journal says of it is not needed any more.
  /// Idempotent.
  public void forget(String id) {
    entries.remove(id);
  }

  private void watch() {
    try {
      journal.readOld();
      read();
      sweep();
      known.forEach(this::mustBeThere);
      long lastSweep = System.nanoTime();
      while (true) {
        WatchKey key = watch.poll(SWEEP_SECONDS, TimeUnit.SECONDS);
        if (key != null) {
          key.pollEvents(); // whatever it was: what counts is what the journal says
          key.reset();
        }
        read();
        renew();
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

  private void renew() {
    try {
      if (journal.isDue()) {
        journal.renew(this::lines);
      }
    } catch (IOException e) {
      LOG.warn(
          "cannot begin a new journal in {}: {}",
          folder,
          e.toString()); // the next round tries again
    }
  }

  private void read() throws IOException {
    journal.read();
    strangers.forEach((id, running) -> {
      if (ProcFs.startTicks(running.shimPid()) == running.shimStart()) {
        LOG.warn("killing container {}, which this agent does not know", id);
        send(running, Signal.KILL);
      }
    });
    strangers.clear();
  }

  private void heard(ShimState.Line line) {
    switch (line.state()) {
      case ShimState.Running running -> started(line.id(), running);
      case ShimState.Over over -> over(line.id(), over);
    }
  }

  /// What a new journal has to say.
  private List<String> lines() {
    var result = new ArrayList<String>();
    entries.forEach((id, entry) -> {
      running(id).ifPresent(running -> result.add(running.line(id)));
      if (entry.over != null) {
        result.add(entry.over.line(id));
      }
    });
    return result;
  }

  private void started(String id, ShimState.Running running) {
    var entry = entries.get(id);
    if (!running.boot().equals(boot)) {
      if (entry != null) {
        lose(id, entry, "the host was restarted");
      }
      return;
    }
    if (entry == null) {
      strangers.put(id, running);
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
      strangers.remove(id);
    } else if (!over.boot().equals(boot)) {
      lose(id, entry, "the host was restarted");
    } else if (!entry.told) {
      entry.told = true;
      entry.over = over;
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
  private void sweep() throws IOException {
    for (var e : entries.entrySet()) {
      var entry = e.getValue();
      var running = running(e.getKey()).orElse(null);
      if (entry.told) {
        continue;
      }
      if (running == null) {
        if (System.nanoTime() - entry.since >= START_SECONDS * 1_000_000_000L) {
          lose(e.getKey(), entry, "it was never started");
        }
      } else if (ProcFs.startTicks(running.shimPid()) != running.shimStart()) {
        read(); // what it wrote last
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
      journal.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.warn("cannot close the journal of {}: {}", folder, e.toString());
    }
  }
}
