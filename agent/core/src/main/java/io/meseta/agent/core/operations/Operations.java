// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.operations;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.Agent;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.TimerKey;
import io.meseta.agent.core.recovery.ResourceState;
import io.meseta.agent.core.recovery.Write;
import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.wire.internal.AcknowledgeOperationStatusMessage;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.ReconcileOperationsMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.Operation;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.UUID;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
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
  private final Map<ByteString, Owed> owed = new LinkedHashMap<>();
  private UUID version;

  public Operations(Agent agent) {
    this.agent = agent;
    this.version = fresh();
  }

  private UUID fresh() {
    var id = agent.ids.uuid();
    return UUID.newBuilder()
        .setValue(
            ByteString.copyFrom(
                ByteBuffer.allocate(16)
                    .putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits())
                    .flip()))
        .build();
  }

  /// Changes when the total changes in a way that the master did not ask for.
  public UUID version() {
    return version;
  }

  /// Dynamic reservations and volumes.
  public List<Resource> checkpointed() {
    return ResourceWire.encode(agent.total.needCheckpointing(), ResourceWire.Format.POST);
  }

  /// What was written before is applied to the resources of the flags.
  ///
  /// @throws Invalid when the flags do not hold what was reserved
  public void recover(Collection<Resource> checkpointed) throws Invalid {
    agent.total = apply(agent.total, ResourceWire.decodeTrusted(checkpointed));
  }

  /// `total` with its plain resources turned into `changed`.
  static Resources apply(Resources total, Resources changed) throws Invalid {
    var stripped = new ArrayList<ResourceItem>();
    for (var item : changed.items()) {
      stripped.add(Applied.plain(item));
    }
    var plain = Resources.of(stripped);
    if (!total.contains(plain)) {
      throw new Invalid(
          "Checkpointed resources " + changed + " are incompatible with agent resources " + total);
    }
    return total.minus(plain).plus(changed);
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
      answer(message, status.build(), List.of());
      return;
    }
    if (!message.getResourceVersionUuid().getUuid().equals(version)) {
      status
          .setState(OperationState.OPERATION_DROPPED)
          .setMessage("The operation was made for an older version of the agent's resources");
      answer(message, status.build(), List.of());
      return;
    }
    try {
      var applied = Applied.of(message.getOperationInfo());
      if (!agent.total.contains(applied.consumed())) {
        throw new Invalid(agent.total + " does not contain " + applied.consumed());
      }
      agent.total = agent.total.minus(applied.consumed()).plus(applied.produced());
      status
          .setState(OperationState.OPERATION_FINISHED)
          .addAllConvertedResources(
              ResourceWire.encode(applied.produced(), ResourceWire.Format.POST));
      answer(message, status.build(), volumes(applied));
    } catch (Invalid invalid) {
      status.setState(OperationState.OPERATION_FAILED).setMessage(invalid.reason());
      answer(message, status.build(), List.of());
    }
  }

  /// Folders of new volumes; those that are gone are removed.
  private List<Write> volumes(Applied applied) {
    var before = paths(applied.consumed());
    var after = paths(applied.produced());
    for (var path : before) {
      if (!after.contains(path)) {
        agent.out.add(new Effect.RemovePath(path));
      }
    }
    return after.stream().map(path -> (Write) new Write.Folder(path)).toList();
  }

  private List<String> paths(Resources resources) {
    return resources.persistentVolumes().items().stream()
        .map(item ->
            agent.layout.volume(
                item.key().reservationRole(),
                ResourceWire.encode(item, ResourceWire.Format.POST)
                    .getDisk()
                    .getPersistence()
                    .getId()))
        .toList();
  }

  private void answer(ApplyOperationMessage message, OperationStatus status, List<Write> more) {
    var update =
        UpdateOperationStatusMessage.newBuilder()
            .setSlaveId(agent.info.getId())
            .setStatus(status)
            .setLatestStatus(status)
            .setOperationUuid(message.getOperationUuid());
    var operation =
        Operation.newBuilder()
            .setAgentId(agent.info.getId())
            .setInfo(message.getOperationInfo())
            .setLatestStatus(status)
            .addStatuses(status)
            .setUuid(message.getOperationUuid());
    if (message.hasFrameworkId()) {
      update.setFrameworkId(message.getFrameworkId());
      operation.setFrameworkId(message.getFrameworkId());
    }
    var uuid = message.getOperationUuid().getValue();
    owed.put(uuid, new Owed(update.build(), operation.build(), RETRY_MIN));
    var writes = new ArrayList<Write>(more);
    writes.add(
        new Write.Put(agent.layout.resourceState(), ResourceState.encode(checkpointed()), true));
    agent.out.persist(writes, () -> send(uuid));
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
