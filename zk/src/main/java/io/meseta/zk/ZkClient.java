// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.retry.RetryForever;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One session with ZooKeeper, shared by what a server does there.
public final class ZkClient implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ZkClient.class);

  private final CuratorFramework curator;
  private final ZkUrl url;
  private final Duration sessionTimeout;
  private final Thread absence;

  private ZkClient(CuratorFramework curator, ZkUrl url, Duration sessionTimeout, String flag) {
    this.curator = curator;
    this.url = url;
    this.sessionTimeout = sessionTimeout;
    this.absence =
        new Absence(
                flag + "=" + url,
                () -> curator.getZookeeperClient().isConnected(),
                line -> log.warn("{}", line))
            .watch();
  }

  /// Begins to connect and goes on trying for ever; returns at once.
  ///
  /// @param sessionTimeout after which ZooKeeper forgets a client it does not hear
  public static ZkClient connect(ZkUrl url, Duration sessionTimeout) {
    return connect("--zk", url, sessionTimeout);
  }

  /// The same.
  ///
  /// @param flag that `url` comes from, named in the log while nothing answers there
  public static ZkClient connect(String flag, ZkUrl url, Duration sessionTimeout) {
    var builder =
        CuratorFrameworkFactory.builder()
            .connectString(url.hosts())
            .sessionTimeoutMs((int) sessionTimeout.toMillis())
            .connectionTimeoutMs((int) Math.min(10_000, sessionTimeout.toMillis()))
            .zookeeperFactory(new KeptSession())
            .retryPolicy(new RetryForever(250));
    url.credentials()
        .ifPresent(credentials -> {
          builder.authorization("digest", credentials.getBytes(StandardCharsets.UTF_8));
          builder.aclProvider(new OwnerWritesAllRead());
        });
    var curator = builder.build();
    curator.start();
    return new ZkClient(curator, url, sessionTimeout, flag);
  }

  /// What it is connected to.
  public ZkUrl url() {
    return url;
  }

  Duration sessionTimeout() {
    return sessionTimeout;
  }

  CuratorFramework curator() {
    return curator;
  }

  /// The id of the present session; 0 before the first connection.
  long session() throws Exception {
    return curator.getZookeeperClient().getZooKeeper().getSessionId();
  }

  @Override
  public void close() {
    absence.interrupt();
    curator.close();
  }

  /// As the original: with credentials everyone may read, the creator may do everything.
  private static final class OwnerWritesAllRead implements ACLProvider {
    private static final List<ACL> ACLS =
        List.of(
            new ACL(ZooDefs.Perms.READ, ZooDefs.Ids.ANYONE_ID_UNSAFE),
            new ACL(ZooDefs.Perms.ALL, ZooDefs.Ids.AUTH_IDS));

    @Override
    public List<ACL> getDefaultAcl() {
      return ACLS;
    }

    @Override
    public List<ACL> getAclForPath(String path) {
      return ACLS;
    }
  }
}
