// SPDX-License-Identifier: Apache-2.0
package io.meseta.zk;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a framework's server does with ZooKeeper: several contend, one leads and writes the records
/// below `PATH/state`, the others know where it is. Without ZooKeeper the one server leads and
/// keeps its records in memory.
public final class Leadership implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Leadership.class);

  /// What becomes of this server. Called on a thread of the election.
  public interface Member {
    /// It leads; `records` is what was stored, by name.
    void lead(TreeMap<String, byte[]> records);

    /// It led and does no more; it has to end.
    void lost(String reason);
  }

  private final Optional<ZkClient> client;
  private final ConcurrentSkipListMap<String, byte[]> memory = new ConcurrentSkipListMap<>();
  private volatile Optional<FencedStore> store = Optional.empty();
  private volatile Optional<String> leader = Optional.empty();
  private volatile Optional<Election> election = Optional.empty();
  private volatile boolean leading;
  private volatile boolean away;

  private Leadership(Optional<ZkClient> client) {
    this.client = client;
  }

  /// Contends below `client`'s path; the leader's `address` is what the others are told.
  public static Leadership contend(ZkClient client, String address, Member member) {
    return contend(
        client,
        address,
        "leader",
        FencedStore.sharded(client, client.url().child("state")),
        member);
  }

  /// The same with candidates below `folder` and records in a store of the caller's choice.
  public static Leadership contend(
      ZkClient client, String address, String folder, FencedStore records, Member member) {
    var leadership = new Leadership(Optional.of(client));
    leadership.election =
        Optional.of(
            Election.contend(
                client,
                client.url().child(folder),
                "member",
                address.getBytes(StandardCharsets.UTF_8),
                leadership.new Contender(records, member)));
    return leadership;
  }

  /// Leads at once, with records that go with the process.
  public static Leadership alone(String address, Member member) {
    var leadership = new Leadership(Optional.empty());
    leadership.leader = Optional.of(address);
    leadership.leading = true;
    member.lead(new TreeMap<>());
    return leadership;
  }

  private final class Contender implements Election.Listener {
    private final FencedStore records;
    private final Member member;

    Contender(FencedStore records, Member member) {
      this.records = records;
      this.member = member;
    }

    @Override
    public void elected(Fence fence) {
      try {
        var loaded = new TreeMap<>(records.load(fence));
        store = Optional.of(records);
        leading = true;
        member.lead(loaded);
      } catch (Exception e) {
        log.error("the stored records cannot be read", e);
        member.lost("the stored records cannot be read: " + e.getMessage());
      }
    }

    @Override
    public void lost(String reason) {
      leading = false;
      member.lost(reason);
    }

    @Override
    public void suspended() {
      away = true;
    }

    @Override
    public void resumed() {
      away = false;
    }

    @Override
    public void leader(Optional<byte[]> payload) {
      leader = payload.map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
  }

  /// Whether this server leads.
  public boolean leading() {
    return leading;
  }

  /// Whether this server leads but has not reached ZooKeeper for the time of a session, so that
  /// nothing can be stored and perhaps somebody else leads.
  public boolean away() {
    return away;
  }

  /// The address of whoever leads.
  public Optional<String> leader() {
    return leader;
  }

  /// Stores and deletes records in one go; fails with [FencedException] when another leads.
  public CompletionStage<Void> write(Map<String, byte[]> puts, Set<String> deletes) {
    var open = store;
    if (open.isPresent()) {
      return open.get().write(puts, deletes);
    }
    memory.putAll(puts);
    memory.keySet().removeAll(deletes);
    return CompletableFuture.completedFuture(null);
  }

  /// The records held in memory, for a look from outside; empty with ZooKeeper.
  public Map<String, byte[]> inMemory() {
    return Collections.unmodifiableMap(memory);
  }

  /// Gives leadership up; the connection to ZooKeeper is closed too.
  @Override
  public void close() {
    leading = false;
    election.ifPresent(Election::close);
    store.ifPresent(FencedStore::close);
    client.ifPresent(ZkClient::close);
  }
}
