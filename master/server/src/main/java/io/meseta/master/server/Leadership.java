// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.registry.RegistryOperation;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who leads: this master at once without ZooKeeper, else whoever is elected. A leader that lost
/// its leadership ends; one that may have lost it answers as if nobody led until it knows.
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
  private @Nullable Rehearsal rehearsal;

  Leadership(MasterFlags flags, Node node, Consumer<String> fatal) {
    this.flags = flags;
    this.node = node;
    this.fatal = fatal;
  }

  void begin() {
    if (flags.zk().isEmpty()) {
      leader = Optional.of(node.identity().info());
      elected = true;
      log.warn(
          "without --zk the registry is in memory: quota, weights, maintenance and what agents are"
              + " gone are forgotten when this master ends");
      leadInMemory();
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
              public void suspended() {
                elected = false;
                leader = Optional.empty();
                node.submit(new MasterEvent.Suspended(true));
              }

              @Override
              public void resumed() {
                node.submit(new MasterEvent.Suspended(false));
                elected = true;
                leader = Optional.of(node.identity().info());
                log.info("leading on");
              }

              @Override
              public void leader(Optional<byte[]> payload) {
                leader = payload.flatMap(Leadership::read);
                leader.ifPresent(Leadership.this::checkRegion);
                leader.ifPresent(Leadership.this::standBy);
                log.info("the leader is {}", leader.map(MasterInfo::getPid).orElse("nobody"));
              }
            });
  }

  /// Another master leads, so there is time to prepare.
  private synchronized void standBy(MasterInfo other) {
    if (flags.standbyRehearsal()
        && rehearsal == null
        && !elected
        && !other.getId().equals(node.identity().info().getId())) {
      rehearsal = Rehearsal.start(flags);
    }
  }

  private synchronized void endRehearsal() {
    if (rehearsal != null) {
      rehearsal.close();
    }
  }

  private void lead(ZkClient zk, Fence fence) {
    endRehearsal();
    try {
      log.info("elected as {}", fence.candidate());
      leader = Optional.of(node.identity().info());
      elected = true;
      if (flags.durable()) {
        var registry = new ZooKeeperRegistry(zk);
        long begin = System.nanoTime();
        var records = registry.load(fence);
        node.meters().fetch.add(System.nanoTime() - begin);
        var missing = missingCapabilities(records.keySet());
        if (!missing.isEmpty()) {
          log.error("the registry needs a master with {}", missing);
          fatal.accept(
              "the registry needs a master with the capabilities "
                  + String.join(", ", missing)
                  + ", which this one lacks: start the version that wrote it, and take back what it"
                  + " needs them for, before going back to this one");
          return;
        }
        node.lead(registry, records);
      } else {
        leadInMemory();
      }
      recovered = true;
    } catch (Exception e) {
      log.error("the registry could not be read", e);
      fatal.accept("the registry could not be read: " + e.getMessage());
    }
  }

  private void leadInMemory() {
    node.meters().fetch.add(0); // there is nothing yet, but dashboards ask for the figure
    node.lead(new InMemoryRegistry(), Map.of());
  }

  /// Agents are near or far by where the leader is, so masters must not differ in that.
  private void checkRegion(MasterInfo other) {
    var mine = node.identity().info().getDomain();
    if (mine.hasFaultDomain()
        && other.getDomain().hasFaultDomain()
        && !mine.getFaultDomain()
            .getRegion()
            .equals(other.getDomain().getFaultDomain().getRegion())) {
      fatal.accept(
          "the leading master is in the region "
              + other.getDomain().getFaultDomain().getRegion().getName()
              + " and this one by --domain in "
              + mine.getFaultDomain().getRegion().getName()
              + ": all masters of a cluster must be in the same region");
    }
  }

  private Set<String> missingCapabilities(Set<String> keys) {
    var missing = new TreeSet<String>();
    for (var key : keys) {
      if (key.startsWith(RegistryOperation.MINIMUM_CAPABILITIES)) {
        missing.add(key.substring(RegistryOperation.MINIMUM_CAPABILITIES.length()));
      }
    }
    node.identity()
        .info()
        .getCapabilitiesList()
        .forEach(capability -> missing.remove(capability.getType().name()));
    return missing;
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
    endRehearsal();
    if (election != null) {
      election.close();
    }
    if (client != null) {
      client.close();
    }
  }
}
