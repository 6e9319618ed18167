// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.wire.Upid;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.zk.Detector;
import io.meseta.zk.ZkClient;
import io.meseta.zk.ZkUrl;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells who leads: as ZooKeeper says, or the one that `--master` names.
final class MasterWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MasterWatch.class);

  private final AutoCloseable watch;

  private MasterWatch(AutoCloseable watch) {
    this.watch = watch;
  }

  /// @throws IllegalArgumentException naming what was expected of `master`
  static MasterWatch start(
      String master, Duration sessionTimeout, Consumer<Optional<MasterInfo>> leader) {
    if (master.startsWith("zk://")) {
      var client = ZkClient.connect("--master", ZkUrl.parse(master), sessionTimeout);
      var detector =
          Detector.watch(
              client, "json.info", data -> leader.accept(data.flatMap(MasterWatch::parse)));
      return new MasterWatch(() -> {
        detector.close();
        client.close();
      });
    }
    leader.accept(Optional.of(fixed(master)));
    return new MasterWatch(() -> {});
  }

  private static Optional<MasterInfo> parse(byte[] json) {
    try {
      return Optional.of(Json.parse(json, MasterInfo.newBuilder()).build());
    } catch (JsonException e) {
      LOG.warn("ignoring a leader whose description cannot be read: {}", e.getMessage());
      return Optional.empty();
    }
  }

  static MasterInfo fixed(String master) {
    var upid =
        Upid.parse(master.contains("@") ? master : "master@" + master)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "--master=" + master + " (expected: host:port, master@host:port or zk://...)"));
    try {
      var address = InetAddress.getByName(upid.ip());
      int ip = ByteBuffer.wrap(address.getAddress(), 0, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
      return MasterInfo.newBuilder()
          .setId("")
          .setIp(ip)
          .setPort(upid.port())
          .setPid(new Upid(upid.id(), address.getHostAddress(), upid.port()).toString())
          .setHostname(upid.ip())
          .build();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("--master=" + master + ": no such host: " + upid.ip());
    }
  }

  @Override
  public void close() {
    try {
      watch.close();
    } catch (Exception e) {
      LOG.warn("cannot stop watching the master: {}", e.toString());
    }
  }
}
