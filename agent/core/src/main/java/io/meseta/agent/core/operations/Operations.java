// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.operations;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.Agent;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.TimerKey;
import io.meseta.agent.core.recovery.Write;
import io.meseta.model.Invalid;
import io.meseta.model.operations.Conversion;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.Uuids;
import io.meseta.wire.internal.AcknowledgeOperationStatusMessage;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.CheckpointResourcesMessage;
import io.meseta.wire.internal.ReconcileOperationsMessage;
import io.meseta.wire.internal.ResourceState;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.Operation;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.UUID;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reservations and volumes of this agent's own resources: applied when the master says so, written
/// down durably, and answered until the answer is acknowledged.
public final class Operations {
  private static final Duration RETRY_MIN = Duration.ofSeconds(10);
  private static final Duration RETRY_MAX = Duration.ofMinutes(10);

  private record Owed(UpdateOperationStatusMessage update, Operation operation, Duration retry) {}

  private final Agent agent;
  private final Volumes volumes;
  private final Map<ByteString, Owed> owed = new LinkedHashMap<>();
  private final UUID version;

  public Operations(Agent agent, Volumes volumes) {
    this.agent = agent;
    this.volumes = volumes;
    this.version = fresh();
  }

  private UUID fresh() {
    return Uuids.message(agent.ids.uuid());
  }

  /// New with every start of the agent: what a master sent to an earlier life is not for this one.
  public UUID version() {
    return version;
  }

  /// Dynamic reservations and volumes.
  public List<Resource> checkpointed() {
    return ResourceWire.encode(agent.total.needCheckpointing(), ResourceWire.Format.POST);
  }

  /// What was written before is applied to the resources of the flags; answers that were owed are
  /// owed again.
  ///
  /// @throws Invalid when the flags do not hold what was reserved
  public void recover(ResourceState state) throws Invalid {
    agent.total =
        Conversion.applyCheckpointed(
            agent.total, ResourceWire.decode(state.getResourcesList()).needCheckpointing());
    for (var operation : state.getOperationsList()) {
      owed.put(operation.getUuid().getValue(), new Owed(update(operation), operation, RETRY_MIN));
    }
    if (state.getResourcesCount() > 0) {
      volumes.sweep();
    }
  }

  /// An old master says what all reservations and volumes are.
  public void checkpoint(CheckpointResourcesMessage message) {
    if (agent.phase != Agent.Phase.RUNNING) {
      return;
    }
    try {
      var flags = ResourceWire.decode(agent.config.info().getResourcesList());
      var before = agent.total;
      agent.total =
          Conversion.applyCheckpointed(flags, ResourceWire.decode(message.getResourcesList()));
      save(volumes(before, agent.total), () -> {});
    } catch (Invalid invalid) {
      agent.out.note("cannot take the master's reservations: " + invalid.reason());
    }
  }

  /// The master's order.
  public void apply(ApplyOperationMessage message) {
    if (agent.phase != Agent.Phase.RUNNING) {
      return; // the master learns by the re-registration
    }
    OperationStatus.Builder status =
        OperationStatus.newBuilder().setAgentId(agent.info.getId()).setUuid(fresh());
    if (message.getOperationInfo().hasId()) {
      status.setOperationId(message.getOperationInfo().getId());
    }
    if (message.getResourceVersionUuid().hasResourceProviderId()) {
      status
          .setState(OperationState.OPERATION_DROPPED)
          .setMessage("This agent has no resource providers");
      answer(message, status.build(), NO_CHANGE);
      return;
    }
    if (!message.getResourceVersionUuid().getUuid().equals(version)) {
      status
          .setState(OperationState.OPERATION_DROPPED)
          .setMessage("The operation was made for an older version of the agent's resources");
      answer(message, status.build(), NO_CHANGE);
      return;
    }
    try {
      var conversion = Conversion.of(message.getOperationInfo()).unallocate();
      var before = agent.total;
      agent.total = conversion.apply(before);
      status
          .setState(OperationState.OPERATION_FINISHED)
          .addAllConvertedResources(
              ResourceWire.encode(conversion.converted(), ResourceWire.Format.POST));
      answer(message, status.build(), volumes(before, agent.total));
    } catch (Invalid invalid) {
      status.setState(OperationState.OPERATION_FAILED).setMessage(invalid.reason());
      answer(message, status.build(), NO_CHANGE);
    }
  }

  /// Writes, and paths to be removed after them.
  private record Change(List<Write> writes, List<String> remove) {}

  private static final Change NO_CHANGE = new Change(List.of(), List.of());

  private Change volumes(Resources before, Resources after) {
    var remove = new ArrayList<String>();
    return new Change(volumes.change(before, after, remove), remove);
  }

  private void answer(ApplyOperationMessage message, OperationStatus status, Change change) {
    var operation =
        Operation.newBuilder()
            .setAgentId(agent.info.getId())
            .setInfo(message.getOperationInfo())
            .setLatestStatus(status)
            .addStatuses(status)
            .setUuid(message.getOperationUuid());
    if (message.hasFrameworkId()) {
      operation.setFrameworkId(message.getFrameworkId());
    }
    var built = operation.build();
    var uuid = message.getOperationUuid().getValue();
    owed.put(uuid, new Owed(update(built), built, RETRY_MIN));
    save(change, () -> send(uuid));
  }

  private static UpdateOperationStatusMessage update(Operation operation) {
    var update =
        UpdateOperationStatusMessage.newBuilder()
            .setSlaveId(operation.getAgentId())
            .setStatus(operation.getLatestStatus())
            .setLatestStatus(operation.getLatestStatus())
            .setOperationUuid(operation.getUuid());
    if (operation.hasFrameworkId()) {
      update.setFrameworkId(operation.getFrameworkId());
    }
    return update.build();
  }

  /// Folders first: what is written down as a volume has one.
  private void save(Change change, Runnable next) {
    var writes = new ArrayList<Write>(change.writes());
    var state =
        ResourceState.newBuilder()
            .addAllResources(ResourceWire.encode(agent.total, ResourceWire.Format.POST));
    owed.values().forEach(waiting -> state.addOperations(waiting.operation()));
    writes.add(new Write.Put(agent.layout.resourceState(), state.build().toByteString(), true));
    agent.out.persist(
        writes,
        () -> {
          change.remove().forEach(path -> agent.out.add(new Effect.RemovePath(path)));
          next.run();
        });
  }

  private void send(ByteString uuid) {
    var waiting = owed.get(uuid);
    if (waiting != null && agent.phase == Agent.Phase.RUNNING && agent.masterPid != null) {
      agent.out.send(agent.masterPid, waiting.update());
      agent.out.setTimer(key(uuid), waiting.retry());
    }
  }

  private static TimerKey key(ByteString uuid) {
    return new TimerKey.RetryOperation(java.util.HexFormat.of().formatHex(uuid.toByteArray()));
  }

  public void retry(String hex) {
    var uuid = ByteString.copyFrom(java.util.HexFormat.of().parseHex(hex));
    var waiting = owed.get(uuid);
    if (waiting != null) {
      var doubled = waiting.retry().multipliedBy(2);
      owed.put(
          uuid,
          new Owed(
              waiting.update(),
              waiting.operation(),
              doubled.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : doubled));
      send(uuid);
    }
  }

  /// What an earlier agent on this host owes is owed by whoever it has become: of the earlier one
  /// the master would acknowledge nothing.
  private void adopt() {
    for (var entry : owed.entrySet()) {
      var operation = entry.getValue().operation();
      if (!operation.getAgentId().equals(agent.info.getId())) {
        var status = operation.getLatestStatus().toBuilder().setAgentId(agent.info.getId()).build();
        var mine =
            operation.toBuilder()
                .setAgentId(agent.info.getId())
                .setLatestStatus(status)
                .clearStatuses()
                .addStatuses(status)
                .build();
        entry.setValue(new Owed(update(mine), mine, RETRY_MIN));
      }
    }
  }

  /// Registered (again): everything owed is sent now.
  public void resume() {
    List.copyOf(owed.keySet()).forEach(this::send);
  }

  public void acknowledged(AcknowledgeOperationStatusMessage message) {
    var uuid = message.getOperationUuid().getValue();
    var waiting = owed.get(uuid);
    if (waiting != null && waiting.update().getStatus().getUuid().equals(message.getStatusUuid())) {
      owed.remove(uuid);
      agent.out.cancelTimer(key(uuid));
      save(NO_CHANGE, () -> {});
    }
  }

  /// The master asks about operations that this agent did not list: those it does not know were
  /// dropped.
  public void reconcile(ReconcileOperationsMessage message) {
    for (var asked : message.getOperationsList()) {
      if (agent.masterPid == null || owed.containsKey(asked.getOperationUuid().getValue())) {
        continue;
      }
      var status =
          OperationStatus.newBuilder()
              .setState(OperationState.OPERATION_DROPPED)
              .setAgentId(agent.info.getId());
      if (asked.hasOperationId()) {
        status.setOperationId(asked.getOperationId());
      }
      var update =
          UpdateOperationStatusMessage.newBuilder()
              .setSlaveId(agent.info.getId())
              .setStatus(status)
              .setLatestStatus(status)
              .setOperationUuid(asked.getOperationUuid());
      if (message.hasFrameworkId()) {
        update.setFrameworkId(message.getFrameworkId());
      }
      agent.out.send(agent.masterPid, update.build());
    }
  }

  /// What follows every registration.
  public UpdateSlaveMessage describe() {
    adopt();
    return UpdateSlaveMessage.newBuilder()
        .setSlaveId(agent.info.getId())
        .setUpdateOversubscribedResources(false)
        .setResourceVersionUuid(version)
        .setOperations(
            UpdateSlaveMessage.Operations.newBuilder()
                .addAllOperations(owed.values().stream().map(Owed::operation).toList()))
        .setResourceProviders(UpdateSlaveMessage.ResourceProviders.getDefaultInstance())
        .build();
  }

  /// Operations whose answer is not acknowledged.
  public List<Operation> pending() {
    return owed.values().stream().map(Owed::operation).toList();
  }
}
