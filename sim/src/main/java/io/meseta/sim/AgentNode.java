// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.meseta.agent.core.Agent;
import io.meseta.agent.core.AgentConfig;
import io.meseta.agent.core.AgentCore;
import io.meseta.agent.core.AgentEvent;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.container.ContainerEvent;
import io.meseta.agent.core.recovery.Layout;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.loop.Ids;
import io.meseta.model.Invalid;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An agent with simulated edges: a disk and containers that outlive it, detection of the master,
/// libprocess.
public final class AgentNode extends Node {
  private final AgentConfig config;

  /// How many tasks fit.
  final int places;

  final String ip;

  /// What it has, whatever becomes of it.
  final Quantities scalars;

  private final AgentDisk disk = new AgentDisk(this);
  final Containers containers = new Containers(this);
  private @Nullable AgentCore core;
  private @Nullable CoreLoop<AgentEvent, Effect> loop;
  private @Nullable AgentSnapshot snapshot;

  /// Operations that this life was asked for and has not answered.
  private final Map<ByteString, Operation.Type> ordered = new HashMap<>();

  AgentNode(Cluster cluster, String host, String ip, Timing timing) {
    super(cluster, host);
    this.places = timing.places();
    this.ip = ip;
    try {
      this.config =
          new AgentConfig(
              new Upid("slave(1)", ip, 5051),
              AgentInfo.newBuilder()
                  .setHostname(host)
                  .setPort(5051)
                  .setCheckpoint(true)
                  .addAllResources(
                      ResourceWire.encode(
                          ResourceText.parse(
                              "cpus:"
                                  + SchedulerNode.CPU_THOUSANDTHS * timing.places() / 1000.0
                                  + ";mem:4096;disk:10000;ports:[31000-32000]",
                              "*"),
                          ResourceWire.Format.POST))
                  .build(),
              "1.12.0",
              "/work",
              ip,
              new TreeMap<>(),
              false,
              false,
              timing.registrationBackoff(),
              Duration.ofMinutes(1),
              Duration.ofSeconds(5),
              Duration.ofSeconds(2),
              Duration.ofMinutes(15),
              Duration.ofHours(1),
              0.1,
              Duration.ofMinutes(1),
              10);
      this.scalars = ResourceWire.decode(config.info().getResourcesList()).quantities();
    } catch (Invalid e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  void started() {
    core = new AgentCore(config, Ids.seeded(cluster.chance.seed()));
    loop = new CoreLoop<>(this, core, this::carryOut, () -> {});
    var layout = new Layout(config.workDir());
    if (cluster.options.plant() == Options.Plant.RESERVATIONS_FORGOTTEN) {
      disk.removeTree(layout.resourceState());
    }
    var state = new CheckpointReader(layout, disk).read();
    loop.submit(new AgentEvent.Recovered(state));
    var known = new LinkedHashSet<String>();
    for (var framework : state.frameworks()) {
      for (var run : framework.runs()) {
        if (run.tasks().isEmpty()) {
          known.add(run.containerId()); // cut short by a crash
        }
        run.tasks().forEach(task -> known.add(task.containerId()));
      }
    }
    containers.recover(known);
    watch();
  }

  private void watch() {
    Runnable again = guard(() -> later(Duration.ofSeconds(1), this::watch));
    cluster.network.send(
        host,
        ZooKeeper.HOST,
        "zk",
        "watch",
        () -> cluster.zooKeeper.watch(this, this::detected),
        again);
  }

  private void detected(Optional<MasterInfo> leader) {
    submit(new AgentEvent.MasterDetected(leader));
  }

  @Override
  void stopped() {
    core = null;
    loop = null;
    snapshot = null;
    ordered.clear();
    disk.crashed();
    containers.agentCrashed();
    cluster.truth.agentCrashed(host);
  }

  @Override
  void resumed() {
    if (loop != null) {
      loop.wake();
    }
  }

  private void submit(AgentEvent event) {
    if (loop != null) {
      loop.submit(event);
    }
  }

  /// The next batch of several writes is cut short by a crash.
  public void tearNextWrite(Duration away) {
    disk.tearNext(away);
  }

  void calm() {
    disk.tearNext(null);
  }

  void tell(ContainerEvent event) {
    submit(new AgentEvent.FromContainer(event));
  }

  void receive(Upid from, Message message) {
    if (cluster.options.plant() == Options.Plant.OPERATION_NOT_DONE
        && message instanceof ApplyOperationMessage order
        && order.getOperationInfo().getType() == Operation.Type.UNRESERVE) {
      cluster.send(this, config.self(), from, claim(order));
      return;
    }
    if (message instanceof ShutdownMessage) {
      cluster.truth.shutDown(host); // launches may have been under way when it was sent
    }
    if (message instanceof SlaveReregisteredMessage) {
      cluster.count(Happening.REREGISTERED);
    }
    if (message instanceof ApplyOperationMessage order) {
      ordered.put(order.getOperationUuid().getValue(), order.getOperationInfo().getType());
    }
    submit(new AgentEvent.FromPeer(from, message));
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Send(var to, var message) -> send(to, message);
      case Effect.Link(var peer) ->
          cluster
              .hostOf(peer)
              .ifPresent(node ->
                  cluster.network.link(
                      host,
                      node.host,
                      "lp",
                      peer,
                      guard(() -> submit(new AgentEvent.Exited(peer)))));
      case Effect.Unlink(var peer) ->
          cluster
              .hostOf(peer)
              .ifPresent(node -> cluster.network.unlink(host, node.host, "lp", peer));
      case Effect.Persist(long token, var writes) ->
          disk.submit(token, writes, done -> submit(new AgentEvent.Persisted(done)));
      case Effect.Launch(var spec, _) -> containers.launch(spec);
      case Effect.SignalContainer(var id, var signal) -> containers.signal(id, signal);
      case Effect.ForgetContainer(var id) -> containers.forget(id);
      case Effect.SetTimer(var key, var delay) -> {
        if (loop != null) {
          loop.setTimer(key, delay, new AgentEvent.TimerFired(key));
        }
      }
      case Effect.CancelTimer(var key) -> {
        if (loop != null) {
          loop.cancelTimer(key);
        }
      }
      case Effect.RunProbe probe -> {}
      case Effect.AnswerExecutor answer -> {}
      case Effect.SendExecutor event -> {}
      case Effect.CloseExecutor close -> {}
      case Effect.MeasureDisk() ->
          later(Duration.ofMillis(5), () -> submit(new AgentEvent.DiskMeasured(0.5)));
      case Effect.RemovePath(var path) ->
          later(
              Duration.ofMillis(20),
              () -> {
                disk.removeTree(path);
                submit(new AgentEvent.PathRemoved(path, true));
              });
      case Effect.Answer(_, var answer) -> snapshot = answer;
      case Effect.Note(var text) -> cluster.note(host, () -> ": " + text);
      case Effect.Exit(int code, var why) -> {
        Broken.unless(code == 0, host + " ends itself: " + why);
        exit(why);
      }
    }
  }

  private void send(Upid to, Message given) {
    var message = planted(given);
    if (message.isEmpty()) {
      return;
    }
    if (message.get() instanceof UpdateOperationStatusMessage update) {
      operated(update);
    }
    if (message.get() instanceof StatusUpdateMessage update) {
      cluster.truth.reported(host, update.getUpdate());
    }
    cluster.send(this, config.self(), to, message.get());
    if (cluster.options.plant() == Options.Plant.ACKNOWLEDGED_BY_NOBODY
        && message.get() instanceof StatusUpdateMessage update) {
      var ack =
          StatusUpdateAcknowledgementMessage.newBuilder()
              .setSlaveId(update.getUpdate().getSlaveId())
              .setFrameworkId(update.getUpdate().getFrameworkId())
              .setTaskId(update.getUpdate().getStatus().getTaskId())
              .setUuid(update.getUpdate().getUuid())
              .build();
      later(Duration.ofMillis(1), () -> receive(to, ack));
    }
  }

  /// Counts the first answer to an order.
  private void operated(UpdateOperationStatusMessage update) {
    var type = ordered.remove(update.getOperationUuid().getValue());
    if (type != null) {
      cluster.count(
          update.getStatus().getState() == OperationState.OPERATION_FINISHED
              ? Happening.valueOf(type.name())
              : Happening.OPERATION_FAILED);
    }
  }

  private Optional<Message> planted(Message message) {
    return switch (cluster.options.plant()) {
      case TASK_LEFT_OUT -> {
        if (message instanceof ReregisterSlaveMessage again) {
          var fewer = again.toBuilder();
          // Says nothing of the newest task, which goes on running.
          yield Optional.of(
              fewer.getTasksCount() > 0
                  ? fewer.removeTasks(fewer.getTasksCount() - 1).build()
                  : again);
        }
        yield Optional.of(message);
      }
      case DEAD_EXECUTOR ->
          Optional.of(
              message instanceof ReregisterSlaveMessage again && again.getFrameworksCount() > 0
                  ? again.toBuilder().addExecutorInfos(executorOf(again.getFrameworks(0))).build()
                  : message);
      case LOST_TERMINAL_UPDATE ->
          message instanceof StatusUpdateMessage update && Truth.isTerminal(update.getUpdate())
              ? Optional.empty()
              : Optional.of(message);
      case OPERATION_ANSWER_LOST ->
          message instanceof UpdateOperationStatusMessage ? Optional.empty() : Optional.of(message);
      default -> Optional.of(message);
    };
  }

  private UpdateOperationStatusMessage claim(ApplyOperationMessage order) {
    var uuid = order.getOperationUuid();
    var status =
        OperationStatus.newBuilder().setState(OperationState.OPERATION_FINISHED).setUuid(uuid);
    if (order.getOperationInfo().hasId()) {
      status.setOperationId(order.getOperationInfo().getId());
    }
    var update = UpdateOperationStatusMessage.newBuilder().setStatus(status).setOperationUuid(uuid);
    read()
        .ifPresent(state -> {
          status.setAgentId(state.info().getId());
          update.setStatus(status).setSlaveId(state.info().getId());
        });
    if (order.hasFrameworkId()) {
      update.setFrameworkId(order.getFrameworkId());
    }
    return update.build();
  }

  private static ExecutorInfo executorOf(FrameworkInfo framework) {
    return ExecutorInfo.newBuilder()
        .setExecutorId(ExecutorID.newBuilder().setValue("dead"))
        .setFrameworkId(framework.getId())
        .addResources(
            Resource.newBuilder()
                .setName("cpus")
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(0.1))
                .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("*")))
        .build();
  }

  /// The state now; empty when the agent is down.
  Optional<AgentSnapshot> read() {
    if (core == null || paused()) {
      return Optional.empty();
    }
    core.on(new AgentEvent.Query(0), instant()).forEach(this::carryOut);
    return Optional.ofNullable(snapshot);
  }

  boolean registered() {
    return read().map(s -> s.phase() == Agent.Phase.RUNNING).orElse(false);
  }

  /// Tasks that are over but whose end nobody has acknowledged.
  List<String> owed() {
    var result = new ArrayList<String>();
    read()
        .ifPresent(state ->
            state
                .executors()
                .forEach(e -> e.terminated().forEach(t -> result.add(t.getTaskId().getValue()))));
    return result;
  }
}
