// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import com.google.protobuf.Message;
import io.meseta.loop.Core;
import io.meseta.loop.Ids;
import io.meseta.master.core.agents.Drain;
import io.meseta.master.core.agents.Health;
import io.meseta.master.core.agents.Register;
import io.meseta.master.core.agents.Removal;
import io.meseta.master.core.agents.Reregister;
import io.meseta.master.core.agents.UpdateAgent;
import io.meseta.master.core.frameworks.Subscribe;
import io.meseta.master.core.offers.Explanations;
import io.meseta.master.core.operations.OperationReports;
import io.meseta.master.core.registry.RegistryRecords;
import io.meseta.master.core.tasks.AgentReports;
import io.meseta.master.core.view.Snapshot;
import io.meseta.master.core.view.Standing;
import io.meseta.model.acls.Acls;
import io.meseta.model.resources.Quantities;
import io.meseta.model.resources.Resources;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.maintenance.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The master: hands each event to the room that knows what to do, and at the end of a batch writes
/// the registry, gives away free resources and answers readers.
///
/// Until [MasterEvent.RegistryLoaded] it refuses schedulers and operators with 503 and drops what
/// agents say; they repeat it.
public final class MasterCore implements Core<MasterEvent, Effect> {
  /// How many agents are looked at on every tick although nothing is known to have changed.
  private static final int SWEEP = 50;

  private final Master master;
  private final Meter meter;
  private final Subscribe subscribe;
  private final SchedulerCalls schedulerCalls;
  private final DriverCalls driverCalls;
  private final OperatorCalls operatorCalls;
  private final Register register;
  private final Reregister reregister;
  private final OperationReports operationReports;
  private final UpdateAgent updateAgent;
  private final Removal removal;
  private final Drain drain;
  private final Health health;
  private final AgentReports reports;
  private final Explanations explanations;
  private final List<Long> readers = new ArrayList<>();
  private @Nullable Instant electedTime;

  /// How many agents must be back before offers are made.
  private int awaited;

  private boolean suspended;

  public MasterCore(MasterConfig config, MasterInfo info, Ids ids) {
    this(config, Acls.NONE, info, ids, Meter.NONE);
  }

  /// @param acls what is asked before anything is done for a framework or an operator
  public MasterCore(MasterConfig config, Acls acls, MasterInfo info, Ids ids, Meter meter) {
    this.meter = meter;
    master = new Master(config, acls, info, ids);
    subscribe = new Subscribe(master);
    schedulerCalls = new SchedulerCalls(master);
    driverCalls = new DriverCalls(master, schedulerCalls);
    removal = new Removal(master);
    health = new Health(master, removal);
    drain = new Drain(master, removal);
    operatorCalls = new OperatorCalls(master, removal, drain);
    master.machines.onDown(removal::shutDown);
    register = new Register(master, health, removal);
    reregister = new Reregister(master, health, drain);
    operationReports = new OperationReports(master);
    updateAgent = new UpdateAgent(master, operationReports);
    reports = new AgentReports(master);
    explanations = new Explanations(master);
  }

  @Override
  public List<Effect> on(MasterEvent event, Instant now) {
    master.setNow(now);
    meter.event();
    switch (event) {
      case MasterEvent.SchedulerCall call -> {
        if (idle()) {
          notReady(call.requestId());
        } else {
          master.out.add(schedulerCalls.on(call));
        }
      }
      case MasterEvent.Subscribe call -> {
        if (idle()) {
          master.out.add(new Effect.CloseStream(call.streamId()));
        } else {
          subscribe.on(call);
        }
      }
      case MasterEvent.SubscribeDriver call -> {
        if (!ignored()) {
          driverCalls.on(call);
        }
      }
      case MasterEvent.DriverCall call -> {
        if (!ignored()) {
          driverCalls.on(call);
        }
      }
      case MasterEvent.DeactivateDriver call -> {
        if (!ignored()) {
          driverCalls.on(call);
        }
      }
      case MasterEvent.Watch(var streamId, var principal) ->
          master.watchers.open(streamId, principal);
      case MasterEvent.StreamClosed(var streamId) -> {
        master.frameworks.streamClosed(streamId);
        master.watchers.closed(streamId);
      }
      case MasterEvent.AgentMessage(var from, var message) -> {
        if (message instanceof PongSlaveMessage) {
          health.pong(from); // it is alive, whoever leads
        } else if (!ignored()) {
          agentMessage(from, message);
        }
      }
      case MasterEvent.AgentExited(var pid) -> {
        master.frameworks.exited(pid);
        removal.exited(pid);
      }
      case MasterEvent.Persisted(var batch) -> master.registry.persisted(batch);
      case MasterEvent.Suspended(var begun) -> suspended = begun;
      case MasterEvent.TimerFired(var key) -> timer(key);
      case MasterEvent.OperatorCall call -> {
        if (idle()) {
          notReady(call.requestId());
        } else {
          operatorCalls.on(call);
        }
      }
      case MasterEvent.Whitelist(var hostnames) -> master.allocator.setWhitelist(hostnames);
      case MasterEvent.Read(var requestId) -> readers.add(requestId);
      case MasterEvent.Why why -> explanations.on(why);
      case MasterEvent.RegistryLoaded(var records) -> recovered(RegistryRecords.read(records));
    }
    return master.out.drain();
  }

  /// Whether this master must not act: the registry is not read yet, or another may lead.
  private boolean idle() {
    return electedTime == null || suspended;
  }

  /// Messages have no answer: they are dropped, to be repeated.
  private boolean ignored() {
    if (idle()) {
      master.counters.add("dropped_messages");
    }
    return idle();
  }

  private void notReady(long requestId) {
    master.out.add(
        new Effect.Reply(
            requestId, 503, suspended ? "No leader elected" : "Master has not finished recovery"));
  }

  private void recovered(RegistryRecords records) {
    electedTime = master.now();
    master.registry.recover(records);
    master.agents.recover(records);
    operatorCalls.recoverWeights(records.weights());
    master.quotas.recover(records.quotas());
    master.machines.recover(
        records.schedules().isEmpty()
            ? Schedule.getDefaultInstance()
            : records.schedules().getFirst(),
        records.machines());
    holdForQuota(records);
    master.out.setTimer(new TimerKey.Allocation(), interval());
    master.out.setTimer(new TimerKey.RegistryGc(), master.config.registryGcInterval());
    master.out.note(
        "leading, with "
            + records.agents().size()
            + " agents in the registry, "
            + records.unreachable().size()
            + " unreachable and "
            + records.gone().size()
            + " gone");
  }

  /// With quota set, offers wait until most agents are back: what looks free may be promised.
  /// Original: HierarchicalAllocatorProcess::recover.
  private void holdForQuota(RegistryRecords records) {
    int expected = (int) (records.agents().size() * master.config.allocatorAgentRecoveryFactor());
    if (!records.quotas().isEmpty() && expected > 0) {
      awaited = expected;
      master.out.setTimer(
          new TimerKey.AllocatorRecovery(), master.config.allocatorRecoveryTimeout());
      master.out.note("offers wait for " + expected + " agents to be back");
    }
  }

  private boolean held() {
    if (awaited > 0 && master.agents.registered().size() >= awaited) {
      master.out.cancelTimer(new TimerKey.AllocatorRecovery());
      awaited = 0;
    }
    return awaited > 0;
  }

  private Duration interval() {
    return master.config.allocator().allocationInterval();
  }

  private void agentMessage(Upid from, Message message) {
    if (!isBy(from, reporter(message))) {
      master.counters.add("dropped_messages");
      return;
    }
    switch (message) {
      case StatusUpdateMessage update -> reports.on(update);
      case RegisterSlaveMessage call -> register.on(from, call);
      case ReregisterSlaveMessage call -> reregister.on(from, call);
      case UpdateSlaveMessage update -> updateAgent.on(update);
      case UpdateOperationStatusMessage update -> operationReports.on(update);
      case UnregisterSlaveMessage call -> {
        master.counters.add("messages_unregister_slave");
        removal.unregister(from, call.getSlaveId().getValue());
      }
      case ExitedExecutorMessage exited -> reports.on(exited);
      case ExecutorToFrameworkMessage data -> reports.on(data);
      default -> master.counters.add("dropped_messages");
    }
  }

  /// Which agent reports; empty in what settles by itself who sends it.
  private static String reporter(Message message) {
    return switch (message) {
      case StatusUpdateMessage update -> update.getUpdate().getSlaveId().getValue();
      case UpdateSlaveMessage update -> update.getSlaveId().getValue();
      case UpdateOperationStatusMessage update -> update.getSlaveId().getValue();
      case ExitedExecutorMessage exited -> exited.getSlaveId().getValue();
      case ExecutorToFrameworkMessage data -> data.getSlaveId().getValue();
      default -> "";
    };
  }

  /// Only the process that has registered as an agent speaks for it: neither one that was replaced
  /// nor a stranger who has read its id in `/state`.
  private boolean isBy(Upid from, String agentId) {
    var agent = master.agents.get(agentId);
    return agent.isEmpty() || agent.get().pid().equals(from);
  }

  private void timer(TimerKey key) {
    switch (key) {
      case TimerKey.Heartbeat(var framework) -> master.frameworks.heartbeat(framework);
      case TimerKey.FailoverTimeout(var framework) -> master.frameworks.failoverTimeout(framework);
      case TimerKey.OfferTimeout(var offer) -> master.offers.timeout(offer);
      case TimerKey.AgentPing(var agent) -> health.timer(agent);
      case TimerKey.AgentReregistration(var agent) -> removal.reregistrationTimeout(agent);
      case TimerKey.Removal() -> removal.turn();
      case TimerKey.RecoveryTimeout() -> removal.recoveryTimeout();
      case TimerKey.OperatorHeartbeat() -> master.watchers.heartbeat();
      case TimerKey.RegistryGc() -> master.agents.collectGarbage();
      case TimerKey.AllocatorRecovery() -> {
        awaited = 0;
        master.out.note("not enough agents are back; offers go out all the same");
      }
      case TimerKey.Allocation() -> {
        master.allocator.sweep(SWEEP);
        master.machines.inverseOffers().make();
        master.out.setTimer(new TimerKey.Allocation(), interval());
      }
    }
  }

  @Override
  public List<Effect> endOfBatch(Instant now) {
    master.setNow(now);
    if (!idle() && !held() && master.allocator.pending(now)) {
      master.offers.make(meter.allocation(() -> master.allocator.allocate(now)));
    } else {
      meter.nothingToAllocate();
    }
    drain.check();
    master.registry.flush();
    if (master.watchers.anyJoining() || !readers.isEmpty()) {
      show(snapshot(now));
    }
    return master.out.drain();
  }

  /// One state for all who want it at the end of a batch.
  private void show(Snapshot snapshot) {
    master.watchers.endOfBatch(snapshot);
    if (!readers.isEmpty()) {
      master.out.add(new Effect.Answer(List.copyOf(readers), snapshot));
      readers.clear();
    }
  }

  /// What the allocator holds free of a registered agent, for checks of invariants.
  public Resources freeOf(String agentId) {
    return master.allocator.free(agentId);
  }

  /// What tasks hold of a registered agent that has not confirmed them, for checks of invariants:
  /// it may be more than the agent has.
  public Resources unconfirmedOf(String agentId) {
    return Resources.sum(
        master.agents.get(agentId).stream()
            .flatMap(agent -> agent.tasks().stream())
            .filter(task -> task.active() && !task.confirmed())
            .map(task -> task.resources().unallocate())
            .toList());
  }

  /// What the allocator counts against the quota of a top-level role.
  public Quantities consumed(String role) {
    return master.allocator.consumed(role);
  }

  /// What the allocator's sums have wrong; see [io.meseta.allocator.Allocator#audit].
  public List<String> audit() {
    return master.allocator.audit();
  }

  /// What invariants are about, as it is now.
  public Standing standing() {
    return new Standing(
        master.agents.views(),
        master.agents.recovered(),
        master.agents.unreachable(),
        master.frameworks.views(),
        master.quotas.views());
  }

  /// As readers get it, but at once.
  public Snapshot snapshot(Instant now) {
    return new Snapshot(
        now,
        electedTime == null ? Instant.EPOCH : electedTime,
        master.agents.views(),
        List.copyOf(master.agents.recovered()),
        new LinkedHashMap<>(master.agents.unreachable()),
        master.frameworks.views(),
        master.frameworks.completed(),
        operatorCalls.weights(),
        master.operations.views(),
        master.quotas.views(),
        master.machines.schedule(),
        master.machines.status(),
        master.counters.copy(),
        master.allocator.refusalsByRole(),
        master.watchers.count(),
        master.registry.queued(),
        role -> true);
  }
}
