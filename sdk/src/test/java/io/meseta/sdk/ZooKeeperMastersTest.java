// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ZooKeeperMastersTest {
  @TempDir Path folder;
  private ServerCnxnFactory server;
  private CuratorFramework client;
  private String url;

  @BeforeEach
  void start() throws Exception {
    server = new NIOServerCnxnFactory();
    server.configure(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.startup(new ZooKeeperServer(folder.toFile(), folder.toFile(), 2000));
    var address = "127.0.0.1:" + server.getLocalPort();
    client = CuratorFrameworkFactory.newClient(address, new RetryOneTime(100));
    client.start();
    url = "zk://" + address + "/mesos";
  }

  @AfterEach
  void stop() {
    client.close();
    server.shutdown();
  }

  private void contend(int sequence, String json) throws Exception {
    client
        .create()
        .creatingParentsIfNeeded()
        .forPath(
            "/mesos/json.info_%010d".formatted(sequence), json.getBytes(StandardCharsets.UTF_8));
  }

  private static String master(String ip, int port) {
    return "{\"id\":\"m\",\"ip\":1,\"port\":"
        + port
        + ",\"address\":{\"ip\":\""
        + ip
        + "\",\"port\":"
        + port
        + "}}";
  }

  @Test
  void namesTheNodeWithTheLowestSequenceAndTellsOfTheNext() throws Exception {
    contend(12, master("10.0.0.2", 5051));
    contend(7, master("10.0.0.1", 5050));
    client.create().forPath("/mesos/log_replicas");
    try (var masters = MasterDetector.of(url)) {
      var changed = new CountDownLatch(1);
      masters.onChange(changed::countDown);
      assertThat(masters.await(null)).hasToString("http://10.0.0.1:5050");
      client.delete().forPath("/mesos/json.info_0000000007");
      assertThat(changed.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(masters.await(null)).hasToString("http://10.0.0.2:5051");
    }
  }

  @Test
  void waitsForTheFirstMasterAndSkipsWhatIsNotReadable() throws Exception {
    try (var masters = MasterDetector.of(url)) {
      contend(1, "not json");
      contend(2, master("10.0.0.3", 5052));
      client.delete().forPath("/mesos/json.info_0000000001");
      assertThat(masters.await(null)).hasToString("http://10.0.0.3:5052");
    }
  }
}
