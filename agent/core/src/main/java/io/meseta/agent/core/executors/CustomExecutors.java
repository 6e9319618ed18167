// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.Agent;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.TimerKey;
import io.meseta.agent.core.container.ContainerEvent;
import io.meseta.agent.core.container.ContainerSpec;
import io.meseta.agent.core.container.ExitStatus;
import io.meseta.agent.core.container.Signal;
import io.meseta.agent.core.frameworks.Framework;
import io.meseta.agent.core.frameworks.Frameworks;
import io.meseta.agent.core.operations.Volumes;
import io.meseta.agent.core.recovery.Write;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.tasks.TaskStates;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.FrameworkToExecutorMessage;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.KillPolicy;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.executor.Call;
import io.meseta.wire.v1.executor.Event;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Executors that frameworks bring: starts them, hands them their tasks when they subscribe, passes
/// their updates on.
///
/// Tasks of such an executor have no containers that this agent knows of; when the executor ends,
/// so have they. Original: Slave::subscribe, Slave::statusUpdate, Slave::executorTerminated.
public final class CustomExecutors {
  static final Duration HEARTBEAT = Duration.ofMinutes(30);

  private final Agent agent;
  private final Frameworks frameworks;
  private final Executors executors;
  private final Updates updates;
  private final Volumes volumes;

  /// Hears of every executor that has subscribed or ended, for the recovery.
  private final Consumer<String> settled;

  public CustomExecutors(
      Agent agent,
      Frameworks frameworks,
      Executors executors,
      Updates updates,
      Volumes volumes,
      Consumer<String> settled) {
    this.agent = agent;
    this.frameworks = frameworks;
    this.executors = executors;
    this.updates = updates;
    this.volumes = volumes;
    this.settled = settled;
  }

  /// A new executor: its container is started, its tasks wait for it.
  void launch(Framework framework, Executor executor) {
    var resources = ResourceWire.decodeTrusted(executor.info.getResourcesList());
    double cpus = resources.cpus();
    double mem = resources.mem();
    for (var task : executor.tasks()) {
      var more = ResourceWire.decodeTrusted(task.info.getResourcesList());
      cpus += more.cpus();
      mem += more.mem();
    }
    var command = executor.info.getCommand();
    agent.out.add(
        new Effect.Launch(
            new ContainerSpec(
                executor.containerId,
                executor.sandbox,
                command.hasUser() ? command.getUser() : framework.info.getUser(),
                command,
                TaskEnvironment.of(agent, framework, executor),
                volumes(executor),
                cpus,
                Math.round(mem * (1 << 20))),
            agent.layout.latestSandbox(agent.id(), framework.id(), executor.id())));
    agent.out.setTimer(
        new TimerKey.ExecutorTimeout(executor.containerId),
        agent.config.executorRegistrationTimeout());
  }

  /// Those of the executor and of the tasks that it is started for.
  private List<ContainerSpec.Volume> volumes(Executor executor) {
    var result = new LinkedHashSet<>(volumes.of(executor.info.getResourcesList()));
    for (var task : executor.tasks()) {
      result.addAll(volumes.of(task.info.getResourcesList()));
    }
    return List.copyOf(result);
  }

  /// Gives a subscribed executor what waits for it.
  void deliver(Executor executor) {
    var custom = executor.custom();
    if (custom.phase != Custom.Phase.RUNNING || custom.stream == 0) {
      return;
    }
    for (var task : executor.tasks()) {
      if (task.phase == TaskRun.Phase.QUEUED) {
        task.phase = TaskRun.Phase.RUNNING;
        custom.everSent = true;
        send(
            executor,
            Event.newBuilder()
                .setType(Event.Type.LAUNCH)
                .setLaunch(Event.Launch.newBuilder().setTask(task.info)));
      }
    }
  }

  private void send(Executor executor, Event.Builder event) {
    if (executor.custom().stream != 0) {
      agent.out.add(new Effect.SendExecutor(executor.custom().stream, event.build()));
    }
  }

  /// A call on the executor's API.
  ///
  /// @param token names the request, and the stream when it subscribes
  public void on(long token, Call call) {
    if (call.getType() == Call.Type.HEARTBEAT) {
      answer(token, 202, "");
      return;
    }
    if (call.getType() != Call.Type.SUBSCRIBE && agent.phase == Agent.Phase.RECOVERING) {
      answer(token, 503, "Agent has not finished recovery");
      return;
    }
    var framework = frameworks.find(call.getFrameworkId().getValue());
    if (framework.isEmpty()) {
      answer(token, 400, "Framework cannot be found");
      return;
    }
    var executor = framework.get().executors.get(call.getExecutorId().getValue());
    if (executor == null || executor.custom == null) {
      answer(token, 400, "Executor cannot be found");
      return;
    }
    if (call.getType() != Call.Type.SUBSCRIBE
        && executor.custom().phase == Custom.Phase.REGISTERING) {
      answer(token, 403, "Executor is not subscribed");
      return;
    }
    switch (call.getType()) {
      case SUBSCRIBE -> {
        answer(token, 200, "");
        subscribe(token, framework.get(), executor, call.getSubscribe());
      }
      case UPDATE -> {
        answer(token, 202, "");
        update(framework.get(), executor, call.getUpdate().getStatus());
      }
      case MESSAGE -> {
        answer(token, 202, "");
        message(framework.get(), executor, call.getMessage().getData());
      }
      case HEARTBEAT, UNKNOWN -> answer(token, 501, "This agent does not have that call");
    }
  }

  private void answer(long token, int status, String text) {
    agent.out.add(new Effect.AnswerExecutor(token, status, text));
  }

  private void subscribe(
      long stream, Framework framework, Executor executor, Call.Subscribe subscribe) {
    var custom = executor.custom();
    if (custom.phase == Custom.Phase.TERMINATING
        || custom.over
        || framework.terminating
        || agent.phase == Agent.Phase.TERMINATING) {
      agent.out.add(
          new Effect.SendExecutor(stream, Event.newBuilder().setType(Event.Type.SHUTDOWN).build()));
      agent.out.add(new Effect.CloseExecutor(stream));
      return;
    }
    if (custom.stream != 0) {
      agent.out.add(new Effect.CloseExecutor(custom.stream));
    }
    custom.stream = stream;
    custom.phase = Custom.Phase.RUNNING;
    agent.out.cancelTimer(new TimerKey.ExecutorTimeout(executor.containerId));
    agent.out.setTimer(new TimerKey.ExecutorHeartbeat(executor.containerId), HEARTBEAT);
    if (framework.checkpoints()) {
      var run =
          agent.layout.metaRun(agent.id(), framework.id(), executor.id(), executor.containerId);
      agent.out.persist(new Write.Put(run + "/http.marker", ByteString.EMPTY, false));
    }
    send(
        executor,
        Event.newBuilder()
            .setType(Event.Type.SUBSCRIBED)
            .setSubscribed(
                Event.Subscribed.newBuilder()
                    .setExecutorInfo(executor.info)
                    .setFrameworkInfo(framework.info)
                    .setAgentInfo(agent.info)
                    .setContainerId(Updates.containerId(executor.containerId))));
    for (var owed : subscribe.getUnacknowledgedUpdatesList()) {
      // An UPDATE with a state that executors cannot know was refused, too.
      var state = owed.getStatus().getState();
      if (state == TaskState.TASK_STAGING || TaskStates.isMastersOnly(state)) {
        agent.count("slave/invalid_status_updates");
      } else {
        update(framework, executor, owed.getStatus());
      }
    }
    var kept = new LinkedHashSet<String>();
    subscribe.getUnacknowledgedTasksList().forEach(task -> kept.add(task.getTaskId().getValue()));
    for (var task : List.copyOf(executor.tasks.values())) {
      if (task.phase == TaskRun.Phase.RUNNING
          && task.state() == TaskState.TASK_STAGING
          && !kept.contains(task.id())) {
        updates.report(
            framework,
            executor,
            task,
            updates
                .agentStatus(
                    executor,
                    task,
                    TaskStates.forFramework(
                        TaskState.TASK_DROPPED,
                        framework.can(FrameworkInfo.Capability.Type.PARTITION_AWARE)),
                    TaskStatus.Reason.REASON_AGENT_RESTARTED,
                    "Task launched during agent restart")
                .build());
      }
    }
    if (!custom.everSent
        && executor.tasks.values().stream().noneMatch(t -> t.phase == TaskRun.Phase.QUEUED)) {
      shutdown(framework, executor); // all its tasks were killed before it came up
      settled.accept(executor.containerId);
      return;
    }
    deliver(executor);
    settled.accept(executor.containerId);
  }

  /// The executor's stream is gone; it may come back with another.
  public void gone(long stream) {
    for (var framework : frameworks.all()) {
      for (var executor : framework.executors.values()) {
        if (executor.custom != null && executor.custom().stream == stream) {
          executor.custom().stream = 0;
        }
      }
    }
  }

  private void update(Framework framework, Executor executor, TaskStatus given) {
    var uuid = given.getUuid();
    var acknowledged =
        Event.newBuilder()
            .setType(Event.Type.ACKNOWLEDGED)
            .setAcknowledged(
                Event.Acknowledged.newBuilder().setTaskId(given.getTaskId()).setUuid(uuid));
    if (!executor.custom().take(uuid)) {
      send(executor, acknowledged); // taken before; the acknowledgement was lost
      return;
    }
    var task = executor.tasks.get(given.getTaskId().getValue());
    if (task == null || task.terminal() || framework.terminating) {
      agent.count("slave/invalid_status_updates");
      send(executor, acknowledged); // nobody waits for it
      return;
    }
    if (task.phase == TaskRun.Phase.QUEUED) {
      task.phase = TaskRun.Phase.RUNNING;
    }
    var own = updates.executorStatus(executor, task, given.getState());
    var status =
        given.toBuilder()
            .setAgentId(agent.info.getId())
            .setExecutorId(executor.info.getExecutorId())
            .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
            .setTimestamp(given.hasTimestamp() ? given.getTimestamp() : agent.timestamp());
    var container = own.getContainerStatus().toBuilder().mergeFrom(given.getContainerStatus());
    if (given.getContainerStatus().getNetworkInfosCount() > 0) {
      container
          .clearNetworkInfos()
          .addAllNetworkInfos(given.getContainerStatus().getNetworkInfosList());
    }
    updates.report(
        framework,
        executor,
        task,
        status.setContainerStatus(container).build(),
        () -> send(executor, acknowledged));
  }

  private void message(Framework framework, Executor executor, ByteString data) {
    var message =
        ExecutorToFrameworkMessage.newBuilder()
            .setSlaveId(agent.info.getId())
            .setFrameworkId(framework.info.getId())
            .setExecutorId(executor.info.getExecutorId())
            .setData(data)
            .build();
    var to =
        framework.pid.isEmpty() ? Optional.ofNullable(agent.masterPid) : Upid.parse(framework.pid);
    to.ifPresent(peer -> agent.out.send(peer, message));
  }

  /// A message for an executor; dropped when it does not listen.
  public void message(FrameworkToExecutorMessage message) {
    var executor =
        frameworks
            .find(message.getFrameworkId().getValue())
            .map(framework -> framework.executors.get(message.getExecutorId().getValue()));
    if (executor.isPresent()
        && executor.get().custom != null
        && executor.get().custom().stream != 0) {
      agent.count("slave/valid_framework_messages");
      send(
          executor.get(),
          Event.newBuilder()
              .setType(Event.Type.MESSAGE)
              .setMessage(Event.Message.newBuilder().setData(message.getData())));
    } else {
      agent.count("slave/invalid_framework_messages");
    }
  }

  /// One task is to end.
  void kill(Executors.Found found, @Nullable KillPolicy policy) {
    var task = found.task();
    if (task.terminal()) {
      return;
    }
    if (task.phase == TaskRun.Phase.QUEUED) {
      task.phase = TaskRun.Phase.OVER;
      updates.killedBeforeDelivery(found);
      return;
    }
    var kill = Event.Kill.newBuilder().setTaskId(task.info.getTaskId());
    if (policy != null) {
      kill.setKillPolicy(policy);
    }
    send(found.executor(), Event.newBuilder().setType(Event.Type.KILL).setKill(kill));
  }

  /// The executor is asked to end, and killed when it does not in time.
  void shutdown(Framework framework, Executor executor) {
    var custom = executor.custom();
    if (custom.phase == Custom.Phase.TERMINATING) {
      return;
    }
    boolean asked = custom.stream != 0;
    send(executor, Event.newBuilder().setType(Event.Type.SHUTDOWN));
    custom.phase = Custom.Phase.TERMINATING;
    executor.shuttingDown = true;
    var grace =
        executor.info.hasShutdownGracePeriod()
            ? Duration.ofNanos(executor.info.getShutdownGracePeriod().getNanoseconds())
            : agent.config.executorShutdownGracePeriod();
    agent.out.setTimer(
        new TimerKey.ExecutorTimeout(executor.containerId), asked ? grace : Duration.ZERO);
  }

  /// It did not register, or did not end, in time.
  public void timeout(String containerId) {
    executors
        .custom(containerId)
        .ifPresent(owner -> {
          var executor = owner.executor();
          var custom = executor.custom();
          if (custom.phase == Custom.Phase.REGISTERING) {
            custom.phase = Custom.Phase.TERMINATING;
            var limit =
                custom.recovered
                    ? agent.config.executorReregistrationTimeout()
                    : agent.config.executorRegistrationTimeout();
            fail(
                owner.framework(),
                executor,
                custom.recovered
                    ? TaskStatus.Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT
                    : TaskStatus.Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT,
                "Executor did not "
                    + (custom.recovered ? "re-register" : "register")
                    + " within "
                    + TaskEnvironment.text(limit));
          }
          agent.out.add(new Effect.SignalContainer(containerId, Signal.KILL));
        });
  }

  public void heartbeat(String containerId) {
    executors
        .custom(containerId)
        .ifPresent(owner -> {
          send(owner.executor(), Event.newBuilder().setType(Event.Type.HEARTBEAT));
          agent.out.setTimer(new TimerKey.ExecutorHeartbeat(containerId), HEARTBEAT);
        });
  }

  /// News of the executor's own container.
  void on(Executors.Owner owner, ContainerEvent event) {
    var executor = owner.executor();
    var custom = executor.custom();
    switch (event) {
      case ContainerEvent.Started(_, long pid) -> {
        custom.pid = pid;
        if (custom.recovered && custom.phase == Custom.Phase.REGISTERING) {
          agent.out.setTimer(
              new TimerKey.ExecutorTimeout(executor.containerId),
              agent.config.executorReregistrationTimeout());
        }
      }
      case ContainerEvent.Refused(_, _, var message) -> {
        agent.count("slave/container_launch_errors");
        over(
            owner,
            -1,
            TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED,
            "Failed to launch container: " + message);
      }
      case ContainerEvent.Exited(_, var status) ->
          over(
              owner,
              status.toWaitStatus(),
              TaskStatus.Reason.REASON_EXECUTOR_TERMINATED,
              status instanceof ExitStatus.Unknown(var why)
                  ? "Abnormal executor termination: " + why
                  : "Executor " + status.describe());
    }
  }

  private void over(
      Executors.Owner owner, int waitStatus, TaskStatus.Reason reason, String message) {
    var executor = owner.executor();
    var custom = executor.custom();
    if (custom.over) {
      return;
    }
    custom.over = true;
    agent.out.cancelTimer(new TimerKey.ExecutorTimeout(executor.containerId));
    agent.out.cancelTimer(new TimerKey.ExecutorHeartbeat(executor.containerId));
    if (custom.stream != 0) {
      agent.out.add(new Effect.CloseExecutor(custom.stream));
      custom.stream = 0;
    }
    fail(owner.framework(), executor, reason, message);
    executor.tasks.values().forEach(task -> task.phase = TaskRun.Phase.OVER);
    // After the updates above are written, as writes are done in order.
    agent.out.persist(
        List.of(), () -> agent.out.add(new Effect.ForgetContainer(executor.containerId)));
    executors.terminated(owner.framework(), executor, waitStatus);
    settled.accept(executor.containerId);
  }

  /// All tasks that are not over end with their executor.
  private void fail(
      Framework framework, Executor executor, TaskStatus.Reason reason, String message) {
    for (var task : List.copyOf(executor.tasks.values())) {
      if (!task.terminal()) {
        updates.report(
            framework,
            executor,
            task,
            updates.agentStatus(executor, task, TaskState.TASK_FAILED, reason, message).build());
      }
    }
  }
}
