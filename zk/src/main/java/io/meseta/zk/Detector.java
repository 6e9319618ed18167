// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches who leads, without contending. Reports the leader's payload on each change, and empty
/// when nobody leads or our session was lost; a short break of the connection is no change.
public final class Detector implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Detector.class);

  private final ZkClient client;
  private final String label;
  private final Consumer<Optional<byte[]>> leader;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("detector").factory());
  private final ConnectionStateListener stateListener = (c, state) -> onState(state);
  private Optional<byte[]> known = Optional.empty();
  private boolean reported;

  private Detector(ZkClient client, String label, Consumer<Optional<byte[]>> leader) {
    this.client = client;
    this.label = label;
    this.leader = leader;
  }

  /// Watches the candidates `label_N` below `client`'s path; `leader` is called on a thread of the
  /// detector's own.
  public static Detector watch(ZkClient client, String label, Consumer<Optional<byte[]>> leader) {
    var detector = new Detector(client, label, leader);
    client.curator().getConnectionStateListenable().addListener(detector.stateListener);
    detector.later(detector::look);
    return detector;
  }

  @Override
  public void close() {
    client.curator().getConnectionStateListenable().removeListener(stateListener);
    thread.shutdownNow();
  }

  private void onState(ConnectionState state) {
    switch (state) {
      case LOST -> later(() -> report(Optional.empty()));
      case CONNECTED, RECONNECTED -> later(this::look);
      case SUSPENDED, READ_ONLY -> {}
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private void later(Step step) {
    try {
      thread.execute(() -> {
        try {
          step.run();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        } catch (Exception e) {
          log.debug("ZooKeeper is away", e); // the next state change brings us back here
        }
      });
    } catch (RejectedExecutionException closing) {
      log.trace("closed", closing);
    }
  }

  private void look() throws Exception {
    var curator = client.curator();
    var folder = client.url().path();
    // Events about the connection come by the state listener.
    Watcher again =
        event -> {
          if (event.getType() != Watcher.Event.EventType.None) {
            later(this::look);
          }
        };
    if (curator.checkExists().usingWatcher(again).forPath(folder) == null) {
      report(Optional.empty());
      return;
    }
    var name = Candidates.leader(curator.getChildren().usingWatcher(again).forPath(folder), label);
    if (name.isEmpty()) {
      report(Optional.empty());
      return;
    }
    try {
      report(Optional.of(curator.getData().forPath(client.url().child(name.get()))));
    } catch (KeeperException.NoNodeException gone) {
      log.trace("the watch will tell", gone);
    }
  }

  private void report(Optional<byte[]> now) {
    boolean same =
        known.isPresent() == now.isPresent()
            && (now.isEmpty() || Arrays.equals(known.get(), now.get()));
    if (!same || !reported) {
      known = now;
      reported = true;
      leader.accept(now);
    }
  }
}
