// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import com.google.protobuf.Message;
import io.meseta.loop.Ids;
import io.meseta.master.core.Effect;
import io.meseta.master.core.MasterConfig;
import io.meseta.master.core.MasterCore;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.master.core.view.Snapshot;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.v1.Address;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.scheduler.Call;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A master with simulated edges: election, registry, streams of schedulers, libprocess.
public final class MasterNode extends Node {
  private record Caller(SchedulerNode scheduler, String streamId) {}

  private static final Duration ZK_PING = Duration.ofSeconds(3);

  private final String ip;
  private final MasterConfig config;
  private MasterInfo info = MasterInfo.getDefaultInstance();
  private @Nullable MasterCore core;
  private @Nullable CoreLoop<MasterEvent, Effect> loop;
  private @Nullable MasterChecks checks;
  private final Map<String, SchedulerNode> streams = new LinkedHashMap<>();
  private final Map<Long, Caller> calls = new HashMap<>();
  private final Map<Long, MasterEvent.OperatorRequest> asked = new HashMap<>();
  private final Map<String, Integer> unreachable = new HashMap<>();
  private long requests;
  private String session = "";
  private int sessions;
  private long zkHeard;
  private boolean leading;
  private boolean ready;

  MasterNode(Cluster cluster, String host, String ip, MasterConfig config) {
    super(cluster, host);
    this.ip = ip;
    this.config = config;
  }

  MasterInfo info() {
    return info;
  }

  /// Elected, with the registry read.
  public boolean ready() {
    return ready;
  }

  public boolean leading() {
    return leading;
  }

  @Override
  void started() {
    info =
        MasterInfo.newBuilder()
            .setId(host + "." + life)
            .setIp(0)
            .setPort(5050)
            .setPid("master@" + ip + ":5050")
            .setHostname(host)
            .setAddress(Address.newBuilder().setIp(ip).setPort(5050))
            .build();
    core = new MasterCore(config, info, Ids.seeded(cluster.chance.seed()));
    checks = new MasterChecks(host, cluster.agents().getFirst().scalars, MasterChecks.books(core));
    loop = new CoreLoop<>(this, core, this::carryOut, this::afterBatch);
    newSession();
    later(ZK_PING, this::zkTick);
  }

  @Override
  void stopped() {
    core = null;
    loop = null;
    leading = false;
    ready = false;
    streams.clear();
    calls.clear();
    asked.clear();
  }

  @Override
  void resumed() {
    if (loop != null) {
      loop.wake();
    }
  }

  // ZooKeeper's client.

  private void newSession() {
    session = info.getId() + "#" + ++sessions;
    zkHeard = cluster.clock.nanos();
    contend(session);
  }

  private void contend(String mine) {
    if (!mine.equals(session)) {
      return;
    }
    var elected = guard(() -> elected(mine));
    toZooKeeper(
        "contend", () -> cluster.zooKeeper.enter(mine, info, this, elected), () -> contend(mine));
  }

  private void toZooKeeper(String what, Runnable there, Runnable again) {
    cluster.network.send(
        host, ZooKeeper.HOST, "zk", what, there, guard(() -> later(Duration.ofMillis(500), again)));
  }

  private void fromZooKeeper(String what, Runnable here, Runnable again) {
    var guarded = guard(here);
    cluster.network.send(
        ZooKeeper.HOST,
        host,
        "zk",
        what,
        guarded,
        guard(() -> later(Duration.ofMillis(500), again)));
  }

  private void zkTick() {
    later(ZK_PING, this::zkTick);
    var mine = session;
    if (cluster.clock.nanos() - zkHeard > ZooKeeper.SESSION_TIMEOUT.toNanos()) {
      sessionLost();
      return;
    }
    toZooKeeper(
        "ping",
        () -> {
          boolean known = cluster.zooKeeper.ping(mine);
          fromZooKeeper(
              known ? "pong" : "expired",
              () -> {
                if (!mine.equals(session)) {
                  return;
                }
                if (known) {
                  zkHeard = cluster.clock.nanos();
                } else {
                  sessionLost();
                }
              },
              () -> {});
        },
        () -> {});
  }

  private void sessionLost() {
    if (leading) {
      exit("lost leadership: the session with ZooKeeper expired");
    } else {
      newSession();
    }
  }

  private void elected(String mine) {
    if (mine.equals(session) && !leading) {
      leading = true;
      cluster.trace(host + " is elected");
      cluster.count(Happening.ELECTED);
      load();
    }
  }

  private void load() {
    toZooKeeper(
        "load",
        () -> {
          var records = cluster.zooKeeper.load();
          fromZooKeeper(
              "registry of " + records.size(),
              () -> {
                if (!ready) {
                  ready = true;
                  submit(new MasterEvent.RegistryLoaded(records));
                }
              },
              this::load);
        },
        this::load);
  }

  private void persist(Effect.Persist persist) {
    var mine = session;
    toZooKeeper(
        "write " + persist.batch() + " " + persist.puts().keySet() + " -" + persist.deletes(),
        () -> {
          boolean written = cluster.zooKeeper.write(mine, persist.puts(), persist.deletes());
          fromZooKeeper(
              written ? "written " + persist.batch() : "refused",
              () -> {
                if (written) {
                  submit(new MasterEvent.Persisted(persist.batch()));
                } else {
                  exit("the registry could not be written: somebody else leads");
                }
              },
              () -> persist(persist));
        },
        () -> persist(persist));
  }

  // What comes in.

  private void submit(MasterEvent event) {
    if (loop != null) {
      loop.submit(event);
    }
  }

  void receive(Upid from, Message message) {
    submit(new MasterEvent.AgentMessage(from, message));
  }

  /// A scheduler's SUBSCRIBE arrives.
  void subscribe(SchedulerNode scheduler, String streamId, Call call) {
    streams.put(streamId, scheduler);
    if (!leading) {
      close(streamId);
      return;
    }
    var closed = guard(() -> submit(new MasterEvent.StreamClosed(streamId)));
    cluster.network.link(host, scheduler.host, lane(streamId), "stream", closed);
    submit(new MasterEvent.Subscribe(streamId, Optional.empty(), call));
  }

  /// The scheduler has closed its stream.
  void closed(String streamId) {
    if (streams.remove(streamId) != null) {
      submit(new MasterEvent.StreamClosed(streamId));
    }
  }

  void call(SchedulerNode scheduler, String streamId, Call call) {
    long id = ++requests;
    calls.put(id, new Caller(scheduler, streamId));
    if (leading) {
      submit(new MasterEvent.SchedulerCall(id, Optional.of(streamId), Optional.empty(), call));
    } else {
      reply(new Effect.Reply(id, 307, "not the leader"));
    }
  }

  /// An operator's call arrives.
  void ask(MasterEvent.OperatorRequest request) {
    if (loop != null) {
      asked.put(++requests, request);
      submit(new MasterEvent.OperatorCall(requests, request));
    }
  }

  static String lane(String streamId) {
    return "stream/" + streamId;
  }

  // What goes out.

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Reply reply -> reply(reply);
      case Effect.Answer answer -> {}
      case Effect.SendEvent(var stream, var event) -> {
        var scheduler = streams.get(stream);
        if (scheduler != null) {
          cluster.network.send(
              host,
              scheduler.host,
              lane(stream),
              event.getType() + " " + event.getSerializedSize(),
              () -> scheduler.event(this, stream, event));
        }
      }
      case Effect.CloseStream(var stream) -> close(stream);
      case Effect.Send(var from, var to, var message) -> send(from, to, message);
      case Effect.Link(var agent) ->
          cluster
              .hostOf(agent)
              .ifPresent(node ->
                  cluster.network.link(
                      host,
                      node.host,
                      "lp",
                      agent,
                      guard(() -> submit(new MasterEvent.AgentExited(agent)))));
      case Effect.Unlink(var agent) ->
          cluster.hostOf(agent).ifPresent(node -> cluster.network.abandon(host, node.host, "lp"));
      case Effect.Persist persist -> persist(persist);
      case Effect.SetTimer(var key, var delay) -> {
        if (loop != null) {
          loop.setTimer(key, delay, new MasterEvent.TimerFired(key));
        }
      }
      case Effect.CancelTimer(var key) -> {
        if (loop != null) {
          loop.cancelTimer(key);
        }
      }
      case Effect.Note(var text) -> cluster.note(host, () -> ": " + text);
      case Effect.BeginWatching begin -> {}
      case Effect.SendOperatorEvent event -> {}
      case Effect.OpenProcess open -> {}
      case Effect.Explain explain -> {}
      case Effect.CloseProcess close -> {}
      case Effect.Fail(var reason) -> throw new IllegalStateException(reason);
    }
  }

  private void send(String from, Upid to, Message message) {
    var sender = new Upid(from, ip, 5050);
    var plant = cluster.options.plant();
    if (plant == Options.Plant.KILLS_FORGOTTEN && message instanceof KillTaskMessage) {
      return;
    }
    if (message instanceof ShutdownMessage) {
      cluster.hostOf(to).ifPresent(node -> cluster.truth.shutDown(node.host));
    }
    cluster.send(this, sender, to, message);
    if (plant == Options.Plant.LAUNCH_TWICE && message instanceof RunTaskMessage) {
      later(Duration.ofMinutes(2), () -> cluster.send(this, sender, to, message));
    }
  }

  private void reply(Effect.Reply reply) {
    var request = asked.remove(reply.requestId());
    if (request != null) {
      cluster.operators.answered(this, request, reply.status(), reply.message());
    }
    var caller = calls.remove(reply.requestId());
    if (caller != null) {
      cluster.network.send(
          host,
          caller.scheduler().host,
          "reply",
          reply.status() + " " + reply.message(),
          () -> caller.scheduler().replied(caller.streamId(), reply.status(), reply.message()));
    }
  }

  private void close(String streamId) {
    var scheduler = streams.remove(streamId);
    if (scheduler != null) {
      cluster.network.send(
          host, scheduler.host, lane(streamId), "close", () -> scheduler.streamEnded(streamId));
    }
  }

  // Invariants.

  private void afterBatch() {
    if (ready && core != null && checks != null) {
      var now = core.standing();
      checks.check(now);
      now.frameworks().forEach(this::noteUnreachable);
    }
  }

  private void noteUnreachable(FrameworkView framework) {
    var tasks = framework.unreachableTasks();
    var before = unreachable.put(framework.id(), tasks.size());
    if (before == null || before != tasks.size()) {
      tasks.forEach(task -> cluster.truth.disowned(task.getTaskId().getValue()));
    }
  }

  /// Looks at everything that must be true of it, changed or not.
  void audit() {
    if (checks != null && core != null && ready) {
      checks.checkAll(core.standing());
    }
  }

  /// As it is now; empty when it cannot be asked.
  Optional<Snapshot> snapshot() {
    return ready && core != null && !paused()
        ? Optional.of(core.snapshot(instant()))
        : Optional.empty();
  }
}
