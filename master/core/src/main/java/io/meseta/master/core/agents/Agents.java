// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.master.core.Master;
import io.meseta.master.core.TimerKey;
import io.meseta.master.core.registry.RegistryOperation;
import io.meseta.master.core.registry.RegistryRecords;
import io.meseta.master.core.view.AgentView;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.DrainInfo;
import io.meseta.wire.v1.UUID;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// Owns every agent in whatever state: registered, recovered (in the registry, not back yet),
/// unreachable, gone. An agent is in one of them only.
public final class Agents {
  private final Master master;
  private final Map<String, Agent> registered = new LinkedHashMap<>();
  private final Map<Upid, Agent> byPid = new LinkedHashMap<>();
  private final Map<String, AgentInfo> recovered = new LinkedHashMap<>();
  private final Map<String, Instant> unreachable = new LinkedHashMap<>();
  private final Map<String, Instant> gone = new LinkedHashMap<>();
  private final Set<String> deactivated = new LinkedHashSet<>();
  private final Map<String, DrainInfo> drains = new LinkedHashMap<>();

  /// The id that each life of an agent was given, by the resource version that it has for life; the
  /// oldest are forgotten first.
  private final SequencedMap<UUID, String> admitted = new LinkedHashMap<>();

  /// Agents whose removal after recovery, or whose ban, is being written.
  final Set<String> removing = new LinkedHashSet<>();

  /// Agents whose re-registration is being written.
  final Set<String> reregistering = new LinkedHashSet<>();

  /// How many agents were in the registry when this master was elected.
  private int expected;

  private int nextId;
  private int nextObserver;

  public Agents(Master master) {
    this.master = master;
  }

  /// Takes over what the registry says; agents have a while to come back.
  public void recover(RegistryRecords records) {
    records.agents().forEach((id, slave) -> recovered.put(id, slave.getInfo()));
    deactivated.addAll(records.deactivated());
    drains.putAll(records.drains());
    expected = recovered.size();
    // The longest away are forgotten first.
    records.unreachable().entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(entry -> unreachable.put(entry.getKey(), entry.getValue()));
    records.gone().entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(entry -> gone.put(entry.getKey(), entry.getValue()));
    if (!recovered.isEmpty()) {
      master.out.setTimer(new TimerKey.RecoveryTimeout(), master.config.agentReregisterTimeout());
    }
  }

  public Optional<Agent> get(String id) {
    return Optional.ofNullable(registered.get(id));
  }

  public Optional<Agent> get(Upid pid) {
    return Optional.ofNullable(byPid.get(pid));
  }

  public Collection<Agent> registered() {
    return Collections.unmodifiableCollection(registered.values());
  }

  public boolean isRecovered(String id) {
    return recovered.containsKey(id);
  }

  public boolean anyRecovered() {
    return !recovered.isEmpty();
  }

  public Collection<AgentInfo> recovered() {
    return Collections.unmodifiableCollection(recovered.values());
  }

  /// Which part of the agents that were expected after the failover is not back, from 0 to 1.
  double missing() {
    return expected == 0 ? 0 : (double) recovered.size() / expected;
  }

  Optional<AgentInfo> recovered(String id) {
    return Optional.ofNullable(recovered.get(id));
  }

  public Optional<Instant> unreachableSince(String id) {
    return Optional.ofNullable(unreachable.get(id));
  }

  public Map<String, Instant> unreachable() {
    return Collections.unmodifiableMap(unreachable);
  }

  public boolean isGone(String id) {
    return gone.containsKey(id);
  }

  public boolean isDeactivated(String id) {
    return deactivated.contains(id);
  }

  public List<AgentView> views() {
    var result = new ArrayList<AgentView>(registered.size());
    registered.values().forEach(agent -> result.add(agent.view()));
    return Collections.unmodifiableList(result);
  }

  String newId() {
    return master.info.getId() + "-S" + nextId++;
  }

  String newObserver() {
    return "slave-observer(" + ++nextObserver + ")";
  }

  void admitted(UUID life, String id) {
    admitted.put(life, id);
    if (admitted.size() > master.config.registryMaxAgentCount()) {
      admitted.pollFirstEntry();
    }
  }

  Optional<String> admittedAs(UUID life) {
    return Optional.ofNullable(admitted.get(life));
  }

  /// A new agent, or one that is back.
  void add(Agent agent) {
    recovered.remove(agent.id());
    unreachable.remove(agent.id());
    agent.deactivated = deactivated.contains(agent.id());
    agent.drain = drains.get(agent.id());
    master.machines.joined(agent);
    registered.put(agent.id(), agent);
    byPid.put(agent.pid(), agent);
  }

  void moved(Agent agent, Upid before) {
    byPid.remove(before, agent);
    byPid.put(agent.pid(), agent);
  }

  void removed(Agent agent) {
    registered.remove(agent.id());
    byPid.remove(agent.pid(), agent);
  }

  void becameUnreachable(String id, Instant when) {
    recovered.remove(id);
    unreachable.put(id, when);
  }

  void becameGone(String id, Instant when) {
    recovered.remove(id);
    unreachable.remove(id);
    forgotten(id);
    gone.put(id, when);
  }

  /// Whether an agent with this id is there, or may come back.
  boolean exists(String id) {
    return registered.containsKey(id) || recovered.containsKey(id) || unreachable.containsKey(id);
  }

  Optional<DrainInfo> drain(String id) {
    return Optional.ofNullable(drains.get(id));
  }

  /// Agents that are draining or drained.
  Set<String> drains() {
    return Collections.unmodifiableSet(drains.keySet());
  }

  void setDeactivated(String id) {
    deactivated.add(id);
    get(id)
        .ifPresent(agent -> {
          agent.deactivated = true;
          agent.touch();
        });
  }

  void setDrain(String id, DrainInfo drain) {
    drains.put(id, drain);
    get(id)
        .ifPresent(agent -> {
          agent.drain = drain;
          agent.touch();
        });
  }

  /// Nothing that operators decided of the agent holds any more.
  void forgotten(String id) {
    deactivated.remove(id);
    drains.remove(id);
    get(id)
        .ifPresent(agent -> {
          agent.deactivated = false;
          agent.drain = null;
          agent.drainStarted = null;
          agent.touch();
        });
  }

  /// Forgets agents that have been unreachable or gone for too long, or are too many, oldest first.
  public void collectGarbage() {
    master.out.setTimer(new TimerKey.RegistryGc(), master.config.registryGcInterval());
    for (var id : expired(unreachable)) {
      if (!reregistering.contains(id)) { // else it is about to leave the list by itself
        master.registry.write(
            new RegistryOperation.Prune(id),
            () -> {
              unreachable.remove(id);
              forgotten(id);
              master.frameworks.all().forEach(framework -> framework.forgetUnreachable(id));
              master.out.note("forgot unreachable agent " + id);
            });
      }
    }
    for (var id : expired(gone)) {
      master.registry.write(
          new RegistryOperation.PruneGone(id),
          () -> {
            gone.remove(id);
            master.out.note("forgot agent " + id + ", which is gone");
          });
    }
  }

  private List<String> expired(Map<String, Instant> since) {
    var oldest = master.now().minus(master.config.registryMaxAgentAge());
    var result = new ArrayList<String>();
    int excess = since.size() - master.config.registryMaxAgentCount();
    for (var entry : since.entrySet()) {
      if (excess-- > 0 || entry.getValue().isBefore(oldest)) {
        result.add(entry.getKey());
      }
    }
    return result;
  }
}
