// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.MachineID;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.quota.QuotaConfig;
import io.meseta.wire.v1.quota.QuotaRequest;
import io.meseta.wire.v1.scheduler.Call;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the master reacts to.
public sealed interface MasterEvent {

  /// A scheduler opened a stream with a SUBSCRIBE call. Everything it is told, errors included,
  /// goes to the stream.
  ///
  /// @param streamId new, and unique
  record Subscribe(String streamId, Optional<String> principal, Call call) implements MasterEvent {}

  /// An operator opened a stream to watch the cluster.
  record Watch(String streamId, Optional<String> principal) implements MasterEvent {
    public Watch(String streamId) {
      this(streamId, Optional.empty());
    }
  }

  /// Any other call of a scheduler; answered by [Effect.Reply].
  ///
  /// @param streamId what it gave as `Mesos-Stream-Id`
  record SchedulerCall(
      long requestId, Optional<String> streamId, Optional<String> principal, Call call)
      implements MasterEvent {}

  /// A driver of the old API wants to be a framework's scheduler. It is answered by messages.
  ///
  /// @param from its address
  /// @param principal as which it is authenticated
  /// @param force whether it may take the place of another driver
  record SubscribeDriver(Upid from, Optional<String> principal, boolean force, Call.Subscribe call)
      implements MasterEvent {}

  /// Any other call of a driver, in whichever form it came; nobody waits for an answer.
  record DriverCall(Upid from, Call call) implements MasterEvent {}

  /// A driver that aborts: no offers for its framework until it subscribes again.
  record DeactivateDriver(Upid from, String frameworkId) implements MasterEvent {}

  /// The scheduler or operator is gone, or too slow.
  record StreamClosed(String streamId) implements MasterEvent {}

  /// A libprocess message for `master` or one of its pingers.
  record AgentMessage(Upid from, Message message) implements MasterEvent {}

  /// Our connection to the agent or the driver broke.
  record AgentExited(Upid agent) implements MasterEvent {}

  /// This master leads and has read the registry: from now on it answers.
  record RegistryLoaded(Map<String, ByteString> records) implements MasterEvent {}

  /// The batch of [Effect.Persist] with this id is durable.
  record Persisted(long batch) implements MasterEvent {}

  /// Whether another master may lead, because ours cannot be asked who does; or no longer.
  record Suspended(boolean suspended) implements MasterEvent {}

  record TimerFired(TimerKey key) implements MasterEvent {}

  /// An operator's change; answered by [Effect.Reply].
  ///
  /// @param principal empty for whoever has not said who they are
  record OperatorCall(long requestId, Optional<String> principal, OperatorRequest request)
      implements MasterEvent {
    public OperatorCall(long requestId, OperatorRequest request) {
      this(requestId, Optional.empty(), request);
    }
  }

  /// Only agents on these hosts are to be offered; all when empty.
  record Whitelist(Optional<Set<String>> hostnames) implements MasterEvent {}

  /// A reader wants a [io.meseta.master.core.view.Snapshot].
  record Read(long requestId) implements MasterEvent {}

  /// Somebody asks why a framework has no offers; answered by [Effect.Explain].
  ///
  /// @param agentId only of this agent
  record Why(long requestId, String frameworkId, Optional<String> agentId) implements MasterEvent {}

  /// Changes that operators ask for.
  sealed interface OperatorRequest {
    record Teardown(String frameworkId) implements OperatorRequest {}

    record MarkAgentGone(String agentId) implements OperatorRequest {}

    /// Ends the tasks of an agent and offers it no more.
    record DrainAgent(String agentId, DrainConfig config) implements OperatorRequest {}

    record DeactivateAgent(String agentId) implements OperatorRequest {}

    record ReactivateAgent(String agentId) implements OperatorRequest {}

    /// RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME or SHRINK_VOLUME on resources that nobody
    /// uses.
    record Apply(String agentId, Offer.Operation operation) implements OperatorRequest {}

    /// All of these quotas or none.
    record UpdateQuotas(List<QuotaConfig> configs, boolean force) implements OperatorRequest {}

    record UpdateMaintenance(Schedule schedule) implements OperatorRequest {}

    record StartMaintenance(List<MachineID> machines) implements OperatorRequest {}

    record StopMaintenance(List<MachineID> machines) implements OperatorRequest {}

    record SetQuota(QuotaRequest request) implements OperatorRequest {}

    record RemoveQuota(String role) implements OperatorRequest {}

    /// From role to weight.
    record UpdateWeights(Map<String, Double> weights) implements OperatorRequest {}
  }
}
