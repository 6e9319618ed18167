// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.operations;

import com.google.protobuf.ByteString;
import io.meseta.master.core.Master;
import io.meseta.master.core.agents.Agent;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.wire.Uuids;
import io.meseta.wire.internal.AcknowledgeOperationStatusMessage;
import io.meseta.wire.internal.CheckpointResourcesMessage;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Operation;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.UUID;
import io.meseta.wire.v1.scheduler.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Owns the operations that are not acknowledged.
public final class Operations {
  /// Of one agent: a framework that never acknowledges must not fill the memory.
  private static final int MAX_PER_AGENT = 10_000;

  private record Name(String frameworkId, String operationId) {}

  private final Master master;
  private final Map<String, Map<ByteString, Tracked>> byAgent = new LinkedHashMap<>();
  private final Map<Name, Tracked> byName = new LinkedHashMap<>();

  public Operations(Master master) {
    this.master = master;
  }

  /// A new operation's name.
  UUID newUuid() {
    return Uuids.message(master.ids.uuid());
  }

  boolean full(Agent agent) {
    return byAgent.getOrDefault(agent.id(), Map.of()).size() >= MAX_PER_AGENT;
  }

  Tracked add(Operation operation, boolean speculated) {
    var tracked = new Tracked(operation, speculated);
    if (!tracked.pending()) {
      count(operation.getInfo(), operation.getLatestStatus().getState());
    }
    byAgent
        .computeIfAbsent(tracked.agentId(), a -> new LinkedHashMap<>())
        .put(tracked.uuid(), tracked);
    if (tracked.named()) {
      byName.put(name(tracked), tracked);
    }
    return tracked;
  }

  /// Counts an operation that came to an end, or out of sight.
  public void count(Offer.Operation operation, OperationState state) {
    var suffix = state.name().substring("OPERATION_".length()).toLowerCase(Locale.ROOT);
    var type = operation.getType();
    master.counters.add("operations/" + suffix);
    if (type != Offer.Operation.Type.LAUNCH && type != Offer.Operation.Type.LAUNCH_GROUP) {
      master.counters.add("operations/" + type.name().toLowerCase(Locale.ROOT) + "/" + suffix);
    }
  }

  void remove(Tracked tracked) {
    var ofAgent = byAgent.get(tracked.agentId());
    if (ofAgent != null) {
      ofAgent.remove(tracked.uuid());
      if (ofAgent.isEmpty()) {
        byAgent.remove(tracked.agentId());
      }
    }
    if (tracked.named()) {
      byName.remove(name(tracked), tracked);
    }
  }

  private static Name name(Tracked tracked) {
    return new Name(tracked.frameworkId(), tracked.operation().getInfo().getId().getValue());
  }

  Optional<Tracked> find(String agentId, ByteString uuid) {
    return Optional.ofNullable(byAgent.getOrDefault(agentId, Map.of()).get(uuid));
  }

  Optional<Tracked> named(String frameworkId, String operationId) {
    return Optional.ofNullable(byName.get(new Name(frameworkId, operationId)));
  }

  List<Tracked> of(String agentId) {
    return List.copyOf(byAgent.getOrDefault(agentId, Map.of()).values());
  }

  List<Tracked> ofFramework(String frameworkId) {
    var result = new ArrayList<Tracked>();
    for (var ofAgent : byAgent.values()) {
      for (var tracked : ofAgent.values()) {
        if (tracked.frameworkId().equals(frameworkId)) {
          result.add(tracked);
        }
      }
    }
    return result;
  }

  /// Whether the agent has operations that are not acknowledged.
  public boolean anyOf(String agentId) {
    return byAgent.containsKey(agentId);
  }

  /// All of them, for readers.
  public List<Operation> views() {
    var result = new ArrayList<Operation>();
    byAgent
        .values()
        .forEach(ofAgent -> ofAgent.values().forEach(tracked -> result.add(tracked.operation())));
    return result;
  }

  /// Tells the framework, if it is there to hear it.
  void tell(String frameworkId, OperationStatus status) {
    master
        .frameworks
        .get(frameworkId)
        .ifPresent(framework -> {
          boolean unused =
              master.frameworks.send(
                  framework,
                  Event.newBuilder()
                      .setType(Event.Type.UPDATE_OPERATION_STATUS)
                      .setUpdateOperationStatus(
                          Event.UpdateOperationStatus.newBuilder().setStatus(status))
                      .build());
        });
  }

  /// Tells the agent that it need not repeat the status.
  void acknowledge(Agent agent, Tracked tracked, UUID statusUuid) {
    master.out.send(
        agent.pid(),
        AcknowledgeOperationStatusMessage.newBuilder()
            .setStatusUuid(statusUuid)
            .setOperationUuid(tracked.operation().getUuid())
            .build());
  }

  /// The agent is back with what it has: nothing is taken for granted any more.
  public void reconnected(String agentId) {
    byAgent.getOrDefault(agentId, Map.of()).values().forEach(tracked -> tracked.speculated = false);
  }

  /// Agents before RESOURCE_PROVIDER keep what they are told to keep, and no more.
  public void tellWhatToKeep(Agent agent) {
    var kept = agent.total().needCheckpointing();
    boolean refined = agent.has(AgentInfo.Capability.Type.RESERVATION_REFINEMENT);
    if (!refined && !ResourceWire.fitsPre(kept)) {
      master.out.note("agent " + agent.id() + " cannot be told to keep " + kept);
      return;
    }
    master.out.send(
        agent.pid(),
        CheckpointResourcesMessage.newBuilder()
            .addAllResources(ResourceWire.encode(kept, refined ? Format.POST : Format.PRE))
            .build());
  }

  /// An earlier release of the agent is back, which takes no acknowledgements: what has ended is
  /// not waited for.
  public void downgraded(String agentId) {
    for (var tracked : of(agentId)) {
      if (tracked.named() && !tracked.pending()) {
        remove(tracked);
      }
    }
  }

  /// The agent is gone, for now or for ever; its operations come back with it, if ever.
  ///
  /// @param end what their frameworks are told; empty when they have to ask, as of agents that left
  public void agentRemoved(Agent agent, Optional<OperationState> end) {
    for (var tracked : of(agent.id())) {
      // The original counts with those of agents marked gone what left in any other way.
      count(tracked.operation().getInfo(), end.orElse(OperationState.OPERATION_GONE_BY_OPERATOR));
      remove(tracked);
      if (tracked.named() && end.isPresent()) {
        tell(
            tracked.frameworkId(),
            OperationStatus.newBuilder()
                .setOperationId(tracked.operation().getInfo().getId())
                .setAgentId(agent.info().getId())
                .setState(end.get())
                .setMessage(
                    end.get() == OperationState.OPERATION_UNREACHABLE
                        ? "Agent was marked unreachable"
                        : "Agent has been marked gone")
                .build());
      }
    }
  }

  /// Nobody is left to acknowledge for the framework but the master.
  public void frameworkRemoved(String frameworkId) {
    for (var tracked : ofFramework(frameworkId)) {
      if (!tracked.pending()) {
        var status = tracked.operation().getLatestStatus();
        master
            .agents
            .get(tracked.agentId())
            .filter(Agent::connected)
            .filter(agent -> status.hasUuid())
            .ifPresent(agent -> acknowledge(agent, tracked, status.getUuid()));
        remove(tracked);
      }
    }
  }
}
