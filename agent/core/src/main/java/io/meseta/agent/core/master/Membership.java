// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.master;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.Agent.Phase;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.TimerKey;
import io.meseta.agent.core.executors.Executors;
import io.meseta.agent.core.executors.Updates;
import io.meseta.agent.core.frameworks.Frameworks;
import io.meseta.agent.core.operations.Operations;
import io.meseta.agent.core.recovery.Write;
import io.meseta.agent.core.status.StatusUpdates;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.MasterSlaveConnection;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.TaskStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Which master this agent belongs to, and how it comes to belong to it.
///
/// ```
/// DISCONNECTED --random(0..b), b doubling to 1 min: (Re)registerSlave--> RUNNING
///      ^                                                                    |
///      '-- other master, broken connection, "not connected", no ping -------'
/// ```
public final class Membership {
  private static final Duration RETRY_MAX = Duration.ofMinutes(1);
  private static final Duration DEFAULT_PING_TIMEOUT = Duration.ofSeconds(75);

  private final Agent agent;
  private final Frameworks frameworks;
  private final Executors executors;
  private final Updates updates;
  private final StatusUpdates status;
  private final Operations operations;
  private final Registration registration;
  private Duration backoff;
  private Duration pingTimeout = DEFAULT_PING_TIMEOUT;

  /// Whether the master has admitted this agent, whose new id is being written.
  private boolean writing;

  /// Whether it has lost the agent again meanwhile.
  private boolean lost;

  public Membership(
      Agent agent,
      Frameworks frameworks,
      Executors executors,
      Updates updates,
      StatusUpdates status,
      Operations operations) {
    this.agent = agent;
    this.frameworks = frameworks;
    this.executors = executors;
    this.updates = updates;
    this.status = status;
    this.operations = operations;
    this.registration = new Registration(agent, frameworks, operations);
    this.backoff = agent.config.registrationBackoffFactor();
  }

  /// The detector's news.
  public void detected(Optional<MasterInfo> master) {
    if (agent.masterPid != null) {
      agent.out.add(new Effect.Unlink(agent.masterPid));
    }
    agent.master = master.orElse(null);
    agent.masterPid = master.flatMap(Membership::pid).orElse(null);
    agent.out.note(
        agent.masterPid == null ? "no master leads" : "new master detected at " + agent.masterPid);
    disconnect();
  }

  private static Optional<Upid> pid(MasterInfo master) {
    return Upid.parse(master.getPid());
  }

  /// Registration begins (again), if there is somebody to register with.
  private void disconnect() {
    agent.out.cancelTimer(new TimerKey.PingTimeout());
    writing = false;
    if (agent.phase == Phase.RUNNING) {
      agent.phase = Phase.DISCONNECTED;
    }
    backoff = agent.config.registrationBackoffFactor();
    begin();
  }

  /// Plans the first attempt, a little later than now so that not all agents come at once.
  public void begin() {
    if (agent.phase == Phase.DISCONNECTED && agent.masterPid != null) {
      agent.out.setTimer(new TimerKey.Register(), random(backoff));
    } else {
      agent.out.cancelTimer(new TimerKey.Register());
    }
  }

  private Duration random(Duration most) {
    return Duration.ofNanos((long) (agent.ids.random().nextDouble() * Math.max(1, most.toNanos())));
  }

  /// One attempt.
  public void attempt() {
    if (agent.phase != Phase.DISCONNECTED || agent.masterPid == null) {
      return;
    }
    if (writing) { // admitted: to ask again would make the master miss the tasks that wait
      agent.out.setTimer(new TimerKey.Register(), random(backoff).plusMillis(100));
      return;
    }
    agent.out.add(new Effect.Link(agent.masterPid));
    agent.out.send(
        agent.masterPid, agent.info.hasId() ? registration.again() : registration.first());
    backoff =
        backoff.multipliedBy(2).compareTo(RETRY_MAX) < 0 ? backoff.multipliedBy(2) : RETRY_MAX;
    // Not at once after a slow master: at least a tenth of the span.
    agent.out.setTimer(
        new TimerKey.Register(),
        random(backoff).plus(Duration.ofMillis(Math.min(1000, backoff.toMillis() / 10))));
  }

  /// The master's side of the connection is gone: it may have been restarted in the same place.
  public void exited(Upid peer) {
    if (peer.equals(agent.masterPid)) {
      agent.out.note("the connection to the master is broken");
      if (agent.phase == Phase.RUNNING || writing) {
        disconnect(); // else the next attempt is planned already
      }
    }
  }

  /// Whether the master may send orders already that must wait until the new id is written.
  public boolean writing() {
    return writing;
  }

  public void registered(Upid from, SlaveRegisteredMessage message) {
    if (!from.equals(agent.masterPid)) {
      return;
    }
    var id = message.getSlaveId().getValue();
    switch (agent.phase) {
      case DISCONNECTED -> {
        if (agent.info.hasId() && !agent.id().equals(id)) {
          fatal("registered but got the wrong id " + id + " (expected: " + agent.id() + ")");
          return;
        }
        agent.info = agent.info.toBuilder().setId(message.getSlaveId()).build();
        agent.out.note("registered as " + id);
        writing = true;
        lost = false;
        agent.out.persist(
            List.of(
                new Write.Put(agent.layout.agentInfo(id), agent.info.toByteString(), true),
                new Write.Folder(agent.layout.metaAgent(id) + "/frameworks"),
                new Write.Folder(agent.layout.metaAgent(id) + "/operations"),
                new Write.Folder(agent.layout.agent(id) + "/frameworks"),
                new Write.Link(agent.layout.latestAgent(), agent.layout.metaAgent(id))),
            () -> {
              if (writing) { // else the master changed meanwhile
                writing = false;
                if (!lost) { // else the next attempt is planned
                  running(message.getConnection());
                }
              }
            });
      }
      case RUNNING -> {
        if (!agent.id().equals(id)) {
          fatal("registered but got the wrong id " + id + " (expected: " + agent.id() + ")");
        }
      }
      case RECOVERING, TERMINATING -> {}
    }
  }

  public void reregistered(Upid from, SlaveReregisteredMessage message) {
    if (!from.equals(agent.masterPid)) {
      return;
    }
    if (!agent.id().equals(message.getSlaveId().getValue())) {
      fatal(
          "re-registered but got the wrong id "
              + message.getSlaveId().getValue()
              + " (expected: "
              + agent.id()
              + ")");
      return;
    }
    if (agent.phase != Phase.DISCONNECTED && agent.phase != Phase.RUNNING) {
      return;
    }
    if (agent.phase == Phase.DISCONNECTED) {
      agent.out.note("re-registered as " + agent.id());
      // The description may have changed with the flags.
      agent.out.persist(
          new Write.Put(agent.layout.agentInfo(agent.id()), agent.info.toByteString(), true));
      running(message.getConnection());
    }
    for (var reconciliation : message.getReconciliationsList()) {
      var framework = frameworks.find(reconciliation.getFrameworkId().getValue());
      boolean partitionAware =
          reconciliation.hasFramework()
              && reconciliation.getFramework().getCapabilitiesList().stream()
                  .anyMatch(c -> c.getType() == FrameworkInfo.Capability.Type.PARTITION_AWARE);
      for (var asked : reconciliation.getStatusesList()) {
        var taskId = asked.getTaskId();
        boolean known =
            framework.isPresent()
                && executors.byTask(framework.get().id(), taskId.getValue()).isPresent();
        if (!known) {
          updates.reportUnknown(
              reconciliation.getFrameworkId(),
              partitionAware,
              taskId,
              TaskStatus.Reason.REASON_RECONCILIATION,
              "Reconciliation: task unknown to the agent");
        }
      }
    }
  }

  private void running(MasterSlaveConnection connection) {
    if (agent.phase != Phase.DISCONNECTED || agent.masterPid == null) {
      return; // the master changed while the id was written
    }
    agent.phase = Phase.RUNNING;
    backoff = agent.config.registrationBackoffFactor();
    pingTimeout =
        connection.hasTotalPingTimeoutSeconds()
            ? Duration.ofMillis(Math.round(connection.getTotalPingTimeoutSeconds() * 1000))
            : DEFAULT_PING_TIMEOUT;
    agent.out.cancelTimer(new TimerKey.Register());
    agent.out.setTimer(new TimerKey.PingTimeout(), pingTimeout);
    agent.out.send(agent.masterPid, operations.describe());
    status.resume();
    operations.resume();
  }

  /// Answered in every phase, to whoever asks.
  public void ping(Upid from, PingSlaveMessage message) {
    agent.out.send(from, PongSlaveMessage.getDefaultInstance());
    if (agent.phase != Phase.RUNNING) {
      lost = writing && !message.getConnected();
      return;
    }
    if (!message.getConnected()) {
      agent.out.note("the master holds this agent for disconnected");
      disconnect();
    } else {
      agent.out.setTimer(new TimerKey.PingTimeout(), pingTimeout);
    }
  }

  public void pingTimeout() {
    if (agent.phase == Phase.RUNNING) {
      agent.out.note("no ping from the master for " + pingTimeout.toSeconds() + " s");
      disconnect();
    }
  }

  private void fatal(String why) {
    agent.out.add(new Effect.Exit(1, why));
  }
}
