// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Connections between hosts, one per pair, direction and lane. What is sent over one arrives in
/// order while the connection lives; different connections know nothing of each other's order.
///
/// ```
/// open --message cannot pass--> stuck --healed in time--> open
///   |                             '--patience is over--> ended
///   '--either process ends, or somebody cuts it--> ended: what was under way is lost, links are told
/// ```
///
/// The next message makes a new connection.
public final class Network {
  private record Message(long number, String what, Runnable deliver, Runnable lost) {}

  private final class Connection {
    final String from;
    final String to;
    final String lane;
    final Key key;
    final String name;
    final ArrayDeque<Message> underWay = new ArrayDeque<>();
    final Map<Object, Runnable> links = new LinkedHashMap<>();
    final Pair pair;
    long lastArrival;
    int missed;
    int stuck;
    boolean orphan;
    boolean ended;

    Connection(Key key, String from, String to, String lane) {
      this.key = key;
      this.name = from + ">" + to + "/" + lane;
      this.from = from;
      this.to = to;
      this.lane = lane;
      this.pair = pairs.computeIfAbsent(from + ">" + to, p -> new Pair());
    }
  }

  /// All connections from one host to another.
  private static final class Pair {
    long sent;
    long latest;
  }

  private static final Runnable NOTHING = () -> {};

  private final Cluster cluster;
  private final Map<Key, Connection> connections = new LinkedHashMap<>();
  private final Map<String, Pair> pairs = new HashMap<>();
  private final Set<String> blocked = new HashSet<>();
  private final Map<String, Integer> slow = new HashMap<>();

  Network(Cluster cluster) {
    this.cluster = cluster;
  }

  private record Key(String from, String to, String lane) {
    @Override
    public int hashCode() {
      return (from.hashCode() * 31 + to.hashCode()) * 31 + lane.hashCode();
    }
  }

  private static Key key(String from, String to, String lane) {
    return new Key(from, to, lane);
  }

  /// Sends something that may be lost.
  void send(String from, String to, String lane, String what, Runnable deliver) {
    send(from, to, lane, what, deliver, NOTHING);
  }

  /// @param lost called at the sender when the connection broke before the delivery
  void send(String from, String to, String lane, String what, Runnable deliver, Runnable lost) {
    var connection =
        connections.computeIfAbsent(key(from, to, lane), k -> new Connection(k, from, to, lane));
    connection.underWay.add(new Message(++connection.pair.sent, what, deliver, lost));
    plan(connection);
  }

  /// Tells `broken` once when the connection breaks or cannot be made.
  void link(String from, String to, String lane, Object id, Runnable broken) {
    var connection = connections.get(key(from, to, lane));
    if (connection == null) {
      send(from, to, lane, "connect", NOTHING);
      connection = connections.get(key(from, to, lane));
    }
    if (connection != null) {
      connection.links.put(id, broken);
    }
  }

  void unlink(String from, String to, String lane, Object id) {
    var connection = connections.get(key(from, to, lane));
    if (connection != null) {
      connection.links.remove(id);
    }
  }

  /// Ends a connection from its far end, if the near one can hear of it.
  void cut(String from, String to, String lane) {
    var connection = connections.get(key(from, to, lane));
    if (connection != null && !isBlocked(to, from)) {
      end(connection, cluster.chance.millis(0, 50));
    }
  }

  /// Ends a connection from its near end: nothing more of it arrives, and nobody is told.
  void abandon(String from, String to, String lane) {
    var connection = connections.remove(key(from, to, lane));
    if (connection != null) {
      connection.ended = true;
    }
  }

  private void plan(Connection connection) {
    var chance = cluster.chance;
    long delay = chance.nanos(100_000, 2_000_000);
    int extra = slow.isEmpty() ? 0 : slow.getOrDefault(connection.from + ">" + connection.to, 0);
    if (extra > 0) {
      delay += chance.millis(0, extra);
      cluster.count(Happening.DELAYED);
    }
    connection.lastArrival = Math.max(connection.lastArrival + 1, cluster.clock.nanos() + delay);
    cluster.clock.after(connection.lastArrival - cluster.clock.nanos(), () -> arrive(connection));
  }

  private void arrive(Connection connection) {
    if (connection.ended) {
      return;
    }
    if (isBlocked(connection.from, connection.to)) {
      connection.missed++;
      cluster.count(
          isBlocked(connection.to, connection.from)
              ? Happening.HELD_BOTH_WAYS
              : Happening.HELD_ONE_WAY);
      if (connection.orphan) {
        connection.ended = true;
      } else if (connection.missed == 1) {
        int mine = ++connection.stuck;
        cluster.clock.after(
            cluster.chance.millis(2_000, 90_000),
            () -> {
              if (!connection.ended && connection.missed > 0 && connection.stuck == mine) {
                end(connection, 0);
              }
            });
      }
      return;
    }
    if (!cluster.isUp(connection.to)) {
      end(connection, cluster.chance.millis(0, 20));
      return;
    }
    var message = connection.underWay.poll();
    if (message != null) {
      cluster.trace(connection.name, " ", message.what());
      if (message.number() < connection.pair.latest) {
        cluster.count(Happening.OVERTAKEN);
      }
      connection.pair.latest = Math.max(connection.pair.latest, message.number());
      if (connection.orphan) {
        cluster.count(Happening.SENT_BY_THE_DEAD);
      }
      message.deliver().run();
    }
  }

  private void end(Connection connection, long noticeNanos) {
    if (connection.ended) {
      return;
    }
    connection.ended = true;
    connections.remove(connection.key, connection);
    int lost = connection.underWay.size();
    for (int i = 0; i < lost; i++) {
      cluster.count(Happening.LOST_WITH_CONNECTION);
    }
    cluster.note("connection ", () -> connection.name + " ended, " + lost + " lost");
    if (connection.orphan) {
      return;
    }
    List<Runnable> notices = new ArrayList<>(connection.links.values());
    connection.underWay.forEach(message -> notices.add(message.lost()));
    cluster.clock.after(noticeNanos, () -> notices.forEach(Runnable::run));
  }

  /// The process on `host` is gone: its peers notice soon; what it had sent may yet arrive.
  void crashed(String host) {
    for (var connection : List.copyOf(connections.values())) {
      if (connection.to.equals(host)) {
        end(connection, cluster.chance.millis(0, cluster.chance.oneIn(8) ? 20_000 : 500));
      } else if (connection.from.equals(host)) {
        connections.remove(connection.key);
        connection.orphan = true;
        connection.ended = connection.missed > 0 || cluster.chance.oneIn(2);
      }
    }
  }

  private boolean isBlocked(String from, String to) {
    return !blocked.isEmpty() && blocked.contains(from + ">" + to);
  }

  /// Nothing passes from one host to the other any more.
  public void block(String from, String to) {
    blocked.add(from + ">" + to);
  }

  public void unblock(String from, String to) {
    blocked.remove(from + ">" + to);
    for (var connection : List.copyOf(connections.values())) {
      if (connection.from.equals(from) && connection.to.equals(to)) {
        for (; connection.missed > 0; connection.missed--) {
          plan(connection);
        }
      }
    }
  }

  /// Everything from one host to the other takes up to `millis` longer; 0 for no longer.
  public void slow(String from, String to, int millis) {
    if (millis == 0) {
      slow.remove(from + ">" + to);
    } else {
      slow.put(from + ">" + to, millis);
    }
  }

  /// Breaks every connection between two hosts.
  public void reset(String one, String other) {
    for (var connection : List.copyOf(connections.values())) {
      if ((connection.from.equals(one) && connection.to.equals(other))
          || (connection.from.equals(other) && connection.to.equals(one))) {
        end(connection, cluster.chance.millis(0, 200));
      }
    }
  }

  void heal() {
    slow.clear();
    for (var pair : blocked.stream().sorted().toList()) {
      int at = pair.indexOf('>');
      unblock(pair.substring(0, at), pair.substring(at + 1));
    }
  }
}
