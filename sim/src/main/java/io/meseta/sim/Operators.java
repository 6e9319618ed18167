// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import io.meseta.master.core.MasterEvent.OperatorRequest;
import io.meseta.master.core.view.AgentView;
import io.meseta.master.core.view.Snapshot;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.model.resources.Resources;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.DurationInfo;
import io.meseta.wire.v1.MachineID;
import io.meseta.wire.v1.Offer.Operation;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Resource.ReservationInfo;
import io.meseta.wire.v1.TimeInfo;
import io.meseta.wire.v1.Unavailability;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.maintenance.Schedule;
import io.meseta.wire.v1.maintenance.Window;
import io.meseta.wire.v1.quota.QuotaConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// What operators ask of whoever believes to lead: anything while faults strike, and in peace that
/// everything is as it was: no quota, no maintenance, nothing reserved, every agent in use.
final class Operators {
  private final Cluster cluster;

  Operators(Cluster cluster) {
    this.cluster = cluster;
  }

  void act(MasterNode master) {
    var known = master.snapshot().orElse(null);
    if (!master.leading() || known == null) {
      return;
    }
    var chance = cluster.chance;
    var request =
        known.agents().isEmpty()
            ? weights()
            : switch (chance.below(10)) {
              case 0, 1 -> weights();
              case 2 -> new OperatorRequest.DeactivateAgent(chance.one(known.agents()).id());
              case 3 -> new OperatorRequest.ReactivateAgent(chance.one(known.agents()).id());
              case 4 -> quota(known);
              case 5 -> maintenance(known);
              case 6 -> new OperatorRequest.MarkAgentGone(chance.one(known.agents()).id());
              case 7 -> drain(chance.one(known.agents()));
              default -> apply(chance.one(known.agents()));
            };
    noteUnwanted(request);
    cluster.trace(master.host, " is asked for ", request.getClass().getSimpleName());
    cluster.note(master.host, () -> " is asked for " + request);
    master.ask(request);
  }

  private void noteUnwanted(OperatorRequest request) {
    switch (request) {
      case OperatorRequest.MarkAgentGone(var id) -> cluster.truth.unwanted(id);
      case OperatorRequest.DrainAgent(var id, var config) when config.getMarkGone() ->
          cluster.truth.unwanted(id);
      default -> {}
    }
  }

  private OperatorRequest weights() {
    var role = cluster.chance.oneIn(2) ? "role" + cluster.chance.below(5) : "eng";
    return new OperatorRequest.UpdateWeights(Map.of(role, 1.0 + cluster.chance.below(3)));
  }

  private OperatorRequest quota(Snapshot known) {
    var chance = cluster.chance;
    var role = chance.one(Framework.TOP_ROLES);
    if (known.quotas().containsKey(role) && chance.oneIn(2)) {
      return new OperatorRequest.RemoveQuota(role);
    }
    var config = QuotaConfig.newBuilder().setRole(role);
    int limit = chance.below(9);
    if (!chance.oneIn(4)) {
      config.putLimits("cpus", scalar(limit * SchedulerNode.CPU_THOUSANDTHS / 1000.0));
      if (chance.oneIn(2)) {
        config.putLimits("mem", scalar(limit * 100));
      }
    }
    if (chance.oneIn(2)) {
      config.putGuarantees(
          "cpus", scalar(chance.below(limit + 1) * SchedulerNode.CPU_THOUSANDTHS / 1000.0));
    }
    return new OperatorRequest.UpdateQuotas(List.of(config.build()), chance.oneIn(2));
  }

  private static Value.Scalar scalar(double value) {
    return Value.Scalar.newBuilder().setValue(value).build();
  }

  private OperatorRequest maintenance(Snapshot known) {
    var chance = cluster.chance;
    var down = known.maintenance().getDownMachinesList();
    var draining = known.maintenance().getDrainingMachinesList();
    if (!down.isEmpty() && chance.oneIn(2)) {
      return new OperatorRequest.StopMaintenance(List.of(chance.one(down)));
    }
    if (!draining.isEmpty() && chance.oneIn(2)) {
      return new OperatorRequest.StartMaintenance(List.of(chance.one(draining).getId()));
    }
    var window =
        Window.newBuilder()
            .setUnavailability(
                Unavailability.newBuilder()
                    .setStart(
                        TimeInfo.newBuilder()
                            .setNanoseconds(
                                1_000_000_000L * cluster.clock.instant().getEpochSecond()))
                    .setDuration(
                        DurationInfo.newBuilder()
                            .setNanoseconds(Duration.ofMinutes(10).toNanos())));
    // What is down must stay in the schedule.
    window.addAllMachineIds(down);
    var one = cluster.chance.one(cluster.agents());
    if (down.stream().noneMatch(id -> id.getHostname().equals(one.host))) {
      window.addMachineIds(MachineID.newBuilder().setHostname(one.host).setIp(one.ip));
    }
    return new OperatorRequest.UpdateMaintenance(Schedule.newBuilder().addWindows(window).build());
  }

  private OperatorRequest drain(AgentView agent) {
    var chance = cluster.chance;
    cluster.truth.drained(cluster.hostOf(agent.pid()).map(node -> node.host).orElse(""));
    return new OperatorRequest.DrainAgent(
        agent.id(),
        DrainConfig.newBuilder()
            .setMaxGracePeriod(
                DurationInfo.newBuilder().setNanoseconds(Duration.ofSeconds(2).toNanos()))
            .setMarkGone(chance.oneIn(3))
            .build());
  }

  private OperatorRequest apply(AgentView agent) {
    var undo = cluster.chance.oneIn(2) ? release(agent, reserved(agent)) : List.<Operation>of();
    return new OperatorRequest.Apply(
        agent.id(),
        undo.isEmpty() ? reserve(cluster.chance.one(Framework.TOP_ROLES)) : undo.getFirst());
  }

  private static Operation reserve(String role) {
    return Operation.newBuilder()
        .setType(Operation.Type.RESERVE)
        .setReserve(
            Operation.Reserve.newBuilder()
                .addResources(
                    Resource.newBuilder()
                        .setName("cpus")
                        .setType(Value.Type.SCALAR)
                        .setScalar(scalar(SchedulerNode.CPU_THOUSANDTHS / 1000.0))
                        .addReservations(
                            ReservationInfo.newBuilder()
                                .setType(ReservationInfo.Type.DYNAMIC)
                                .setRole(role))))
        .build();
  }

  private static Resources reserved(AgentView agent) {
    return agent.total().filter(item -> item.key().dynamicallyReserved());
  }

  /// Takes volumes away, or when there are none reservations.
  private static List<Operation> release(AgentView agent, Resources held) {
    var result = new ArrayList<Operation>();
    var free = held.minusAvailable(agent.usedTotal().unallocate());
    var volumes = free.persistentVolumes();
    for (var item : (volumes.isEmpty() ? free : volumes).items()) {
      var wire = ResourceWire.encode(item, Format.POST);
      result.add(
          item.key().persistentVolume()
              ? Operation.newBuilder()
                  .setType(Operation.Type.DESTROY)
                  .setDestroy(Operation.Destroy.newBuilder().addVolumes(wire))
                  .build()
              : Operation.newBuilder()
                  .setType(Operation.Type.UNRESERVE)
                  .setUnreserve(Operation.Unreserve.newBuilder().addResources(wire))
                  .build());
    }
    return result;
  }

  /// One step back to normal.
  void calm(MasterNode leader) {
    var known = leader.snapshot().orElse(null);
    if (known == null) {
      return;
    }
    known.quotas().keySet().forEach(role -> leader.ask(new OperatorRequest.RemoveQuota(role)));
    var down = known.maintenance().getDownMachinesList();
    if (!down.isEmpty()) {
      leader.ask(new OperatorRequest.StopMaintenance(down));
    } else if (known.schedule().getWindowsCount() > 0) {
      leader.ask(new OperatorRequest.UpdateMaintenance(Schedule.getDefaultInstance()));
    }
    if (cluster.agents().stream().allMatch(AgentNode::registered)) {
      // Whoever is still away has come back as another: nobody else can say what became of its
      // operations. An agent may believe to be registered that has stood still for long.
      var alive = new HashSet<String>();
      cluster.agents().forEach(agent -> agent.read().ifPresent(s -> alive.add(id(s.info()))));
      known.unreachable().keySet().stream()
          .filter(id -> !alive.contains(id))
          .map(OperatorRequest.MarkAgentGone::new)
          .forEach(request -> {
            noteUnwanted(request);
            leader.ask(request);
          });
    }
    for (var agent : known.agents()) {
      if (agent.deactivated() || agent.drain().isPresent()) {
        leader.ask(new OperatorRequest.ReactivateAgent(agent.id()));
      }
      for (var operation : release(agent, reserved(agent))) {
        leader.ask(new OperatorRequest.Apply(agent.id(), operation));
      }
    }
  }

  private static String id(AgentInfo info) {
    return info.getId().getValue();
  }

  /// What is not as it was; empty when all is.
  static List<String> traces(Snapshot known) {
    var result = new ArrayList<String>();
    if (!known.quotas().isEmpty()) {
      result.add("there is quota: " + known.quotas().keySet());
    }
    if (known.schedule().getWindowsCount() > 0) {
      result.add("maintenance is planned");
    }
    for (var agent : known.agents()) {
      if (agent.deactivated() || agent.drain().isPresent()) {
        result.add("agent " + agent.id() + " is deactivated");
      }
      if (!reserved(agent).isEmpty()) {
        result.add("agent " + agent.id() + " has reservations: " + reserved(agent));
      }
    }
    return result;
  }

  private void count(OperatorRequest request) {
    var what =
        switch (request) {
          case OperatorRequest.UpdateWeights r -> Happening.WEIGHTS_SET;
          case OperatorRequest.UpdateQuotas r -> Happening.QUOTA_SET;
          case OperatorRequest.RemoveQuota r -> Happening.QUOTA_REMOVED;
          case OperatorRequest.DeactivateAgent r -> Happening.DEACTIVATED;
          case OperatorRequest.ReactivateAgent r -> Happening.REACTIVATED;
          case OperatorRequest.DrainAgent r -> Happening.DRAINED;
          case OperatorRequest.MarkAgentGone r -> Happening.MARKED_GONE;
          case OperatorRequest.UpdateMaintenance r -> Happening.MAINTENANCE_PLANNED;
          case OperatorRequest.StartMaintenance r -> Happening.MACHINE_DOWN;
          case OperatorRequest.StopMaintenance r -> Happening.MACHINE_UP;
          case OperatorRequest.Apply r -> Happening.OPERATED;
          default -> throw new IllegalStateException("nobody asks for " + request);
        };
    cluster.count(what);
  }

  /// An answer to [#act] or [#calm]: anything but our own mistakes.
  void answered(MasterNode master, OperatorRequest request, int status, String message) {
    cluster.trace(master.host + " answers the operator: " + status + " " + message);
    if (status / 100 == 2) {
      count(request);
    }
    Broken.unless(
        status < 500 || status == 503,
        () -> master.host + " answers " + status + " " + message + " to " + request);
  }
}
