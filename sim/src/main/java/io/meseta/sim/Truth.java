// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.container.ExitStatus;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.internal.StatusUpdate;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What really happened to every task, seen from outside the cluster; whatever anybody says is held
/// against it.
final class Truth {
  /// One task.
  static final class Task {
    final String id;
    final Framework framework;
    final String job;
    String host = "";
    boolean started;
    boolean alive;
    boolean killAsked;
    @Nullable ExitStatus end;

    /// Whether a master gave it up before it ran, because its agent was unreachable.
    boolean disowned;

    /// Whether its agent's memory of it may rightly be gone.
    boolean forgotten;

    /// The terminal state that its agent told its scheduler.
    @Nullable TaskState told;

    @Nullable ByteString lastUpdate;

    Task(String id, Framework framework, String job) {
      this.id = id;
      this.framework = framework;
      this.job = job;
    }
  }

  private final TreeMap<String, Task> tasks = new TreeMap<>();
  private final Set<ByteString> acknowledged = new HashSet<>();

  /// Hosts on which an operator may have ended everything since the last rest.
  private final Set<String> emptied = new HashSet<>();

  /// Agents that an operator wants gone.
  private final Set<String> unwanted = new HashSet<>();

  List<Task> tasks() {
    return List.copyOf(tasks.values());
  }

  static boolean isTerminal(StatusUpdate update) {
    return TaskStates.isTerminal(update.getStatus().getState());
  }

  private Task task(String id) {
    var task = tasks.get(id);
    if (task == null) {
      throw new Broken("task " + id + " was never wished for");
    }
    return task;
  }

  private static void check(boolean holds, Task task, String what) {
    Broken.unless(holds, "task " + task.id + " " + what);
  }

  /// A scheduler is about to ask for a task.
  void wished(String id, Framework framework, String job) {
    Broken.unless(tasks.put(id, new Task(id, framework, job)) == null, id + " is wished for twice");
  }

  /// A master counts it as unreachable.
  void disowned(String id) {
    var task = tasks.get(id);
    if (task != null && !task.started) {
      task.disowned = true;
    }
  }

  void killAsked(String id) {
    task(id).killAsked = true;
  }

  // Containers.

  void launched(String id, String host) {
    var task = task(id);
    check(task.host.isEmpty(), task, "is launched twice, on " + task.host + " and " + host);
    task.host = host;
  }

  void started(String id, int places) {
    var task = task(id);
    task.started = true;
    task.alive = true;
    var here =
        tasks.values().stream()
            .filter(t -> t.alive && !t.disowned && t.host.equals(task.host))
            .map(t -> t.id)
            .toList();
    Broken.unless(
        here.size() <= places, () -> task.host + " runs more than " + places + " tasks: " + here);
  }

  /// The agent crashed while the container was being prepared.
  void neverStarted(String id) {
    task(id).forgotten = true;
  }

  void ended(String id, ExitStatus status) {
    var task = task(id);
    task.alive = false;
    task.end = status;
  }

  void signalled(String id, String host) {
    var task = task(id);
    if (!task.framework.checkpoints() || task.disowned || emptied.contains(host)) {
      task.killAsked = true; // it may have been given up when its agent was disconnected
    }
    check(task.killAsked, task, "is killed on " + host + " although nobody asked for it");
  }

  /// A restarted agent does not know the container and kills it.
  void orphaned(String id, String host) {
    var task = task(id);
    check(
        !task.framework.checkpoints() || task.forgotten,
        task,
        "is lost on " + host + " by a restart of the agent although its framework checkpoints");
    task.forgotten = true;
    task.killAsked = true;
  }

  /// An operator may have had the host emptied: whatever was on its way to it may be killed, too.
  void drained(String host) {
    emptied.add(host);
  }

  /// An operator says that an agent will never be back, whether or not it lives.
  void unwanted(String agentId) {
    unwanted.add(agentId);
  }

  /// A master tells an agent to end all and itself.
  void shutDown(String host) {
    emptied.add(host);
    for (var task : tasks.values()) {
      if (task.host.equals(host)) {
        task.killAsked = true;
        task.forgotten = true;
      }
    }
  }

  void agentCrashed(String host) {
    for (var task : tasks.values()) {
      if (task.host.equals(host) && !task.framework.checkpoints()) {
        task.forgotten = true;
        task.lastUpdate = null;
      }
    }
  }

  // What is said.

  /// An agent sends an update, perhaps again.
  void reported(String host, StatusUpdate update) {
    var status = update.getStatus();
    var task = task(status.getTaskId().getValue());
    if (TaskStates.isTerminal(status.getState())) {
      checkEnd(task, status, host);
    }
    if (status.hasExecutorId() && !update.getUuid().equals(task.lastUpdate)) {
      check(
          task.lastUpdate == null || acknowledged.contains(task.lastUpdate),
          task,
          "is reported " + status.getState() + " although the update before is not acknowledged");
      task.lastUpdate = update.getUuid();
    }
  }

  private void checkEnd(Task task, TaskStatus status, String host) {
    var end = task.end;
    var said = "is reported " + status.getState() + " by " + host;
    check(!task.alive || !task.host.equals(host), task, said + " although it runs there");
    switch (status.getState()) {
      case TASK_FINISHED ->
          check(new ExitStatus.Exited(0).equals(end), task, said + " but its end was " + end);
      case TASK_FAILED ->
          check(
              !task.started || !new ExitStatus.Exited(0).equals(end) && !signalledByUs(task),
              task,
              said + " but its end was " + end);
      case TASK_KILLED ->
          check(
              task.killAsked || emptied.contains(host), task, said + " but nobody asked for that");
      case TASK_DROPPED, TASK_LOST, TASK_GONE ->
          check(
              !task.started || task.forgotten || !task.host.equals(host) || task.told != null,
              task,
              said + " but it ran there");
      default -> {}
    }
  }

  private static boolean signalledByUs(Task task) {
    return task.killAsked && task.end instanceof ExitStatus.Signalled;
  }

  /// A scheduler has seen an update and says so.
  void acknowledges(ByteString uuid) {
    acknowledged.add(uuid);
  }

  /// A scheduler hears of its task.
  void heard(TaskStatus status) {
    var task = tasks.get(status.getTaskId().getValue());
    if (task == null) {
      return; // long over, and told again
    }
    var state = status.getState();
    boolean terminal = TaskStates.isTerminal(state);
    boolean gone = state == TaskState.TASK_GONE_BY_OPERATOR;
    check(
        !gone || unwanted.contains(status.getAgentId().getValue()),
        task,
        "is said to be gone by an operator, but none said so");
    if (!status.hasUuid()) {
      check(
          !task.alive
              || !terminal
              || state == TaskState.TASK_LOST
              || gone
              || task.forgotten
              || task.disowned
              || !task.framework.checkpoints(),
          task,
          "is said to be " + state + " by the master although it runs on " + task.host);
      return;
    }
    if (terminal) {
      task.told = state;
    } else {
      check(task.told == null, task, "is " + state + " after it was " + task.told);
    }
  }

  /// Tasks that ended, of which an agent owes or owed the news, and whose scheduler has not heard.
  List<String> untold() {
    return tasks.values().stream()
        .filter(t -> t.started && !t.alive && !t.forgotten && t.told == null)
        .map(t -> t.id)
        .toList();
  }

  /// Forgets all that is over.
  void prune() {
    tasks.values().removeIf(task -> !task.alive);
    acknowledged.clear();
    emptied.clear();
    tasks.values().forEach(task -> task.lastUpdate = null);
  }
}
