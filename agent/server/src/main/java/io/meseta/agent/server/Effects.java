// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import com.google.protobuf.Message;
import io.meseta.agent.containerizer.Containerizer;
import io.meseta.agent.containerizer.probes.Prober;
import io.meseta.agent.core.AgentEvent;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.libprocess.Libprocess;
import io.meseta.loop.Loop;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out what the core wants. Runs on the loop's thread, so whatever blocks goes to a virtual
/// thread.
final class Effects implements Consumer<Effect> {
  private static final Logger LOG = LoggerFactory.getLogger(Effects.class);

  private final Libprocess libprocess;
  private final Upid self;
  private final Path workDir;
  private final Disk disk;
  private final ExecutorService threads;
  private final Prober prober;
  private final CompletableFuture<Integer> ended;
  private final Map<Long, CompletableFuture<AgentSnapshot>> queries = new ConcurrentHashMap<>();
  private final ExecutorStreams executors = new ExecutorStreams(this::offer);
  private final AtomicLong tokens = new AtomicLong();
  private final Consumer<Upid> exited = peer -> submit(new AgentEvent.Exited(peer));

  /// One removal at a time: a thousand sandboxes must not take the whole disk.
  private final Semaphore removing = new Semaphore(1);

  private volatile @Nullable Loop<AgentEvent, Effect> loop;
  private volatile @Nullable Containerizer containerizer;
  private volatile @Nullable Proof proof;

  Effects(
      Libprocess libprocess,
      Upid self,
      Path workDir,
      Disk disk,
      ExecutorService threads,
      Prober prober,
      CompletableFuture<Integer> ended) {
    this.libprocess = libprocess;
    this.self = self;
    this.workDir = workDir;
    this.disk = disk;
    this.threads = threads;
    this.prober = prober;
    this.ended = ended;
  }

  void connect(Loop<AgentEvent, Effect> theLoop) {
    loop = theLoop;
  }

  void connect(Containerizer theContainerizer) {
    containerizer = theContainerizer;
  }

  void connect(Proof theProof) {
    proof = theProof;
  }

  void submit(AgentEvent event) {
    var running = loop;
    if (running != null) {
      running.submit(event);
    }
  }

  private boolean offer(AgentEvent event) {
    var running = loop;
    return running != null && running.offer(event);
  }

  ExecutorStreams executors() {
    return executors;
  }

  /// The state at the next moment.
  CompletableFuture<AgentSnapshot> snapshot() {
    long token = tokens.incrementAndGet();
    var answer = new CompletableFuture<AgentSnapshot>();
    queries.put(token, answer);
    var running = loop;
    if (running == null || !running.offer(new AgentEvent.Query(token))) {
      queries.remove(token);
      answer.completeExceptionally(new IllegalStateException("the agent is busy or ending"));
    }
    return answer;
  }

  @Override
  public void accept(Effect effect) {
    switch (effect) {
      case Effect.Send(var to, var message) -> send(to, message);
      case Effect.Link(var peer) -> {
        libprocess.unlink(peer, exited); // one link, however often it is tried
        libprocess.link(peer, exited);
      }
      case Effect.Unlink(var peer) -> libprocess.unlink(peer, exited);
      case Effect.Persist(long token, var writes) -> disk.submit(token, writes);
      case Effect.AnswerExecutor(long token, int status, var text) ->
          executors.answer(token, status, text);
      case Effect.SendExecutor(long stream, var event) -> executors.send(stream, event);
      case Effect.CloseExecutor(long stream) -> executors.close(stream);
      case Effect.Launch launch -> launch(launch);
      case Effect.SignalContainer(var id, var signal) -> containerizer().signal(id, signal);
      case Effect.ForgetContainer(var id) -> containerizer().forget(id);
      case Effect.SetTimer(var key, var delay) ->
          loop().setTimer(key, delay, new AgentEvent.TimerFired(key));
      case Effect.CancelTimer(var key) -> loop().cancelTimer(key);
      case Effect.RunProbe(var id, var kind, var probe) ->
          threads.execute(() -> submit(new AgentEvent.Probed(id, kind, prober.run(probe))));
      case Effect.MeasureDisk() -> threads.execute(this::measure);
      case Effect.RemovePath(var path) -> threads.execute(() -> remove(path));
      case Effect.Answer(long token, var snapshot) -> {
        var query = queries.remove(token);
        if (query != null) {
          query.completeAsync(() -> snapshot, threads);
        }
      }
      case Effect.Note(var text) -> LOG.info("{}", text);
      case Effect.Exit(int code, var why) -> {
        LOG.info("ending with status {}: {}", code, why);
        disk.submit(0, java.util.List.of());
        ended.completeAsync(() -> code, threads);
      }
    }
  }

  private void send(Upid to, Message message) {
    var asked = proof;
    if (asked != null
        && (message instanceof RegisterSlaveMessage || message instanceof ReregisterSlaveMessage)) {
      asked.before(to, () -> libprocess.send(self, to, message));
    } else {
      libprocess.send(self, to, message);
    }
  }

  private void launch(Effect.Launch launch) {
    threads.execute(() -> {
      try {
        var sandbox = Path.of(launch.spec().sandbox());
        Files.createDirectories(sandbox);
        if (!launch.latest().isEmpty()) {
          var latest = Path.of(launch.latest());
          var target = latest.getParent().relativize(sandbox).getName(0);
          Disk.link(latest, latest.resolveSibling(target));
        }
      } catch (IOException e) {
        LOG.warn("cannot make the sandbox {}: {}", launch.spec().sandbox(), e.toString());
      }
      containerizer().launch(launch.spec()); // says itself when the sandbox is unusable
    });
  }

  private Containerizer containerizer() {
    var it = containerizer;
    if (it == null) {
      throw new IllegalStateException("the containerizer is not there yet");
    }
    return it;
  }

  private Loop<AgentEvent, Effect> loop() {
    var it = loop;
    if (it == null) {
      throw new IllegalStateException("the loop is not there yet");
    }
    return it;
  }

  private void measure() {
    double used = 0;
    try {
      var store = Files.getFileStore(workDir);
      used = 1.0 - (double) store.getUsableSpace() / Math.max(1, store.getTotalSpace());
    } catch (IOException e) {
      LOG.warn("cannot measure the disk of {}: {}", workDir, e.toString());
    }
    submit(new AgentEvent.DiskMeasured(Math.clamp(used, 0, 1)));
  }

  private void remove(String path) {
    boolean removed = false;
    try {
      removing.acquire();
      try {
        removeTree(Path.of(path));
        removed = true;
      } finally {
        removing.release();
      }
    } catch (IOException e) {
      LOG.warn("cannot remove {}: {}", path, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    submit(new AgentEvent.PathRemoved(path, removed));
  }

  /// Removes a tree without following links.
  static void removeTree(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
