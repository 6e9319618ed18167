// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Contends for leadership with an ephemeral sequential node, in the original's form, so that other
/// clients find the leader too. Callbacks come one after the other on a thread of the election's
/// own.
///
/// A follower that loses its session contends again by itself. A leader that loses its node or its
/// session is told [Listener#lost] once, and the election is over: the server has to end.
///
/// A leader that does not reach ZooKeeper cannot know whether it was cut off and another leads, or
/// whether the whole ensemble is away, which keeps its session. So after the time of a session it
/// is told [Listener#suspended] and must not act as the leader; when it is back with the same
/// session and node, [Listener#resumed], else [Listener#lost]. After [#patience] it gives up.
public final class Election implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Election.class);

  /// What becomes of a candidate.
  public interface Listener {
    /// This candidate leads and may write with `fence`.
    void elected(Fence fence);

    /// This candidate led and does no more. Nothing follows.
    void lost(String reason);

    /// This candidate leads, but has not reached ZooKeeper for as long as a session lasts.
    default void suspended() {}

    /// It reached ZooKeeper again and leads as before.
    default void resumed() {}

    /// Who leads, whenever that changes, this candidate included; empty while nobody does.
    default void leader(Optional<byte[]> payload) {}
  }

  private final CuratorFramework curator;
  private final ZkClient client;
  private final String folder;
  private final String label;
  private final byte[] payload;
  private final Listener listener;
  private final ExecutorService thread;
  private final ConnectionStateListener stateListener = (c, state) -> onState(state);

  private final Duration patience;

  private volatile @Nullable Thread stepping;
  private final AtomicInteger absences = new AtomicInteger();

  // Owned by the thread.
  private String mine = "";
  private boolean leading;
  private boolean suspended;
  private boolean over;
  private Optional<String> knownLeader = Optional.empty();
  private boolean leaderReported;

  private Election(
      ZkClient client,
      String folder,
      String label,
      byte[] payload,
      Duration patience,
      Listener listener) {
    this.patience = patience;
    this.client = client;
    this.curator = client.curator();
    this.folder = folder;
    this.label = label;
    this.payload = payload.clone();
    this.listener = listener;
    this.thread =
        Executors.newSingleThreadExecutor(Thread.ofVirtual().name("election " + folder).factory());
  }

  /// Contends below `client`'s path.
  ///
  /// @param label before the underscore of the node's name, `json.info` for masters
  /// @param payload what others read of the leader
  public static Election contend(ZkClient client, String label, byte[] payload, Listener listener) {
    return contend(client, client.url().path(), label, payload, listener);
  }

  /// The same below another folder.
  public static Election contend(
      ZkClient client, String folder, String label, byte[] payload, Listener listener) {
    return contend(client, folder, label, payload, patience(client.sessionTimeout()), listener);
  }

  static Election contend(
      ZkClient client,
      String folder,
      String label,
      byte[] payload,
      Duration patience,
      Listener listener) {
    var election = new Election(client, folder, label, payload, patience, listener);
    election.curator.getConnectionStateListenable().addListener(election.stateListener);
    election.later(election::look);
    return election;
  }

  /// How long a leader that does not reach ZooKeeper waits before it gives up: ten sessions, and
  /// two minutes at least.
  static Duration patience(Duration sessionTimeout) {
    var ten = sessionTimeout.multipliedBy(10);
    return ten.compareTo(Duration.ofMinutes(2)) < 0 ? Duration.ofMinutes(2) : ten;
  }

  @Override
  public void close() {
    absences.incrementAndGet();
    later(() -> {
      over = true;
      if (!mine.isEmpty()) {
        try {
          curator.delete().forPath(mine);
        } catch (Exception e) {
          log.debug("the candidate node goes with the session", e);
        }
      }
    });
    curator.getConnectionStateListenable().removeListener(stateListener);
    thread.shutdown();
    try {
      if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
        thread.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void onState(ConnectionState state) {
    switch (state) {
      case LOST ->
          interrupting(this::expire); // so says the client; ZooKeeper itself has the last word
      case CONNECTED, RECONNECTED -> {
        absences.incrementAndGet();
        later(this::look);
      }
      case SUSPENDED -> {
        int absence = absences.incrementAndGet();
        Thread.ofVirtual().name("absence " + folder).start(() -> endure(absence));
      }
      case READ_ONLY -> {}
    }
  }

  /// Waits for the end of one absence of ZooKeeper, and draws the conclusions.
  private void endure(int absence) {
    try {
      Thread.sleep(client.sessionTimeout());
      if (absences.get() != absence) {
        return;
      }
      interrupting(this::suspend);
      Thread.sleep(patience.minus(client.sessionTimeout()));
      if (absences.get() == absence) {
        interrupting(() -> {
          if (leading) {
            gone("ZooKeeper has not answered for " + patience.toSeconds() + " s");
          }
        });
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Runs a step soon, even when another waits for a connection that may not come.
  private void interrupting(Step step) {
    var busy = stepping;
    if (busy != null) {
      busy.interrupt();
    }
    later(step);
  }

  private void expire() {
    if (leading) {
      suspend();
    } else {
      gone("the session with ZooKeeper expired");
    }
  }

  private void suspend() {
    if (leading && !suspended) {
      suspended = true;
      log.warn("ZooKeeper has not answered for the time of a session: somebody else may lead");
      listener.suspended();
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private void later(Step step) {
    try {
      thread.execute(() -> {
        if (over) {
          return;
        }
        try {
          stepping = Thread.currentThread();
          step.run();
        } catch (KeeperException.ConnectionLossException
            | KeeperException.SessionExpiredException e) {
          log.debug("ZooKeeper is away", e); // the next state change brings us back here
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        } catch (Exception e) {
          log.error("election in {} failed", folder, e);
          gone("the election failed: " + e.getMessage());
        } finally {
          stepping = null;
        }
      });
    } catch (RejectedExecutionException closing) {
      log.trace("closed", closing);
    }
  }

  /// A change below the folder. Events about the connection come by [#onState]: to look while it is
  /// broken would keep the thread until it is back, and so keep from telling that the session is
  /// lost.
  private void onChange(WatchedEvent event) {
    if (event.getType() != Watcher.Event.EventType.None) {
      later(this::look);
    }
  }

  private void gone(String reason) {
    mine = "";
    if (leading) {
      leading = false;
      over = true;
      listener.lost(reason);
    } else {
      report(Optional.empty());
    }
  }

  private void look() throws Exception {
    if (mine.isEmpty()) {
      mine = enter();
      log.info("contending as {}", mine);
    }
    var children = curator.getChildren().usingWatcher((Watcher) this::onChange).forPath(folder);
    var leader = Candidates.leader(children, label).map(name -> child(folder, name));
    if (!children.contains(mine.substring(mine.lastIndexOf('/') + 1))) {
      gone("the candidate node " + mine + " was removed");
      later(this::look);
      return;
    }
    if (leader.filter(mine::equals).isPresent() && !leading) {
      leading = true;
      report(leader);
      listener.elected(new Fence(mine));
    } else {
      report(leader);
    }
    if (suspended) {
      suspended = false;
      listener.resumed();
    }
  }

  private void report(Optional<String> leader) {
    if (leaderReported && leader.equals(knownLeader)) {
      return;
    }
    Optional<byte[]> data = Optional.empty();
    if (leader.isPresent()) {
      try {
        data = Optional.of(curator.getData().forPath(leader.get()));
      } catch (Exception e) {
        log.debug("the leader's node is gone again", e);
        return; // its removal is an event of its own
      }
    }
    knownLeader = leader;
    leaderReported = true;
    listener.leader(data);
  }

  /// Makes our node, or finds the one that an earlier try made although its answer was lost.
  private String enter() throws Exception {
    try {
      curator.create().creatingParentsIfNeeded().forPath(folder, new byte[0]);
    } catch (KeeperException.NodeExistsException e) {
      log.trace("the folder is there", e);
    }
    for (var name : own()) {
      return child(folder, name);
    }
    return curator
        .create()
        .withMode(CreateMode.EPHEMERAL_SEQUENTIAL)
        .forPath(child(folder, label + "_"), payload);
  }

  private List<String> own() throws Exception {
    long session = client.session();
    var own = new ArrayList<String>();
    for (var name : curator.getChildren().forPath(folder)) {
      if (Candidates.number(name, label) >= 0) {
        var stat = curator.checkExists().forPath(child(folder, name));
        if (stat != null && stat.getEphemeralOwner() == session) {
          own.add(name);
        }
      }
    }
    return own;
  }

  private static String child(String folder, String name) {
    return folder.equals("/") ? "/" + name : folder + "/" + name;
  }
}
