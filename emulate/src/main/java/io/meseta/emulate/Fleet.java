// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.libprocess.LocalNetwork;
import io.meseta.loop.Timers;
import io.meseta.sdk.MasterDetector;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.Archive;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Agents that run nothing, on one thread.
public final class Fleet implements AutoCloseable {
  static final String VERSION = "1.12.0";
  private static final int DEFAULT_PORT = 5050;
  private static final Logger log = LoggerFactory.getLogger(Fleet.class);

  /// Updates that nobody acknowledges are sent again after this time, as real agents do.
  private static final long RESEND_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Profile profile;
  private final List<EmulatedAgent> agents = new ArrayList<>();
  private final LinkedBlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
  private final Timers<Runnable> timers = new Timers<>();
  private final SplittableRandom random;
  private final Thread thread = new Thread(this::work, "fleet");

  /// Tasks with an update under way and since when, the oldest first.
  private final Map<EmulatedTask, Long> owing = new LinkedHashMap<>();

  private volatile Consumer<String> onLaunch = task -> {};
  private final AtomicInteger registered = new AtomicInteger();
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicLong launches = new AtomicLong();
  private final AtomicLong messages = new AtomicLong();
  private volatile @Nullable Thread follower;
  private volatile boolean closed;

  /// Whose turn it is in [#finish]; the fleet's thread only.
  private long finishing;

  private Fleet(Profile profile, int count, String hostname, Wires.Factory wires, long seed) {
    this.profile = profile;
    this.random = new SplittableRandom(seed);
    for (int i = 1; i <= count; i++) {
      int index = i - 1;
      var wire = wires.make(i, (from, name, body) -> receive(index, from, name, body));
      var info =
          AgentInfo.newBuilder()
              .setHostname(hostname.isEmpty() ? wire.self().ip() : hostname)
              .setPort(wire.self().port())
              .addAllResources(profile.resources())
              .setCheckpoint(true)
              .build();
      agents.add(new EmulatedAgent(this, info, wire));
    }
    thread.start();
    execute(this::resend);
  }

  /// A fleet that meets its master on a network inside this process.
  public static Fleet local(Profile profile, int count, LocalNetwork network, long seed) {
    return new Fleet(profile, count, "", Wires.local(network), seed);
  }

  /// A fleet of which every agent has a port and a connection of its own.
  ///
  /// @param ip to listen on, which the master must be able to reach
  public static Fleet sockets(Profile profile, int count, String ip, long seed) {
    return new Fleet(profile, count, "", Wires.sockets(ip), seed);
  }

  /// Gives one agent a past before the first [#connect]: see [EmulatedAgent#past].
  ///
  /// @param index of the agent, from 0
  public void past(
      int index,
      AgentID id,
      List<FrameworkInfo> owners,
      List<Task> tasks,
      List<Archive.Framework> completed) {
    execute(() -> agents.get(index).past(id, owners, tasks, completed));
  }

  /// Waits until everything asked for so far is done.
  public void settle() throws InterruptedException {
    var done = new CountDownLatch(1);
    execute(done::countDown);
    done.await();
  }

  /// Has this many running tasks end, a few on each agent in turn.
  public void finish(int tasks) {
    execute(() -> {
      for (int i = 0; i < tasks; i++) {
        agents.get((int) (finishing++ % agents.size())).finishOne();
      }
    });
  }

  /// All agents register with this master (again); null when nobody leads.
  public void connect(@Nullable Upid master) {
    execute(
        () -> agents.forEach(agent -> agent.connect(master, random(profile.spread().toNanos()))));
  }

  /// Has `listener` called with the id of every task that any agent is told to launch, each time it
  /// is told so, on the fleet's thread.
  public void onLaunch(Consumer<String> listener) {
    onLaunch = listener;
  }

  /// Keeps all agents with whoever leads, until the fleet is closed.
  public void follow(MasterDetector masters) {
    var changed = new Semaphore(1);
    masters.onChange(changed::release);
    follower =
        Thread.ofVirtual()
            .name("follow")
            .start(() -> {
              try {
                while (!closed) {
                  changed.acquire();
                  changed.drainPermits();
                  connect(upid(masters.await(null)));
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (UnknownHostException e) {
                log.error("no such host: {}", e.getMessage());
              }
            });
  }

  private static Upid upid(URI master) throws UnknownHostException {
    int port = master.getPort() < 0 ? DEFAULT_PORT : master.getPort();
    return new Upid("master", InetAddress.getByName(master.getHost()).getHostAddress(), port);
  }

  /// How many agents are registered.
  public int registeredCount() {
    return registered.get();
  }

  /// How many tasks run.
  public int runningCount() {
    return running.get();
  }

  /// How many tasks were launched since the beginning.
  public long launchCount() {
    return launches.get();
  }

  /// How many messages came from the master since the beginning.
  public long messageCount() {
    return messages.get();
  }

  public int size() {
    return agents.size();
  }

  /// Waits until all agents are registered.
  public void awaitRegistered(long seconds) throws InterruptedException, TimeoutException {
    settle(); // a connection asked for just now counts
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    synchronized (registered) {
      while (registered.get() < agents.size()) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          throw new TimeoutException(
              registered.get() + " of " + agents.size() + " agents are registered");
        }
        TimeUnit.NANOSECONDS.timedWait(registered, left);
      }
    }
  }

  private void receive(int index, Upid from, String name, byte[] body) {
    execute(() -> {
      messages.incrementAndGet();
      try {
        agents.get(index).on(from, name, body);
      } catch (InvalidProtocolBufferException e) {
        log.warn("ignoring a malformed {}: {}", name, e.getMessage());
      }
    });
  }

  void execute(Runnable step) {
    inbox.add(step);
  }

  private void work() {
    var batch = new ArrayList<Runnable>();
    try {
      while (!closed) {
        long wait = timers.untilNext(System.nanoTime());
        var first = inbox.poll(Math.min(wait, TimeUnit.HOURS.toNanos(1)), TimeUnit.NANOSECONDS);
        if (first != null) {
          batch.add(first);
          inbox.drainTo(batch, 1023);
          batch.forEach(Runnable::run);
          batch.clear();
        }
        for (var due = timers.poll(System.nanoTime());
            due != null;
            due = timers.poll(System.nanoTime())) {
          due.run();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      agents.forEach(agent -> agent.wire().close());
    }
  }

  // For the agents, on the fleet's thread.

  void after(long nanos, Runnable step) {
    if (nanos <= 0) {
      step.run();
    } else {
      timers.set(new Object(), System.nanoTime() + nanos, step);
    }
  }

  private void resend() {
    long due = System.nanoTime() - RESEND_NANOS;
    var late = new ArrayList<EmulatedTask>();
    for (var entry : owing.entrySet()) {
      if (entry.getValue() - due > 0) {
        break;
      }
      late.add(entry.getKey());
    }
    late.forEach(task -> {
      owing.remove(task);
      task.agent.send(task);
    });
    after(TimeUnit.SECONDS.toNanos(1), this::resend);
  }

  void owing(EmulatedTask task) {
    owing.remove(task);
    owing.put(task, System.nanoTime());
  }

  void settled(EmulatedTask task) {
    owing.remove(task);
  }

  long random(long bound) {
    return bound <= 0 ? 0 : random.nextLong(bound);
  }

  long lifetime() {
    return profile.lifetime(random);
  }

  ByteString uuid() {
    var bytes = new byte[16];
    random.nextBytes(bytes);
    bytes[6] = (byte) (bytes[6] & 0x0f | 0x40);
    bytes[8] = (byte) (bytes[8] & 0x3f | 0x80);
    return ByteString.copyFrom(bytes);
  }

  double now() {
    return System.currentTimeMillis() / 1000.0;
  }

  void registered() {
    if (registered.incrementAndGet() == agents.size()) {
      synchronized (registered) {
        registered.notifyAll();
      }
    }
  }

  void unregistered() {
    registered.decrementAndGet();
  }

  void told(String taskId) {
    onLaunch.accept(taskId);
  }

  void launched() {
    launches.incrementAndGet();
    running.incrementAndGet();
  }

  void running(int change) {
    running.addAndGet(change);
  }

  @Override
  public void close() {
    closed = true;
    var following = follower;
    if (following != null) {
      following.interrupt();
    }
    execute(() -> {});
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
