// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import com.google.protobuf.ByteString;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.Filters;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.KillPolicy;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.Request;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/// Builds the calls of a scheduler; [SchedulerClient#send] adds the framework id.
public final class Calls {
  private Calls() {}

  /// Launches `tasks` on one offer. What they leave over is declined for five seconds.
  public static Call launch(Offer offer, List<TaskInfo> tasks) {
    return accept(List.of(offer.getId()), List.of(launch(tasks)));
  }

  /// The operation that launches `tasks`, for [#accept].
  public static Offer.Operation launch(List<TaskInfo> tasks) {
    return Offer.Operation.newBuilder()
        .setType(Offer.Operation.Type.LAUNCH)
        .setLaunch(Offer.Operation.Launch.newBuilder().addAllTaskInfos(tasks))
        .build();
  }

  /// Carries out `operations` in order on offers of one agent and one role.
  public static Call accept(Collection<OfferID> offers, List<Offer.Operation> operations) {
    return of(Call.Type.ACCEPT)
        .setAccept(Call.Accept.newBuilder().addAllOfferIds(offers).addAllOperations(operations))
        .build();
  }

  /// As [#accept(Collection, List)]; what is left over is not offered again for `refuse`.
  public static Call accept(
      Collection<OfferID> offers, List<Offer.Operation> operations, Duration refuse) {
    return of(Call.Type.ACCEPT)
        .setAccept(
            Call.Accept.newBuilder()
                .addAllOfferIds(offers)
                .addAllOperations(operations)
                .setFilters(filters(refuse)))
        .build();
  }

  /// Gives offers back; their resources are not offered again for `refuse`.
  public static Call decline(Collection<OfferID> offers, Duration refuse) {
    return of(Call.Type.DECLINE)
        .setDecline(Call.Decline.newBuilder().addAllOfferIds(offers).setFilters(filters(refuse)))
        .build();
  }

  /// Agrees to give resources back for maintenance.
  public static Call acceptInverseOffers(Collection<OfferID> offers) {
    return of(Call.Type.ACCEPT_INVERSE_OFFERS)
        .setAcceptInverseOffers(Call.AcceptInverseOffers.newBuilder().addAllInverseOfferIds(offers))
        .build();
  }

  /// Does not agree to give resources back; asked again after `refuse`.
  public static Call declineInverseOffers(Collection<OfferID> offers, Duration refuse) {
    return of(Call.Type.DECLINE_INVERSE_OFFERS)
        .setDeclineInverseOffers(
            Call.DeclineInverseOffers.newBuilder()
                .addAllInverseOfferIds(offers)
                .setFilters(filters(refuse)))
        .build();
  }

  /// Drops all filters of `roles` (none: of all roles) and ends their suppression.
  public static Call revive(Collection<String> roles) {
    return of(Call.Type.REVIVE).setRevive(Call.Revive.newBuilder().addAllRoles(roles)).build();
  }

  /// Asks for no more offers to `roles` (none: to any role).
  public static Call suppress(Collection<String> roles) {
    return of(Call.Type.SUPPRESS)
        .setSuppress(Call.Suppress.newBuilder().addAllRoles(roles))
        .build();
  }

  /// Kills a task by its own kill policy.
  public static Call kill(TaskID task) {
    return of(Call.Type.KILL).setKill(Call.Kill.newBuilder().setTaskId(task)).build();
  }

  /// Kills a task of a known agent.
  public static Call kill(TaskID task, AgentID agent) {
    return of(Call.Type.KILL)
        .setKill(Call.Kill.newBuilder().setTaskId(task).setAgentId(agent))
        .build();
  }

  /// Kills a task of a known agent by another policy than its own.
  public static Call kill(TaskID task, AgentID agent, KillPolicy policy) {
    return of(Call.Type.KILL)
        .setKill(Call.Kill.newBuilder().setTaskId(task).setAgentId(agent).setKillPolicy(policy))
        .build();
  }

  /// Ends an executor with all its tasks.
  public static Call shutdown(ExecutorID executor, AgentID agent) {
    return of(Call.Type.SHUTDOWN)
        .setShutdown(Call.Shutdown.newBuilder().setExecutorId(executor).setAgentId(agent))
        .build();
  }

  /// Says that an update was taken care of. Only updates with a uuid want it.
  public static Call acknowledge(TaskStatus status) {
    return of(Call.Type.ACKNOWLEDGE)
        .setAcknowledge(
            Call.Acknowledge.newBuilder()
                .setAgentId(status.getAgentId())
                .setTaskId(status.getTaskId())
                .setUuid(status.getUuid()))
        .build();
  }

  /// Says that an operation's update was taken care of.
  public static Call acknowledgeOperation(OperationStatus status) {
    var acknowledge =
        Call.AcknowledgeOperationStatus.newBuilder()
            .setUuid(status.getUuid().getValue())
            .setOperationId(status.getOperationId());
    if (status.hasAgentId()) {
      acknowledge.setAgentId(status.getAgentId());
    }
    if (status.hasResourceProviderId()) {
      acknowledge.setResourceProviderId(status.getResourceProviderId());
    }
    return of(Call.Type.ACKNOWLEDGE_OPERATION_STATUS)
        .setAcknowledgeOperationStatus(acknowledge)
        .build();
  }

  /// Asks for the state of all tasks the master knows of.
  public static Call reconcileAll() {
    return reconcile(List.of());
  }

  /// Asks for the state of these tasks; each is answered by an update.
  public static Call reconcile(Collection<Call.Reconcile.Task> tasks) {
    return of(Call.Type.RECONCILE)
        .setReconcile(Call.Reconcile.newBuilder().addAllTasks(tasks))
        .build();
  }

  /// A task to ask for in [#reconcile], by its last known agent.
  public static Call.Reconcile.Task reconcileTask(TaskID task, AgentID agent) {
    return Call.Reconcile.Task.newBuilder().setTaskId(task).setAgentId(agent).build();
  }

  /// Asks for the state of operations (none: of all); each is answered by an update.
  public static Call reconcileOperations(
      Collection<Call.ReconcileOperations.Operation> operations) {
    return of(Call.Type.RECONCILE_OPERATIONS)
        .setReconcileOperations(Call.ReconcileOperations.newBuilder().addAllOperations(operations))
        .build();
  }

  /// Sends bytes to an executor, without any promise that they arrive.
  public static Call message(AgentID agent, ExecutorID executor, byte[] data) {
    return of(Call.Type.MESSAGE)
        .setMessage(
            Call.Message.newBuilder()
                .setAgentId(agent)
                .setExecutorId(executor)
                .setData(ByteString.copyFrom(data)))
        .build();
  }

  /// Says what resources are wished for; the usual allocator ignores it.
  public static Call request(Collection<Request> requests) {
    return of(Call.Type.REQUEST)
        .setRequest(Call.Request.newBuilder().addAllRequests(requests))
        .build();
  }

  /// Changes the framework's description, suppressed roles and offer constraints.
  public static Call updateFramework(
      FrameworkInfo info, Collection<String> suppressedRoles, OfferConstraints constraints) {
    return of(Call.Type.UPDATE_FRAMEWORK)
        .setUpdateFramework(
            Call.UpdateFramework.newBuilder()
                .setFrameworkInfo(info)
                .addAllSuppressedRoles(suppressedRoles)
                .setOfferConstraints(constraints))
        .build();
  }

  /// Ends the framework for good and kills its tasks.
  public static Call teardown() {
    return of(Call.Type.TEARDOWN).build();
  }

  private static Call.Builder of(Call.Type type) {
    return Call.newBuilder().setType(type);
  }

  private static Filters filters(Duration refuse) {
    return Filters.newBuilder().setRefuseSeconds(refuse.toMillis() / 1000.0).build();
  }
}
