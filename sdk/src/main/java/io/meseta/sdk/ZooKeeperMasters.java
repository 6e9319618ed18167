// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.MasterInfo;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.CuratorWatcher;
import org.apache.curator.retry.RetryForever;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;

/// The leading master by ZooKeeper: of the nodes `json.info_*` below the path the one with the
/// lowest sequence number leads, and its data is a MasterInfo as JSON. When ZooKeeper is away, the
/// master known last counts.
///
/// Original: src/master/detector/zookeeper.cpp.
final class ZooKeeperMasters implements MasterDetector {
  static {
    // What is said without a provider of SLF4J concerns ZooKeeper's library alone.
    if (System.getProperty("slf4j.internal.verbosity") == null) {
      System.setProperty("slf4j.internal.verbosity", "ERROR");
    }
  }

  private static final System.Logger LOG = System.getLogger(ZooKeeperMasters.class.getName());
  private static final String LABEL = "json.info_";
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration REFRESH = Duration.ofSeconds(30);

  private final CuratorFramework client;
  private final String path;
  private final Thread watcher;

  // Guarded by this.
  private @Nullable URI leader;
  private @Nullable URI named;
  private boolean poked;
  private Runnable changed = () -> {};

  private ZooKeeperMasters(CuratorFramework client, String path) {
    this.client = client;
    this.path = path;
    this.watcher = Thread.ofVirtual().name("master-detector").unstarted(this::watch);
  }

  static ZooKeeperMasters connect(String url) {
    var rest = url.substring("zk://".length());
    int slash = rest.indexOf('/');
    if (slash <= 0 || slash == rest.length() - 1) {
      throw new IllegalArgumentException(
          "master: '" + url + "' (expected: zk://host:port[,host:port]/path)");
    }
    var authority = rest.substring(0, slash);
    int at = authority.lastIndexOf('@');
    var builder =
        CuratorFrameworkFactory.builder()
            .connectString(authority.substring(at + 1))
            .sessionTimeoutMs(10_000)
            .connectionTimeoutMs(10_000)
            .retryPolicy(new RetryForever(1000));
    if (at >= 0) {
      builder.authorization("digest", authority.substring(0, at).getBytes(StandardCharsets.UTF_8));
    }
    var curator = builder.build();
    curator.start();
    var masters = new ZooKeeperMasters(curator, rest.substring(slash));
    masters.watcher.start();
    return masters;
  }

  @Override
  public synchronized URI await(@Nullable URI failed) throws InterruptedException {
    while (leader == null) {
      wait();
    }
    named = leader;
    return leader;
  }

  @Override
  public synchronized @Nullable URI awaitFor(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    for (long left = limit.toMillis(); leader == null && left > 0; ) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
    named = leader == null ? named : leader;
    return leader;
  }

  @Override
  public String problem() {
    return client.getZookeeperClient().isConnected()
        ? "no master leads there"
        : "no ZooKeeper answers there";
  }

  @Override
  public String toString() {
    return "zk://" + client.getZookeeperClient().getCurrentConnectionString() + path;
  }

  @Override
  public synchronized void onChange(Runnable changed) {
    this.changed = changed;
  }

  @Override
  public void close() {
    watcher.interrupt();
    client.close();
  }

  private void watch() {
    try {
      while (true) {
        Duration wait;
        try {
          found(read());
          wait = REFRESH;
        } catch (KeeperException.NoNodeException e) { // no master yet, or the leader just left
          found(null);
          wait = RETRY;
        }
        sleep(wait);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    } catch (Exception e) {
      LOG.log(System.Logger.Level.WARNING, "The detector of masters ended: " + e);
    }
  }

  private @Nullable URI read() throws Exception {
    CuratorWatcher poke = event -> poke();
    var first =
        client.getChildren().usingWatcher(poke).forPath(path).stream()
            .filter(name -> name.startsWith(LABEL))
            .min(Comparator.comparing((String name) -> name.substring(LABEL.length())));
    if (first.isEmpty()) {
      return null;
    }
    return parse(client.getData().forPath(path + "/" + first.get()));
  }

  private static @Nullable URI parse(byte[] data) {
    try {
      var builder = MasterInfo.newBuilder();
      Json.parse(data, builder);
      return base(builder.build());
    } catch (JsonException e) {
      LOG.log(System.Logger.Level.WARNING, "A master's node is not readable: " + e.getMessage());
      return null;
    }
  }

  /// Where to reach a master: by its address, else by the old fields.
  static URI base(MasterInfo master) {
    if (master.hasAddress()) {
      var address = master.getAddress();
      var host = address.hasIp() ? address.getIp() : address.getHostname();
      return URI.create("http://" + host + ":" + address.getPort());
    }
    return URI.create("http://" + master.getHostname() + ":" + master.getPort());
  }

  private synchronized void poke() {
    poked = true;
    notifyAll();
  }

  private synchronized void sleep(Duration duration) throws InterruptedException {
    long end = System.nanoTime() + duration.toNanos();
    for (long left = duration.toMillis(); !poked && left > 0; ) {
      wait(left);
      left = (end - System.nanoTime()) / 1_000_000;
    }
    poked = false;
  }

  private void found(@Nullable URI now) {
    Runnable tell = null;
    synchronized (this) {
      leader = now;
      if (now != null) {
        notifyAll();
        if (named != null && !now.equals(named)) {
          named = now;
          tell = changed;
        }
      }
    }
    if (tell != null) {
      tell.run();
    }
  }
}
