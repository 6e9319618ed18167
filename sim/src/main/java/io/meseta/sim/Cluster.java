// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import com.google.protobuf.Message;
import io.meseta.wire.Upid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// All hosts of a simulated cluster, and what they share.
public final class Cluster {
  final Options options;
  public final Chance chance;
  public final Clock clock = new Clock();
  public final Network network;
  public final ZooKeeper zooKeeper;
  final Trace trace;
  final Truth truth;
  final Tally tally = new Tally();
  final Operators operators = new Operators(this);
  private final List<MasterNode> masters = new ArrayList<>();
  private final List<AgentNode> agents = new ArrayList<>();
  private final List<SchedulerNode> schedulers = new ArrayList<>();
  private final Map<String, Node> byHost = new LinkedHashMap<>();
  private final Map<String, Node> byIp = new LinkedHashMap<>();

  /// One message of the libprocess protocol in so many is delivered twice, if agents and masters
  /// repeat its kind themselves; 0 for none.
  int duplicateOneIn;

  /// One of so many is lost, and one of so many comes once more later; 0 for none.
  int lossOneIn;

  int stragglerOneIn;

  /// Writes to disks take up to so much longer, in milliseconds.
  int diskDelayMillis;

  Cluster(Options options) {
    this.options = options;
    this.chance = new Chance(options.seed());
    this.trace = new Trace(options.trace());
    this.truth = new Truth();
    this.network = new Network(this);
    this.zooKeeper = new ZooKeeper(this, options.plant() != Options.Plant.STORE_WITHOUT_FENCE);
    var timing = Timing.choose(chance);
    for (int i = 1; i <= options.masters(); i++) {
      var node = new MasterNode(this, "m" + i, "10.0.0." + i, timing.master());
      masters.add(node);
      add(node, "10.0.0." + i);
    }
    for (int i = 1; i <= options.agents(); i++) {
      var node = new AgentNode(this, "a" + i, "10.0.1." + i, timing);
      agents.add(node);
      add(node, "10.0.1." + i);
    }
    for (int i = 1; i <= options.schedulers(); i++) {
      var node = new SchedulerNode(this, "s" + i, Framework.choose("s" + i, i, chance));
      schedulers.add(node);
      add(node, "10.0.2." + i);
    }
    byHost.values().forEach(node -> clock.after(chance.millis(0, 3_000), node::start));
  }

  private void add(Node node, String ip) {
    byHost.put(node.host, node);
    byIp.put(ip, node);
  }

  public List<MasterNode> masters() {
    return masters;
  }

  public List<AgentNode> agents() {
    return agents;
  }

  public List<SchedulerNode> schedulers() {
    return schedulers;
  }

  public List<Node> nodes() {
    return List.copyOf(byHost.values());
  }

  /// Every host, ZooKeeper's too.
  public List<String> hosts() {
    var result = new ArrayList<>(byHost.keySet());
    result.add(ZooKeeper.HOST);
    return result;
  }

  Node node(String host) {
    return java.util.Objects.requireNonNull(byHost.get(host), host);
  }

  boolean isUp(String host) {
    return host.equals(ZooKeeper.HOST) || node(host).up();
  }

  /// The master that leads, has read the registry and knows both.
  Optional<MasterNode> leader() {
    return zooKeeper
        .leader()
        .flatMap(info ->
            masters.stream()
                .filter(m -> m.up() && m.ready() && m.info().getId().equals(info.getId()))
                .findFirst());
  }

  Optional<Node> hostOf(Upid pid) {
    return Optional.ofNullable(byIp.get(pid.ip()));
  }

  /// Sends a message of the libprocess protocol.
  void send(Node from, Upid sender, Upid to, Message message) {
    hostOf(to)
        .ifPresent(target -> {
          var what = message.getDescriptorForType().getName() + " " + message.getSerializedSize();
          Runnable deliver = () -> receive(target, sender, message);
          if (lossOneIn > 0 && Repeatable.mayBeLost(message) && chance.oneIn(lossOneIn)) {
            tally.count(Happening.LOST);
            trace(what, " is lost", "");
            return;
          }
          network.send(from.host, target.host, "lp", what, deliver);
          if (stragglerOneIn > 0
              && Repeatable.mayStraggle(message)
              && chance.oneIn(stragglerOneIn)) {
            int life = target.life; // what was sent to a process does not reach the next one
            clock.after(
                chance.millis(0, 8_000),
                () -> {
                  if (target.life == life) {
                    network.send(
                        from.host,
                        target.host,
                        "lp old",
                        what + " late",
                        counting(Happening.STRAGGLED, deliver));
                  }
                });
          }
          if (duplicateOneIn > 0 && Repeatable.is(message) && chance.oneIn(duplicateOneIn)) {
            network.send(
                from.host,
                target.host,
                "lp",
                what + " again",
                counting(Happening.DUPLICATED, deliver));
          }
        });
  }

  private Runnable counting(Happening what, Runnable action) {
    return () -> {
      tally.count(what);
      action.run();
    };
  }

  private static void receive(Node target, Upid from, Message message) {
    switch (target) {
      case MasterNode master -> master.receive(from, message);
      case AgentNode agent -> agent.receive(from, message);
      default -> {}
    }
  }

  public void count(Happening what) {
    tally.count(what);
  }

  void trace(String what) {
    trace.event(clock.nanos(), what);
  }

  void trace(String begin, String middle, String end) {
    trace.event(clock.nanos(), begin, middle, end);
  }

  void note(String who, Supplier<String> what) {
    trace.note(clock.nanos(), who, what);
  }

  public void setDuplicates(int oneIn) {
    duplicateOneIn = oneIn;
  }

  public void setLoss(int oneIn) {
    lossOneIn = oneIn;
  }

  public void setStragglers(int oneIn) {
    stragglerOneIn = oneIn;
  }

  public void setDiskDelay(int millis) {
    diskDelayMillis = millis;
  }

  /// No faults any more: whoever is down comes back.
  void heal() {
    trace("everything is healed");
    duplicateOneIn = 0;
    lossOneIn = 0;
    stragglerOneIn = 0;
    diskDelayMillis = 0;
    network.heal();
    for (var node : nodes()) {
      node.setClockError(Duration.ZERO);
      node.resume();
      node.start();
    }
    agents.forEach(AgentNode::calm);
    schedulers.forEach(SchedulerNode::calm);
  }
}
