// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.master.server.registry.InMemoryRegistry;
import io.meseta.master.server.registry.ZooKeeperRegistry;
import io.meseta.wire.json.Json;
import io.meseta.wire.json.JsonException;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.zk.Election;
import io.meseta.zk.Fence;
import io.meseta.zk.ZkClient;
import io.meseta.zk.ZkUrl;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who leads: this master at once without ZooKeeper, else whoever is elected. A leader that may
/// have lost its leadership ends.
final class Leadership implements AutoCloseable {
  /// Of the original's candidate nodes.
  private static final String LABEL = "json.info";

  private static final Logger log = LoggerFactory.getLogger(Leadership.class);

  private final MasterFlags flags;
  private final Node node;
  private final Consumer<String> fatal;
  private volatile Optional<MasterInfo> leader = Optional.empty();
  private volatile boolean elected;
  private volatile boolean recovered;
  private @Nullable ZkClient client;
  private @Nullable Election election;

  Leadership(MasterFlags flags, Node node, Consumer<String> fatal) {
    this.flags = flags;
    this.node = node;
    this.fatal = fatal;
  }

  void begin() {
    if (flags.zk().isEmpty()) {
      leader = Optional.of(node.identity().info());
      elected = true;
      node.lead(new InMemoryRegistry(), Map.of());
      recovered = true;
      return;
    }
    var zk = ZkClient.connect(ZkUrl.parse(flags.zk().get()), flags.zkSessionTimeout());
    client = zk;
    election =
        Election.contend(
            zk,
            LABEL,
            Json.writeSorted(node.identity().info()),
            new Election.Listener() {
              @Override
              public void elected(Fence fence) {
                lead(zk, fence);
              }

              @Override
              public void lost(String reason) {
                elected = false;
                fatal.accept("lost leadership: " + reason);
              }

              @Override
              public void leader(Optional<byte[]> payload) {
                leader = payload.flatMap(Leadership::read);
                log.info("the leader is {}", leader.map(MasterInfo::getPid).orElse("nobody"));
              }
            });
  }

  private void lead(ZkClient zk, Fence fence) {
    try {
      log.info("elected as {}", fence.candidate());
      leader = Optional.of(node.identity().info());
      elected = true;
      if (flags.durable()) {
        var registry = new ZooKeeperRegistry(zk);
        long begin = System.nanoTime();
        var records = registry.load(fence);
        node.meters().fetch.add(System.nanoTime() - begin);
        node.lead(registry, records);
      } else {
        node.lead(new InMemoryRegistry(), Map.of());
      }
      recovered = true;
    } catch (Exception e) {
      log.error("the registry could not be read", e);
      fatal.accept("the registry could not be read: " + e.getMessage());
    }
  }

  private static Optional<MasterInfo> read(byte[] payload) {
    try {
      return Optional.of(Json.parse(payload, MasterInfo.newBuilder()).build());
    } catch (JsonException e) {
      log.warn("the leader's node cannot be read: {}", e.getMessage());
      return Optional.empty();
    }
  }

  boolean elected() {
    return elected;
  }

  /// Whether the registry was read, so that calls are taken.
  boolean recovered() {
    return recovered;
  }

  Optional<MasterInfo> leader() {
    return leader;
  }

  @Override
  public void close() {
    if (election != null) {
      election.close();
    }
    if (client != null) {
      client.close();
    }
  }
}
