// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import com.google.protobuf.ByteString;
import io.meseta.wire.v1.MasterInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The ensemble as clients see it: sessions that expire, candidates of which the lowest leads,
/// watches of the leader, and the registry, whose writes are transactions with a check of the
/// writer's candidate.
public final class ZooKeeper {
  static final String HOST = "zk";
  static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);

  private record Candidate(String session, MasterInfo info, Node node, Runnable elected) {}

  private static final class Watch {
    final Node node;
    final int life;
    final Consumer<Optional<MasterInfo>> listener;
    @Nullable String told;

    Watch(Node node, Consumer<Optional<MasterInfo>> listener) {
      this.node = node;
      this.life = node.life;
      this.listener = listener;
    }
  }

  private final Cluster cluster;
  private final boolean fenced;
  private final Map<String, Long> sessions = new HashMap<>();
  private final TreeMap<Long, Candidate> candidates = new TreeMap<>();
  private final TreeMap<String, ByteString> registry = new TreeMap<>();
  private final List<Watch> watches = new ArrayList<>();
  private long next;

  ZooKeeper(Cluster cluster, boolean fenced) {
    this.cluster = cluster;
    this.fenced = fenced;
  }

  /// Who leads by the order of the candidates; the leader need not know it yet.
  Optional<MasterInfo> leader() {
    return candidates.isEmpty()
        ? Optional.empty()
        : Optional.of(candidates.firstEntry().getValue().info());
  }

  // Sessions and candidates. All methods run when a client's request arrives here.

  void enter(String session, MasterInfo info, Node node, Runnable elected) {
    sessions.put(session, cluster.clock.nanos());
    if (candidates.values().stream().noneMatch(c -> c.session().equals(session))) {
      candidates.put(next++, new Candidate(session, info, node, elected));
      expireLater(session);
      leaderChanged();
    }
  }

  /// False when the session is not known any more.
  boolean ping(String session) {
    return sessions.computeIfPresent(session, (s, heard) -> cluster.clock.nanos()) != null;
  }

  private void expireLater(String session) {
    var heard = sessions.get(session);
    if (heard == null) {
      return;
    }
    long left = heard + SESSION_TIMEOUT.toNanos() - cluster.clock.nanos();
    if (left <= 0) {
      expire(session);
    } else {
      cluster.clock.after(left, () -> expireLater(session));
    }
  }

  private void expire(String session) {
    sessions.remove(session);
    cluster.trace("session " + session + " expires");
    cluster.count(Happening.SESSION_EXPIRED);
    candidates.values().removeIf(c -> c.session().equals(session));
    leaderChanged();
  }

  /// A fault: the ensemble forgets the leader's session.
  public void expireLeader() {
    if (!candidates.isEmpty()) {
      expire(candidates.firstEntry().getValue().session());
    }
  }

  private void leaderChanged() {
    if (!candidates.isEmpty()) {
      tellElected(candidates.firstEntry().getValue());
    }
    watches.forEach(this::tell);
  }

  private void tellElected(Candidate candidate) {
    cluster.network.send(
        HOST,
        candidate.node().host,
        "zk",
        "elected",
        candidate.elected(),
        () -> cluster.clock.after(Duration.ofSeconds(1), () -> tellElectedAgain(candidate)));
  }

  private void tellElectedAgain(Candidate candidate) {
    if (!candidates.isEmpty() && candidates.firstEntry().getValue() == candidate) {
      tellElected(candidate);
    }
  }

  // Watches.

  /// Tells `listener` of the leader now and whenever it changes, as long as `node` lives.
  void watch(Node node, Consumer<Optional<MasterInfo>> listener) {
    watches.removeIf(old -> old.node == node);
    var watch = new Watch(node, listener);
    watches.add(watch);
    tell(watch);
  }

  private void tell(Watch watch) {
    var leader = leader();
    var name = leader.map(MasterInfo::getId).orElse("nobody");
    if (name.equals(watch.told)) {
      return;
    }
    watch.told = name;
    cluster.network.send(
        HOST,
        watch.node.host,
        "zk",
        "leader " + name,
        () -> {
          if (watch.life == watch.node.life) {
            watch.listener.accept(leader);
          }
        },
        () -> {
          watch.told = null;
          cluster.clock.after(
              Duration.ofSeconds(1),
              () -> {
                if (watch.life == watch.node.life && watches.contains(watch)) {
                  tell(watch);
                }
              });
        });
  }

  // The registry.

  Map<String, ByteString> load() {
    return new LinkedHashMap<>(registry);
  }

  /// False when the writer has been deposed: then nothing is written.
  boolean write(String session, Map<String, ByteString> puts, List<String> deletes) {
    boolean candidate = candidates.values().stream().anyMatch(c -> c.session().equals(session));
    if (fenced && !candidate) {
      cluster.trace("the write of " + session + " is refused");
      cluster.count(Happening.WRITE_FENCED);
      return false;
    }
    Broken.unless(
        candidate && candidates.firstEntry().getValue().session().equals(session),
        "the registry is written by " + session + ", which does not lead");
    deletes.forEach(registry::remove);
    registry.putAll(puts);
    for (var key : puts.keySet()) {
      checkOneState(key);
      if (key.startsWith("unreachable/")) {
        cluster.count(Happening.UNREACHABLE);
      } else if (key.startsWith("gone/")) {
        cluster.count(Happening.AGENT_GONE);
      }
    }
    return true;
  }

  private void checkOneState(String key) {
    var id = key.substring(key.indexOf('/') + 1);
    long states =
        List.of("agents/", "unreachable/", "gone/").stream()
            .filter(state -> registry.containsKey(state + id))
            .count();
    Broken.unless(states <= 1, "agent " + id + " is in " + states + " states in the registry");
  }
}
