// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import io.meseta.agent.core.recovery.Layout;
import io.meseta.loop.Ids;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.MasterInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What all rooms of the core share: who this agent is and what it belongs to.
public final class Agent {
  /// Where the agent stands with its master.
  public enum Phase {
    /// Containers of the last agent have not all answered yet.
    RECOVERING,
    /// Without a master that knows it.
    DISCONNECTED,
    /// Registered.
    RUNNING,
    /// Killing everything, then ending.
    TERMINATING
  }

  public final AgentConfig config;
  public final Out out;
  public final Ids ids;
  public final Layout layout;
  private final Map<String, Long> counters = new TreeMap<>();

  /// The time of the event that is being handled.
  public Instant now = Instant.EPOCH;

  public Instant started = Instant.EPOCH;
  public Phase phase = Phase.RECOVERING;

  /// With an id as soon as a master has given one.
  public AgentInfo info;

  /// Resources of the flags with all operations applied.
  public Resources total;

  public @Nullable MasterInfo master;
  public @Nullable Upid masterPid;
  public @Nullable DrainConfig drain;
  public @Nullable Instant drainStarted;

  Agent(AgentConfig config, Ids ids, Out out) {
    this.config = config;
    this.ids = ids;
    this.out = out;
    this.layout = new Layout(config.workDir());
    this.info = config.info();
    this.total = ResourceWire.decodeTrusted(config.info().getResourcesList());
  }

  /// The id that the master gave; "" before.
  public String id() {
    return info.getId().getValue();
  }

  /// Seconds since the epoch, as in all messages.
  public double timestamp() {
    return seconds(now);
  }

  /// See [#timestamp].
  public static double seconds(Instant time) {
    return time.getEpochSecond() + time.getNano() / 1e9;
  }

  /// Counts something that `/metrics/snapshot` shows under `slave/`.
  public void count(String name) {
    counters.merge(name, 1L, Long::sum);
  }

  public void count(String name, long more) {
    counters.merge(name, more, Long::sum);
  }

  /// A copy of all counts.
  public Map<String, Long> counts() {
    return new TreeMap<>(counters);
  }

  /// What this kind of agent can do, in the original's order.
  public static List<AgentInfo.Capability.Type> capabilities() {
    return List.of(
        AgentInfo.Capability.Type.MULTI_ROLE,
        AgentInfo.Capability.Type.HIERARCHICAL_ROLE,
        AgentInfo.Capability.Type.RESERVATION_REFINEMENT,
        AgentInfo.Capability.Type.RESOURCE_PROVIDER,
        AgentInfo.Capability.Type.RESIZE_VOLUME,
        AgentInfo.Capability.Type.AGENT_OPERATION_FEEDBACK,
        AgentInfo.Capability.Type.AGENT_DRAINING,
        AgentInfo.Capability.Type.TASK_RESOURCE_LIMITS);
  }
}
