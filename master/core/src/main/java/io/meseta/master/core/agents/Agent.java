// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.agents;

import io.meseta.allocator.AgentSpec;
import io.meseta.master.core.offers.Offer;
import io.meseta.master.core.tasks.LaunchedExecutor;
import io.meseta.master.core.tasks.LaunchedTask;
import io.meseta.master.core.view.AgentView;
import io.meseta.model.Invalid;
import io.meseta.model.operations.Conversion;
import io.meseta.model.resources.Resources;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.ResourceVersionUUID;
import io.meseta.wire.v1.Address;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.AgentInfo.Capability;
import io.meseta.wire.v1.DomainInfo;
import io.meseta.wire.v1.DrainInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Offer.Builder;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.URL;
import io.meseta.wire.v1.UUID;
import io.meseta.wire.v1.Unavailability;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One registered agent. Changed by [Agents] and the owners of tasks and offers.
public final class Agent {
  private final String id;
  private AgentInfo info;
  private Upid pid;
  private String version;
  private List<Capability> capabilityList;
  private Set<Capability.Type> capabilities;
  private List<ResourceVersionUUID> resourceVersions = List.of();
  private Resources total;

  /// Of operations that the agent did not do, newest first, not possible yet.
  private final Deque<Conversion> undos = new ArrayDeque<>();

  private io.meseta.wire.v1.@Nullable Offer offerTemplate;

  final Instant registeredTime;
  @Nullable Instant reregisteredTime;

  /// Whether our connection to it stands and it has registered over it.
  boolean connected = true;

  /// Kept from offers by an operator.
  boolean deactivated;

  /// Set while an operator has it drained, and afterwards until it is reactivated.
  @Nullable DrainInfo drain;

  /// When this master last told it to drain.
  @Nullable Instant drainStarted;

  /// Whether its operations are known: providers of resources tell theirs only after the agent has
  /// registered.
  boolean complete = true;

  /// Its removal is being written; nothing it says counts any more.
  boolean removing;

  /// The id of our process that pings it.
  final String observer;

  int missedPings;
  boolean pinged;

  private final Map<String, Map<String, LaunchedTask>> tasks = new LinkedHashMap<>();
  private final Map<String, Map<String, LaunchedExecutor>> executors = new LinkedHashMap<>();
  private @Nullable Unavailability unavailability;
  private final Set<Offer> offers = new LinkedHashSet<>();

  /// Kills that it may have missed, by framework and task.
  private final Set<List<String>> kills = new LinkedHashSet<>();

  private @Nullable AgentView view;

  Agent(
      AgentInfo info,
      Upid pid,
      String version,
      List<Capability> capabilities,
      Resources total,
      String observer,
      Instant now) {
    this.id = info.getId().getValue();
    this.info = info;
    this.pid = pid;
    this.version = version;
    this.capabilityList = capabilities;
    this.capabilities = types(capabilities);
    this.total = total;
    this.observer = observer;
    this.registeredTime = now;
  }

  private static Set<Capability.Type> types(List<Capability> capabilities) {
    var result = EnumSet.noneOf(Capability.Type.class);
    capabilities.forEach(capability -> result.add(capability.getType()));
    return result;
  }

  void update(
      AgentInfo nextInfo,
      Upid nextPid,
      String nextVersion,
      List<Capability> nextCapabilities,
      Resources nextTotal) {
    info = nextInfo;
    pid = nextPid;
    version = nextVersion;
    capabilityList = nextCapabilities;
    capabilities = types(nextCapabilities);
    total = nextTotal;
    offerTemplate = null;
    touch();
  }

  /// Operations or oversubscription changed what it has.
  public void setTotal(Resources next) {
    total = next;
    touch();
  }

  /// Takes back what the agent did not do. Of operations that built on one another the first may be
  /// told first: it waits for those that took away what it had made.
  public void undo(Conversion inverse) {
    touch();
    if (!takeBack(inverse)) {
      undos.addFirst(inverse);
      return;
    }
    while (undos.removeIf(this::takeBack)) {
      continue;
    }
  }

  /// It came back with what it has.
  void nothingToUndo() {
    undos.clear();
  }

  private boolean takeBack(Conversion inverse) {
    try {
      total = inverse.apply(total);
      return true;
    } catch (Invalid e) {
      return false;
    }
  }

  /// By framework, what its tasks and executors hold.
  public Map<String, Resources> used() {
    var result = new LinkedHashMap<String, Resources>();
    for (var task : tasks()) {
      if (task.active()) {
        result.merge(task.frameworkId(), task.resources(), Resources::plus);
      }
    }
    for (var executor : executors()) {
      result.merge(executor.frameworkId(), executor.resources(), Resources::plus);
    }
    return result;
  }

  /// When its machine will be away, if that is planned.
  public Optional<Unavailability> unavailability() {
    return Optional.ofNullable(unavailability);
  }

  public void setUnavailability(@Nullable Unavailability next) {
    unavailability = next;
    offerTemplate = null;
  }

  /// When it registered, or was last back.
  public Instant registeredOrBack() {
    return reregisteredTime == null ? registeredTime : reregisteredTime;
  }

  public boolean removing() {
    return removing;
  }

  void setResourceVersion(UUID uuid) {
    resourceVersions = List.of(ResourceVersionUUID.newBuilder().setUuid(uuid).build());
  }

  /// @param home where the master is
  public AgentSpec spec(DomainInfo home) {
    return new AgentSpec(total, capabilities, remoteRegion(home), info);
  }

  /// The region that it is in when that is another than the master's.
  private @Nullable String remoteRegion(DomainInfo home) {
    var region = info.getDomain().getFaultDomain().getRegion().getName();
    return home.hasFaultDomain()
            && info.getDomain().hasFaultDomain()
            && !region.equals(home.getFaultDomain().getRegion().getName())
        ? region
        : null;
  }

  /// Its view must be made anew.
  public void touch() {
    view = null;
  }

  public String id() {
    return id;
  }

  public AgentInfo info() {
    return info;
  }

  public Upid pid() {
    return pid;
  }

  public Resources total() {
    return total;
  }

  public boolean connected() {
    return connected;
  }

  /// Whether its resources are offered.
  public boolean active() {
    return connected && !deactivated && !removing;
  }

  public boolean has(Capability.Type capability) {
    return capabilities.contains(capability);
  }

  public List<ResourceVersionUUID> resourceVersions() {
    return resourceVersions;
  }

  /// What all offers of this agent have in common; ids are placeholders.
  public io.meseta.wire.v1.Offer offerTemplate() {
    if (offerTemplate == null) {
      Builder template =
          io.meseta.wire.v1.Offer.newBuilder()
              .setId(OfferID.newBuilder().setValue(""))
              .setFrameworkId(FrameworkID.newBuilder().setValue(""))
              .setAgentId(info.getId())
              .setHostname(info.getHostname())
              .setUrl(
                  URL.newBuilder()
                      .setScheme("http")
                      .setAddress(
                          Address.newBuilder()
                              .setHostname(info.getHostname())
                              .setIp(pid.ip())
                              .setPort(pid.port()))
                      .setPath("/" + pid.id()))
              .addAllAttributes(info.getAttributesList());
      if (info.hasDomain()) {
        template.setDomain(info.getDomain());
      }
      if (unavailability != null) {
        template.setUnavailability(unavailability);
      }
      offerTemplate = template.build();
    }
    return offerTemplate;
  }

  public Set<Offer> offers() {
    return Collections.unmodifiableSet(offers);
  }

  public Optional<LaunchedTask> task(String frameworkId, String taskId) {
    return Optional.ofNullable(tasks.getOrDefault(frameworkId, Map.of()).get(taskId));
  }

  public List<LaunchedTask> tasks() {
    var result = new ArrayList<LaunchedTask>();
    tasks.values().forEach(map -> result.addAll(map.values()));
    return result;
  }

  public Optional<LaunchedExecutor> executor(String frameworkId, String executorId) {
    return Optional.ofNullable(executors.getOrDefault(frameworkId, Map.of()).get(executorId));
  }

  public List<LaunchedExecutor> executors() {
    var result = new ArrayList<LaunchedExecutor>();
    executors.values().forEach(map -> result.addAll(map.values()));
    return result;
  }

  public void add(Offer offer) {
    offers.add(offer);
    touch();
  }

  public void remove(Offer offer) {
    offers.remove(offer);
    touch();
  }

  public void add(LaunchedTask task) {
    tasks.computeIfAbsent(task.frameworkId(), f -> new LinkedHashMap<>()).put(task.id(), task);
    touch();
  }

  public void remove(LaunchedTask task) {
    removeFrom(tasks, task.frameworkId(), task.id());
    kills.remove(List.of(task.frameworkId(), task.id()));
    touch();
  }

  public void add(LaunchedExecutor executor) {
    executors
        .computeIfAbsent(executor.frameworkId(), f -> new LinkedHashMap<>())
        .put(executor.id(), executor);
    touch();
  }

  public void remove(LaunchedExecutor executor) {
    removeFrom(executors, executor.frameworkId(), executor.id());
    touch();
  }

  private static <V> void removeFrom(
      Map<String, Map<String, V>> maps, String frameworkId, String id) {
    var map = maps.get(frameworkId);
    if (map != null) {
      map.remove(id);
      if (map.isEmpty()) {
        maps.remove(frameworkId);
      }
    }
  }

  /// The kill is repeated when the agent comes back with the task still running.
  public void rememberKill(LaunchedTask task) {
    kills.add(List.of(task.frameworkId(), task.id()));
  }

  boolean wasKilled(String frameworkId, String taskId) {
    return kills.contains(List.of(frameworkId, taskId));
  }

  /// As in messages: id, address, name.
  @Override
  public String toString() {
    return id + " at " + pid + " (" + info.getHostname() + ")";
  }

  /// Built when it is asked for and kept until something changes.
  public AgentView view() {
    if (view == null) {
      var used = new LinkedHashMap<String, List<Resources>>();
      for (var task : tasks()) {
        if (task.active()) {
          used.computeIfAbsent(task.frameworkId(), f -> new ArrayList<>()).add(task.resources());
        }
      }
      for (var executor : executors()) {
        used.computeIfAbsent(executor.frameworkId(), f -> new ArrayList<>())
            .add(executor.resources());
      }
      view =
          new AgentView(
              info,
              pid,
              version,
              capabilityList,
              registeredTime,
              Optional.ofNullable(reregisteredTime),
              total,
              used,
              offers.stream().map(Offer::resources).toList(),
              active(),
              connected,
              deactivated,
              Optional.ofNullable(drain),
              Optional.ofNullable(drainStarted),
              AgentView.EVERYTHING);
    }
    return view;
  }
}
