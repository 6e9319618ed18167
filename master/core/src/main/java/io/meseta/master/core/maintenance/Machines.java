// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.maintenance;

import io.meseta.master.core.Master;
import io.meseta.master.core.agents.Agent;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.model.Invalid;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.MachineID;
import io.meseta.wire.v1.MachineInfo;
import io.meseta.wire.v1.Unavailability;
import io.meseta.wire.v1.allocator.InverseOfferStatus;
import io.meseta.wire.v1.maintenance.ClusterStatus;
import io.meseta.wire.v1.maintenance.Schedule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/// Owns the maintenance schedule and the modes of machines. Original: src/master/http.cpp and
/// src/master/maintenance.cpp.
public final class Machines {
  /// How a call ends.
  @FunctionalInterface
  public interface Answer {
    void give(int status, String message);
  }

  private final Master master;
  private final InverseOffers inverseOffers;
  private final Map<Machine, MachineInfo> machines = new LinkedHashMap<>();
  private Schedule schedule = Schedule.getDefaultInstance();

  public Machines(Master master) {
    this.master = master;
    this.inverseOffers = new InverseOffers(master);
  }

  public InverseOffers inverseOffers() {
    return inverseOffers;
  }

  public void recover(Schedule recovered, List<MachineInfo> infos) {
    schedule = recovered;
    infos.forEach(info -> machines.put(Machine.of(info.getId()), info));
  }

  public Schedule schedule() {
    return schedule;
  }

  /// What frameworks answered to inverse offers, and which machines are down.
  public ClusterStatus status() {
    var statuses = statuses();
    var result = ClusterStatus.newBuilder();
    for (var info : machines.values()) {
      switch (info.getMode()) {
        case DRAINING ->
            result
                .addDrainingMachinesBuilder()
                .setId(info.getId())
                .addAllStatuses(statuses.getOrDefault(info.getId(), List.of()));
        case DOWN -> result.addDownMachines(info.getId());
        case UP -> {}
      }
    }
    return result.build();
  }

  /// By machine, as the schedule names it. Every read asks: agents nobody answered for cost
  /// nothing.
  private Map<MachineID, List<InverseOfferStatus>> statuses() {
    var result = new LinkedHashMap<MachineID, List<InverseOfferStatus>>();
    if (machines.isEmpty()) {
      return result;
    }
    for (var agent : master.agents.registered()) {
      var answers = inverseOffers.statuses(agent.id());
      if (!answers.isEmpty()) {
        find(of(agent))
            .ifPresent(info ->
                result.computeIfAbsent(info.getId(), id -> new ArrayList<>()).addAll(answers));
      }
    }
    return result;
  }

  private static Machine of(Agent agent) {
    return of(agent.pid(), agent.info().getHostname());
  }

  private static Machine of(Upid pid, String hostname) {
    return Machine.of(MachineID.newBuilder().setHostname(hostname).setIp(pid.ip()).build());
  }

  /// Whether an agent on that machine must not be admitted. Names alone and addresses alone stand
  /// for the whole machine, too.
  public boolean isDown(Upid pid, String hostname) {
    return find(of(pid, hostname))
        .filter(info -> info.getMode() == MachineInfo.Mode.DOWN)
        .isPresent();
  }

  /// When the agent's machine will be away, if that is planned.
  public Optional<Unavailability> unavailability(Upid pid, String hostname) {
    return find(of(pid, hostname))
        .filter(MachineInfo::hasUnavailability)
        .map(MachineInfo::getUnavailability);
  }

  private Optional<MachineInfo> find(Machine machine) {
    return Optional.ofNullable(machines.get(machine))
        .or(() -> Optional.ofNullable(machines.get(new Machine(machine.hostname(), ""))))
        .or(() -> Optional.ofNullable(machines.get(new Machine("", machine.ip()))));
  }

  public void update(Schedule next, Answer answer) {
    try {
      MaintenanceRules.check(next, machines);
    } catch (Invalid e) {
      answer.give(400, e.reason());
      return;
    }
    var infos = new ArrayList<MachineInfo>();
    for (var window : next.getWindowsList()) {
      for (var id : window.getMachineIdsList()) {
        var known = machines.get(Machine.of(id));
        infos.add(
            MachineInfo.newBuilder()
                .setId(id)
                .setMode(known == null ? MachineInfo.Mode.DRAINING : known.getMode())
                .setUnavailability(window.getUnavailability())
                .build());
      }
    }
    write(next, infos, () -> answer.give(200, ""));
  }

  public void start(List<MachineID> ids, Answer answer) {
    if (!inMode(ids, MachineInfo.Mode.DRAINING, "cannot be brought down", answer)) {
      return;
    }
    var infos = new LinkedHashMap<>(machines);
    ids.forEach(id ->
        infos.computeIfPresent(
            Machine.of(id),
            (machine, info) -> info.toBuilder().setMode(MachineInfo.Mode.DOWN).build()));
    write(
        schedule,
        List.copyOf(infos.values()),
        () -> {
          for (var agent : List.copyOf(master.agents.registered())) {
            if (isDown(agent.pid(), agent.info().getHostname())) {
              shutdown.accept(agent, "Operator initiated 'Machine DOWN'");
            }
          }
          answer.give(200, "");
        });
  }

  private BiConsumer<Agent, String> shutdown = (agent, why) -> {};

  /// Who shuts agents down and removes them.
  public void onDown(BiConsumer<Agent, String> remover) {
    shutdown = remover;
  }

  public void stop(List<MachineID> ids, Answer answer) {
    if (!inMode(ids, MachineInfo.Mode.DOWN, "cannot be brought up", answer)) {
      return;
    }
    var up = new LinkedHashSet<Machine>();
    ids.forEach(id -> up.add(Machine.of(id)));
    var rest = new LinkedHashMap<>(machines);
    rest.keySet().removeAll(up);
    var next = Schedule.newBuilder();
    for (var window : schedule.getWindowsList()) {
      var left = window.toBuilder().clearMachineIds();
      for (var id : window.getMachineIdsList()) {
        if (!up.contains(Machine.of(id))) {
          left.addMachineIds(id);
        }
      }
      if (left.getMachineIdsCount() > 0) {
        next.addWindows(left);
      }
    }
    write(next.build(), List.copyOf(rest.values()), () -> answer.give(200, ""));
  }

  private boolean inMode(List<MachineID> ids, MachineInfo.Mode mode, String why, Answer answer) {
    try {
      MaintenanceRules.check(ids);
      for (var id : ids) {
        var known = machines.get(Machine.of(id));
        if (known == null) {
          throw new Invalid(Machine.text(id) + " is not part of a maintenance schedule");
        }
        if (known.getMode() != mode) {
          throw new Invalid(Machine.text(id) + " is not in " + mode + " mode and " + why);
        }
      }
      return true;
    } catch (Invalid e) {
      answer.give(400, e.reason());
      return false;
    }
  }

  private void write(Schedule next, List<MachineInfo> infos, Runnable done) {
    var before = new LinkedHashMap<String, MachineInfo>();
    machines.forEach((machine, info) -> before.put(machine.key(), info));
    var after = new LinkedHashMap<String, MachineInfo>();
    infos.forEach(info -> after.put(Machine.of(info.getId()).key(), info));
    var gone = new ArrayList<>(before.keySet());
    gone.removeAll(after.keySet());
    var changed = new LinkedHashMap<>(after);
    changed.entrySet().removeIf(entry -> entry.getValue().equals(before.get(entry.getKey())));
    master.registry.write(
        new RegistryOperation.SetMaintenance(next, changed, gone),
        () -> {
          schedule = next;
          machines.clear();
          infos.forEach(info -> machines.put(Machine.of(info.getId()), info));
          master.agents.registered().forEach(this::refresh);
          done.run();
        });
  }

  /// Tells frameworks of a change: offers without or with another unavailability are taken back.
  private void refresh(Agent agent) {
    var now = unavailability(agent.pid(), agent.info().getHostname());
    if (now.equals(agent.unavailability())) {
      return;
    }
    agent.setUnavailability(now.orElse(null));
    List.copyOf(agent.offers()).forEach(master.offers::rescind);
    inverseOffers.restart(agent);
  }

  /// The agent is new here, or back.
  public void joined(Agent agent) {
    agent.setUnavailability(unavailability(agent.pid(), agent.info().getHostname()).orElse(null));
  }
}
