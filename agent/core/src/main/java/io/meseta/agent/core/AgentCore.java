// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import com.google.protobuf.Message;
import io.meseta.agent.core.Agent.Phase;
import io.meseta.agent.core.checks.Checks;
import io.meseta.agent.core.executors.ContainerNews;
import io.meseta.agent.core.executors.CustomExecutors;
import io.meseta.agent.core.executors.Executors;
import io.meseta.agent.core.executors.Kills;
import io.meseta.agent.core.executors.Launches;
import io.meseta.agent.core.executors.Recovery;
import io.meseta.agent.core.executors.Updates;
import io.meseta.agent.core.executors.Views;
import io.meseta.agent.core.frameworks.Frameworks;
import io.meseta.agent.core.gc.Sandboxes;
import io.meseta.agent.core.master.Membership;
import io.meseta.agent.core.operations.Operations;
import io.meseta.agent.core.operations.Volumes;
import io.meseta.agent.core.recovery.RecoveredState;
import io.meseta.agent.core.recovery.Write;
import io.meseta.agent.core.status.StatusUpdates;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.loop.Core;
import io.meseta.loop.Ids;
import io.meseta.model.Invalid;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.AcknowledgeOperationStatusMessage;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.CheckpointResourcesMessage;
import io.meseta.wire.internal.DrainSlaveMessage;
import io.meseta.wire.internal.FrameworkToExecutorMessage;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.ReconcileOperationsMessage;
import io.meseta.wire.internal.RunTaskGroupMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.ShutdownExecutorMessage;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.ShutdownMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The agent: which event goes to which room.
public final class AgentCore implements Core<AgentEvent, Effect> {
  /// How long recovered containers may take to answer before the agent goes on without them.
  private static final Duration RECOVERY_LIMIT = Duration.ofSeconds(15);

  /// How many orders may wait while the first id is written.
  private static final int MAX_EARLY = 10_000;

  private final Agent agent;
  private final Out out = new Out();
  private final Sandboxes sandboxes;
  private final Frameworks frameworks;
  private final Executors executors;
  private final StatusUpdates status;
  private final Checks checks;
  private final Operations operations;
  private final Launches launches;
  private final CustomExecutors customs;
  private final Kills kills;
  private final ContainerNews news;
  private final Recovery recovery;
  private final Membership membership;
  private final Set<String> recovering = new LinkedHashSet<>();
  private final List<Message> early = new ArrayList<>();

  public AgentCore(AgentConfig config, Ids ids) {
    agent = new Agent(config, ids, out);
    sandboxes = new Sandboxes(agent);
    frameworks = new Frameworks(agent, sandboxes);
    executors = new Executors(agent, frameworks, sandboxes);
    status = new StatusUpdates(agent, executors::complete);
    checks = new Checks(out);
    var volumes = new Volumes(agent);
    operations = new Operations(agent, volumes);
    var updates = new Updates(agent, status);
    customs = new CustomExecutors(agent, frameworks, executors, updates, volumes, this::answered);
    launches = new Launches(agent, frameworks, executors, customs, updates, sandboxes, volumes);
    kills = new Kills(agent, frameworks, executors, customs, updates, status, checks);
    news = new ContainerNews(agent, executors, customs, updates, kills, checks);
    recovery = new Recovery(agent, frameworks, executors, updates, status);
    membership = new Membership(agent, frameworks, executors, updates, status, operations);
  }

  @Override
  public List<Effect> on(AgentEvent event, Instant now) {
    agent.now = now;
    switch (event) {
      case AgentEvent.Recovered(var state) -> recovered(state);
      case AgentEvent.MasterDetected(var master) -> membership.detected(master);
      case AgentEvent.Exited(var peer) -> membership.exited(peer);
      case AgentEvent.FromPeer(var from, var message) -> onMessage(from, message);
      case AgentEvent.FromContainer(var container) -> {
        news.on(container);
        if (executors.custom(container.id()).isEmpty()) {
          answered(container.id()); // a custom executor has to subscribe before it counts
        }
        endIfDone();
      }
      case AgentEvent.FromExecutor(long token, var call) -> customs.on(token, call);
      case AgentEvent.ExecutorGone(long stream) -> customs.gone(stream);
      case AgentEvent.Persisted(long token) -> out.persisted(token);
      case AgentEvent.TimerFired(var key) -> onTimer(key);
      case AgentEvent.Probed(var id, var kind, var result) -> news.probed(id, kind, result);
      case AgentEvent.DiskMeasured(double used) -> sandboxes.diskMeasured(used);
      case AgentEvent.PathRemoved(_, boolean removed) -> sandboxes.removed(removed);
      case AgentEvent.Stop(var why) -> stop(why, true);
      case AgentEvent.Query(long token) -> out.add(new Effect.Answer(token, snapshot()));
    }
    takeEarly();
    drained();
    return out.take();
  }

  private void onMessage(Upid from, Message message) {
    switch (message) {
      case PingSlaveMessage ping -> membership.ping(from, ping);
      case SlaveRegisteredMessage registered -> membership.registered(from, registered);
      case SlaveReregisteredMessage registered -> membership.reregistered(from, registered);
      case FrameworkToExecutorMessage forExecutor -> customs.message(forExecutor);
      default -> {
        if (from.equals(agent.masterPid)) {
          if (!membership.writing()) {
            onOrder(message);
          } else if (early.size() < MAX_EARLY) {
            early.add(message);
          }
        }
      }
    }
  }

  /// What the master sent while this agent's first id was being written. Dropped tasks would never
  /// be missed: nothing is reconciled at a first registration.
  private void takeEarly() {
    if (!early.isEmpty() && !membership.writing()) {
      var orders = List.copyOf(early);
      early.clear();
      if (agent.phase == Phase.RUNNING) {
        orders.forEach(this::onOrder);
      }
    }
  }

  /// From the master this agent belongs to.
  private void onOrder(Message message) {
    switch (message) {
      case RunTaskMessage run -> launches.run(run);
      case RunTaskGroupMessage run -> launches.run(run);
      case KillTaskMessage kill -> kills.kill(kill);
      case ShutdownExecutorMessage shutdown -> kills.shutdown(shutdown);
      case ShutdownFrameworkMessage shutdown ->
          frameworks.find(shutdown.getFrameworkId().getValue()).ifPresent(kills::shutdownFramework);
      case UpdateFrameworkMessage update -> {
        frameworks.update(update);
        if (agent.phase == Phase.RUNNING) {
          status.resume(update.getFrameworkId().getValue());
        }
      }
      case StatusUpdateAcknowledgementMessage ack -> {
        if (agent.phase == Phase.RUNNING) {
          status
              .acknowledge(
                  ack.getFrameworkId().getValue(), ack.getTaskId().getValue(), ack.getUuid())
              .ifPresent(executors::acknowledged);
        }
      }
      case ApplyOperationMessage apply -> operations.apply(apply);
      case CheckpointResourcesMessage all -> operations.checkpoint(all);
      case AcknowledgeOperationStatusMessage ack -> operations.acknowledged(ack);
      case ReconcileOperationsMessage reconcile -> operations.reconcile(reconcile);
      case DrainSlaveMessage drain -> drain(drain);
      case ShutdownMessage shutdown -> stop("the master says: " + shutdown.getMessage(), false);
      default -> agent.count("slave/invalid_framework_messages");
    }
  }

  private void onTimer(TimerKey key) {
    switch (key) {
      case TimerKey.Register() -> membership.attempt();
      case TimerKey.PingTimeout() -> membership.pingTimeout();
      case TimerKey.RecoveryDone() -> {
        recovering.clear();
        recoveryDone();
      }
      case TimerKey.RetryUpdate(var frameworkId, var taskId) -> status.retry(frameworkId, taskId);
      case TimerKey.RetryOperation(var uuid) -> operations.retry(uuid);
      case TimerKey.KillEscalation(var id) -> kills.escalate(id);
      case TimerKey.ExecutorTimeout(var id) -> customs.timeout(id);
      case TimerKey.ExecutorHeartbeat(var id) -> customs.heartbeat(id);
      case TimerKey.Deadline(var id) -> kills.deadline(id);
      case TimerKey.NextProbe(var id, var kind) -> checks.due(id, kind);
      case TimerKey.DiskWatch() -> sandboxes.diskWatchDue();
      case TimerKey.Collect() -> sandboxes.collect();
    }
  }

  private void recovered(RecoveredState state) {
    agent.started = agent.now;
    agent.count("slave/recovery_errors", state.errors());
    state.info().ifPresent(info -> agent.info = agent.info.toBuilder().setId(info.getId()).build());
    state.drain().ifPresent(drain -> agent.drain = drain);
    try {
      operations.recover(state.resources());
    } catch (Invalid invalid) {
      out.add(new Effect.Exit(1, invalid.reason()));
      return;
    }
    state.oldAgents().forEach(sandboxes::schedule);
    recovering.addAll(recovery.recover(state));
    sandboxes.start();
    if (recovering.isEmpty()) {
      recoveryDone();
    } else {
      out.setTimer(new TimerKey.RecoveryDone(), RECOVERY_LIMIT);
    }
  }

  private void answered(String containerId) {
    if (recovering.remove(containerId) && recovering.isEmpty()) {
      recoveryDone();
    }
  }

  private void recoveryDone() {
    if (agent.phase != Phase.RECOVERING) {
      return;
    }
    out.cancelTimer(new TimerKey.RecoveryDone());
    out.note("recovery is done");
    if (agent.config.cleanup()) {
      agent.phase = Phase.TERMINATING;
      kills.shutdownAll();
      endIfDone();
    } else {
      agent.phase = Phase.DISCONNECTED;
      membership.begin();
    }
  }

  /// Tasks end, no new ones come; survives restarts.
  private void drain(DrainSlaveMessage message) {
    agent.drain = message.getConfig();
    agent.drainStarted = agent.now;
    out.persist(
        new Write.Put(
            agent.layout.drainConfig(agent.id()), message.getConfig().toByteString(), true));
    kills.killAll();
  }

  /// Nothing is left: the drain is over. The master keeps the agent from getting more.
  private void drained() {
    if (agent.drain != null
        && agent.phase == Phase.RUNNING
        && frameworks.all().isEmpty()
        && operations.pending().isEmpty()) {
      out.note("drained");
      agent.drain = null;
      agent.drainStarted = null;
      out.persist(new Write.Remove(agent.layout.drainConfig(agent.id())));
    }
  }

  /// Kills everything; the agent ends with its last container and is a new one when started again.
  private void stop(String why, boolean unregister) {
    if (agent.phase == Phase.TERMINATING) {
      return;
    }
    out.note("stopping: " + why);
    if (unregister && agent.masterPid != null && agent.info.hasId()) {
      out.send(
          agent.masterPid,
          UnregisterSlaveMessage.newBuilder().setSlaveId(agent.info.getId()).build());
    }
    agent.phase = Phase.TERMINATING;
    if (!agent.config.cleanup()) {
      out.persist(new Write.Remove(agent.layout.latestAgent()));
    }
    for (var framework : frameworks.copy()) {
      kills.shutdownFramework(framework);
    }
    endIfDone();
  }

  private void endIfDone() {
    if (agent.phase == Phase.TERMINATING && !executors.anyLive()) {
      out.add(new Effect.Exit(0, "all containers are over"));
    }
  }

  private AgentSnapshot snapshot() {
    var live = frameworks.all().stream().map(Views::of).toList();
    var completed = new ArrayList<AgentSnapshot.Framework>();
    frameworks.completed().forEach(framework -> completed.add(Views.of(framework)));
    return new AgentSnapshot(
        agent.phase,
        agent.info,
        agent.config.self(),
        agent.started,
        Optional.ofNullable(agent.master),
        Optional.ofNullable(agent.drain),
        Optional.ofNullable(agent.drainStarted),
        agent.total,
        Views.allocated(live),
        live,
        completed,
        operations.pending(),
        agent.counts(),
        sandboxes.pending(),
        sandboxes.maxAge());
  }
}
