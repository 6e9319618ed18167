// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core.frameworks;

import io.meseta.allocator.FrameworkSpec;
import io.meseta.master.core.Counters;
import io.meseta.master.core.offers.Offer;
import io.meseta.master.core.tasks.LaunchedExecutor;
import io.meseta.master.core.tasks.LaunchedTask;
import io.meseta.master.core.view.FrameworkView;
import io.meseta.model.Invalid;
import io.meseta.model.resources.Quantities;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.FrameworkInfo.Capability;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// One framework, connected or not. Changed only by [Frameworks], the tasks' and the offers'
/// owners.
public final class Framework {
  private final String id;
  private FrameworkInfo info;
  private Set<String> roles;
  private Set<Capability.Type> capabilities;
  private OfferConstraints constraints = OfferConstraints.getDefaultInstance();
  private Map<String, Predicate<AgentInfo>> filters = Map.of();

  /// Of its HTTP scheduler, while that is connected.
  @Nullable String streamId;

  /// Of its driver, also after that went away, and whether it is connected.
  @Nullable Upid pid;

  boolean linked;
  boolean active;

  /// Known from agents or a scheduler's own word after a master failover, not yet subscribed here.
  boolean recovered;

  final Instant registeredTime;
  Instant reregisteredTime;
  @Nullable Instant disconnectedTime;

  private final Map<String, LaunchedTask> tasks = new LinkedHashMap<>();

  /// Tasks whose id one of `tasks` on another agent has, too: after a failover an id may be used
  /// again before the agent is back that still runs the first one.
  private final List<LaunchedTask> namesakes = new ArrayList<>();

  /// Agents may be lost with tasks of the same id, too.
  private record Place(String taskId, String agentId) {
    static Place of(Task task) {
      return new Place(task.getTaskId().getValue(), task.getAgentId().getValue());
    }
  }

  private final Map<Place, Task> unreachableTasks = new LinkedHashMap<>();

  /// How many of them have this id.
  private final Map<String, Integer> unreachableIds = new HashMap<>();

  private final ArrayDeque<Task> completedTasks = new ArrayDeque<>();

  /// How many of them have this id, which may have been used again: a failover asks of every task.
  private final Map<String, Integer> completedIds = new HashMap<>();

  private final Map<String, Map<String, LaunchedExecutor>> executors = new LinkedHashMap<>();
  private final Set<Offer> offers = new LinkedHashSet<>();
  private @Nullable FrameworkView view;

  /// By the original's names below `master/frameworks/NAME/ID/`.
  public final Counters counts = new Counters();

  Framework(FrameworkInfo info, Instant now) {
    this.id = info.getId().getValue();
    this.info = info;
    this.roles = FrameworkRules.roles(info);
    this.capabilities = capabilities(info);
    this.registeredTime = now;
    this.reregisteredTime = now;
  }

  private static Set<Capability.Type> capabilities(FrameworkInfo info) {
    var result = EnumSet.noneOf(Capability.Type.class);
    info.getCapabilitiesList().forEach(capability -> result.add(capability.getType()));
    return result;
  }

  void update(FrameworkInfo next, OfferConstraints nextConstraints) {
    info = next;
    roles = FrameworkRules.roles(next);
    capabilities = capabilities(next);
    if (!nextConstraints.equals(constraints)) {
      constraints = nextConstraints;
      filters = filters(nextConstraints);
    }
    touch();
  }

  private static Map<String, Predicate<AgentInfo>> filters(OfferConstraints constraints) {
    try {
      return ConstraintFilter.of(constraints, Integer.MAX_VALUE);
    } catch (Invalid e) {
      throw new IllegalStateException("constraints that were checked: " + e.reason(), e);
    }
  }

  /// What the allocator must know, with these roles suppressed.
  FrameworkSpec spec(Collection<String> suppressed) {
    var minimum = new LinkedHashMap<String, List<Quantities>>();
    info.getOfferFiltersMap()
        .forEach((role, filters) -> {
          if (filters.hasMinAllocatableResources()) {
            minimum.put(role, FrameworkRules.quantities(filters));
          }
        });
    return new FrameworkSpec(
        roles, new LinkedHashSet<>(suppressed), capabilities, minimum, filters);
  }

  /// Its view must be made anew.
  public void touch() {
    view = null;
  }

  public String id() {
    return id;
  }

  public FrameworkInfo info() {
    return info;
  }

  public Set<String> roles() {
    return roles;
  }

  public boolean has(Capability.Type capability) {
    return capabilities.contains(capability);
  }

  public boolean partitionAware() {
    return has(Capability.Type.PARTITION_AWARE);
  }

  public boolean connected() {
    return streamId != null || linked;
  }

  public boolean active() {
    return active;
  }

  public boolean recovered() {
    return recovered;
  }

  public Optional<String> streamId() {
    return Optional.ofNullable(streamId);
  }

  /// The address of its driver; nobody's for HTTP schedulers.
  public Upid pid() {
    return pid == null ? Upid.NONE : pid;
  }

  OfferConstraints constraints() {
    return constraints;
  }

  /// Its tasks on all agents, as they are now.
  public List<LaunchedTask> tasks() {
    var result = new ArrayList<>(tasks.values());
    result.addAll(namesakes);
    return result;
  }

  public Optional<LaunchedTask> task(String taskId) {
    return Optional.ofNullable(tasks.get(taskId));
  }

  /// The task of that id that is meant: on the agent, if one is there.
  public Optional<LaunchedTask> task(String taskId, String agentId) {
    for (var other : namesakes) {
      if (other.id().equals(taskId) && other.agentId().equals(agentId)) {
        return Optional.of(other);
      }
    }
    return task(taskId);
  }

  public boolean hasUnreachableTask(String taskId) {
    return unreachableIds.containsKey(taskId);
  }

  public Set<Offer> offers() {
    return Collections.unmodifiableSet(offers);
  }

  /// Its executors on the agent.
  public Map<String, LaunchedExecutor> executors(String agentId) {
    return Collections.unmodifiableMap(executors.getOrDefault(agentId, Map.of()));
  }

  /// All executors, agent by agent.
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
    if (tasks.putIfAbsent(task.id(), task) != null) {
      namesakes.add(task);
    }
    touch();
  }

  private void take(LaunchedTask task) {
    if (!tasks.remove(task.id(), task)) {
      namesakes.remove(task);
      return;
    }
    for (var other : namesakes) {
      if (other.id().equals(task.id())) {
        tasks.put(other.id(), other);
        namesakes.remove(other);
        return;
      }
    }
  }

  /// Takes a task out of the running ones, and remembers it if there is room for.
  public void complete(LaunchedTask task, int limit) {
    take(task);
    addCompleted(task.task(), limit);
    touch();
  }

  private void addCompleted(Task task, int limit) {
    completedTasks.add(task);
    completedIds.merge(task.getTaskId().getValue(), 1, Integer::sum);
    while (completedTasks.size() > limit) {
      var oldest = completedTasks.remove();
      completedIds.computeIfPresent(
          oldest.getTaskId().getValue(), (id, count) -> count == 1 ? null : count - 1);
    }
  }

  public void markUnreachable(LaunchedTask task, int limit) {
    take(task);
    if (unreachableTasks.put(Place.of(task.task()), task.task()) == null) {
      unreachableIds.merge(task.id(), 1, Integer::sum);
    }
    while (unreachableTasks.size() > limit) {
      removeUnreachable(unreachableTasks.keySet().iterator().next());
    }
    touch();
  }

  private boolean removeUnreachable(Place place) {
    boolean removed = unreachableTasks.remove(place) != null;
    if (removed) {
      unreachableIds.computeIfPresent(place.taskId(), (id, count) -> count == 1 ? null : count - 1);
    }
    return removed;
  }

  /// Ends the unreachable tasks that are meant: each is completed as `end` says.
  public void completeUnreachable(Predicate<Task> which, UnaryOperator<Task> end, int limit) {
    for (var task : List.copyOf(unreachableTasks.values())) {
      if (which.test(task) && removeUnreachable(Place.of(task))) {
        addCompleted(end.apply(task), limit);
        touch();
      }
    }
  }

  /// Adds a task that ended in another master's time.
  public void remember(Task task, int limit) {
    addCompleted(task, limit);
    touch();
  }

  public int completedCount() {
    return completedTasks.size();
  }

  /// Whether a task with this id runs, is unreachable or over.
  public boolean knows(String taskId) {
    return tasks.containsKey(taskId) || hasUnreachableTask(taskId) || isCompleted(taskId);
  }

  /// Whether the task is over, as far as is remembered.
  public boolean isCompleted(String taskId) {
    return completedIds.containsKey(taskId);
  }

  /// The task is back on its agent: it is neither unreachable nor completed.
  public void forgetPast(String taskId, String agentId) {
    removeUnreachable(new Place(taskId, agentId));
    if (completedIds.remove(taskId) != null) {
      completedTasks.removeIf(task -> task.getTaskId().getValue().equals(taskId));
    }
    touch();
  }

  /// The agent is back: what it did not bring is no longer unreachable.
  public void forgetUnreachable(String agentId) {
    for (var place : List.copyOf(unreachableTasks.keySet())) {
      if (place.agentId().equals(agentId) && removeUnreachable(place)) {
        touch();
      }
    }
  }

  public void add(LaunchedExecutor executor) {
    executors
        .computeIfAbsent(executor.agentId(), a -> new LinkedHashMap<>())
        .put(executor.id(), executor);
    touch();
  }

  public void remove(LaunchedExecutor executor) {
    var onAgent = executors.get(executor.agentId());
    if (onAgent != null) {
      onAgent.remove(executor.id());
      if (onAgent.isEmpty()) {
        executors.remove(executor.agentId());
      }
    }
    touch();
  }

  /// Built when it is asked for and kept until something changes.
  public FrameworkView view(Set<String> suppressed) {
    if (view == null) {
      view =
          new FrameworkView(
              info,
              roles,
              active,
              connected(),
              recovered,
              registeredTime,
              reregisteredTime,
              Optional.empty(),
              tasks().stream().map(LaunchedTask::task).toList(),
              List.copyOf(unreachableTasks.values()),
              List.copyOf(completedTasks),
              executors(),
              offers.stream().map(Offer::wire).toList(),
              constraints,
              Set.copyOf(suppressed),
              Optional.ofNullable(pid),
              counts);
    }
    return view;
  }

  /// How it stays in memory after its end.
  FrameworkView completedView(Instant when) {
    active = false;
    streamId = null;
    linked = false;
    touch();
    return view(Set.of()).ended(when);
  }
}
