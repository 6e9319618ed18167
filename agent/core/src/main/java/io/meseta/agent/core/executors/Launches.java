// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core.executors;

import io.meseta.agent.core.Agent;
import io.meseta.agent.core.AgentConfig;
import io.meseta.agent.core.Effect;
import io.meseta.agent.core.container.ContainerSpec;
import io.meseta.agent.core.frameworks.Framework;
import io.meseta.agent.core.frameworks.Frameworks;
import io.meseta.agent.core.gc.Sandboxes;
import io.meseta.agent.core.operations.Volumes;
import io.meseta.agent.core.recovery.TaskRecord;
import io.meseta.agent.core.recovery.Write;
import io.meseta.model.resources.ResourceItem;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.Resources;
import io.meseta.model.tasks.TaskDescription;
import io.meseta.wire.internal.RunTaskGroupMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.v1.ContainerInfo;
import io.meseta.wire.v1.Environment;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Secret;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// Takes tasks from the master: writes them down, then starts their containers. A task group is
/// taken as a whole or not at all.
public final class Launches {
  private final Agent agent;
  private final Frameworks frameworks;
  private final Executors executors;
  private final CustomExecutors customs;
  private final Updates updates;
  private final Sandboxes sandboxes;
  private final Volumes volumes;

  public Launches(
      Agent agent,
      Frameworks frameworks,
      Executors executors,
      CustomExecutors customs,
      Updates updates,
      Sandboxes sandboxes,
      Volumes volumes) {
    this.agent = agent;
    this.frameworks = frameworks;
    this.executors = executors;
    this.customs = customs;
    this.updates = updates;
    this.sandboxes = sandboxes;
    this.volumes = volumes;
  }

  /// A command task, or one of a custom executor.
  public void run(RunTaskMessage message) {
    var task = message.getTask();
    if (task.hasExecutor()) {
      take(
          message.getFramework(),
          message.getPid(),
          task.getExecutor(),
          false,
          List.of(task),
          task.getExecutor().getType() == ExecutorInfo.Type.DEFAULT
              ? Optional.of("Executors of type DEFAULT run task groups only")
              : Optional.empty());
      return;
    }
    var executor =
        CommandExecutor.of(
            task,
            message.getFramework().getId(),
            AgentConfig.OVERHEAD_CPUS,
            AgentConfig.OVERHEAD_MEM_MB);
    take(message.getFramework(), message.getPid(), executor, true, List.of(task), Optional.empty());
  }

  /// A task group for the default executor.
  public void run(RunTaskGroupMessage message) {
    take(
        message.getFramework(),
        "",
        message.getExecutor(),
        false,
        message.getTaskGroup().getTasksList(),
        message.getExecutor().getType() == ExecutorInfo.Type.DEFAULT
            ? Optional.empty()
            : Optional.of("Task groups need an executor of type DEFAULT"));
  }

  private void take(
      FrameworkInfo frameworkInfo,
      String pid,
      ExecutorInfo executorInfo,
      boolean command,
      List<TaskInfo> tasks,
      Optional<String> refusal) {
    if (agent.phase != Agent.Phase.RUNNING) {
      return; // the master learns by the re-registration that they are not here
    }
    var frameworkId = frameworkInfo.getId();
    var known = frameworks.find(frameworkId.getValue());
    if (known.map(framework -> framework.terminating).orElse(false)) {
      return; // nobody is left to hear of them
    }
    boolean partitionAware =
        frameworkInfo.getCapabilitiesList().stream()
            .anyMatch(c -> c.getType() == FrameworkInfo.Capability.Type.PARTITION_AWARE);
    var existing =
        known.map(framework -> framework.executors.get(executorInfo.getExecutorId().getValue()));
    String dropped = null;
    var reason = TaskStatus.Reason.REASON_EXECUTOR_TERMINATED;
    if (agent.drain != null) {
      dropped = "Agent is draining";
      reason = TaskStatus.Reason.REASON_AGENT_DRAINING;
    } else if (tasks.stream()
        .anyMatch(task ->
            executors.byTask(frameworkId.getValue(), task.getTaskId().getValue()).isPresent())) {
      agent.out.note(
          "ignoring a task that is here already, of framework " + frameworkId.getValue());
      return;
    } else if (existing.isPresent() && (existing.get().terminated || existing.get().shuttingDown)) {
      dropped = "Executor terminated or terminating";
    } else if (!agent.total.contains(reserved(tasks, executorInfo))) {
      dropped = "The checkpointed resources being used by the task are unknown to the agent";
      reason = TaskStatus.Reason.REASON_RESOURCES_UNKNOWN;
    }
    if (dropped != null) {
      for (var task : tasks) {
        updates.reportUnknown(frameworkId, partitionAware, task.getTaskId(), reason, dropped);
      }
      return;
    }
    var framework = frameworks.arrive(frameworkInfo, pid);
    var writes = new ArrayList<>(frameworks.describe(framework));
    var executor = existing.orElseGet(() -> newExecutor(framework, executorInfo, command, writes));
    var group = new LinkedHashSet<String>();
    var runs = new ArrayList<TaskRun>();
    for (var info : tasks) {
      var run = newTask(framework, executor, info);
      executors.add(framework, executor, run);
      group.add(run.id());
      runs.add(run);
      if (framework.checkpoints()) {
        var folder = updates.folder(framework, executor, run);
        writes.add(
            new Write.Put(
                folder + "/task.info",
                new TaskRecord(run.task, run.info, run.containerId).encode(),
                false));
      }
    }
    executor.groups.removeIf(old -> old.stream().noneMatch(executor.tasks::containsKey));
    executor.groups.add(group);
    var problem = refusal.or(() -> problem(tasks));
    Runnable next =
        () -> {
          if (problem.isPresent()) {
            runs.forEach(run -> refuse(framework, executor, run, problem.get()));
          } else {
            begin(framework, executor, existing.isEmpty(), runs);
          }
        };
    if (writes.isEmpty()) {
      next.run();
    } else {
      agent.out.persist(writes, next);
    }
  }

  /// Dynamic reservations and volumes that the launch uses, each volume once.
  private static Resources reserved(List<TaskInfo> tasks, ExecutorInfo executor) {
    var all = new ArrayList<Resources>();
    tasks.forEach(task -> all.add(ResourceWire.decodeTrusted(task.getResourcesList())));
    all.add(ResourceWire.decodeTrusted(executor.getResourcesList()));
    var used = Resources.sum(all).unallocate().needCheckpointing();
    return used.nonShared()
        .plus(
            Resources.of(
                used.shared().items().stream()
                    .map(item -> ResourceItem.of(item.key(), item.amount()))
                    .toList()));
  }

  private void begin(Framework framework, Executor executor, boolean fresh, List<TaskRun> runs) {
    if (executor.custom == null) {
      runs.forEach(run -> launch(framework, executor, run));
    } else if (fresh) {
      customs.launch(framework, executor);
    } else {
      customs.deliver(executor);
    }
  }

  private Executor newExecutor(
      Framework framework, ExecutorInfo given, boolean command, List<Write> writes) {
    var info = given.toBuilder().setFrameworkId(framework.info.getId()).build();
    var containerId = agent.ids.uuid().toString();
    var id = info.getExecutorId().getValue();
    var executor =
        new Executor(
            info,
            containerId,
            agent.layout.sandbox(agent.id(), framework.id(), id, containerId),
            command,
            command || info.getType() == ExecutorInfo.Type.DEFAULT ? null : new Custom(false));
    executors.add(framework, executor);
    if (framework.checkpoints()) {
      var folder = agent.layout.metaExecutor(agent.id(), framework.id(), id);
      var run = agent.layout.metaRun(agent.id(), framework.id(), id, containerId);
      sandboxes.unschedule(folder);
      writes.add(new Write.Put(folder + "/executor.info", info.toByteString(), false));
      writes.add(new Write.Folder(run + "/pids"));
      writes.add(new Write.Link(folder + "/runs/latest", run));
    }
    return executor;
  }

  private TaskRun newTask(Framework framework, Executor executor, TaskInfo info) {
    boolean shared = executor.command || executor.custom != null;
    var containerId =
        executor.custom != null
            ? ""
            : executor.command
                ? executor.containerId
                : executor.containerId + "." + agent.ids.uuid();
    var sandbox =
        shared ? executor.sandbox : executor.sandbox + "/tasks/" + info.getTaskId().getValue();
    return new TaskRun(
        info, TaskDescription.staging(info, framework.info.getId()), containerId, sandbox, false);
  }

  /// What of the tasks this agent cannot do; better said than left out.
  private Optional<String> problem(List<TaskInfo> tasks) {
    for (var task : tasks) {
      if (task.hasContainer()) {
        var container = task.getContainer();
        if (container.getType() != ContainerInfo.Type.MESOS || container.getMesos().hasImage()) {
          return Optional.of(noImages(container));
        }
        if (container.getVolumesCount() > 0) {
          return Optional.of(
              "Task '"
                  + task.getTaskId().getValue()
                  + "' asks for volumes of the container, which need the isolator 'filesystem/linux'");
        }
      }
      for (var variable : task.getCommand().getEnvironment().getVariablesList()) {
        if (variable.getType() == Environment.Variable.Type.SECRET
            && variable.getSecret().getType() != Secret.Type.VALUE) {
          return Optional.of(
              "Environment variable '"
                  + variable.getName()
                  + "' refers to a secret, and this agent has no secret resolver");
        }
      }
    }
    return Optional.empty();
  }

  private String noImages(ContainerInfo container) {
    boolean docker = container.getType() == ContainerInfo.Type.DOCKER;
    var image =
        docker
            ? container.getDocker().getImage()
            : container.getMesos().getImage().hasDocker()
                ? container.getMesos().getImage().getDocker().getName()
                : container.getMesos().getImage().getAppc().getName();
    return "Agent "
        + agent.config.info().getHostname()
        + (docker ? " runs no Docker containers" : " runs no container images")
        + ", so image '"
        + image
        + "' cannot run there: none of the enabled containerizers (mesos) could create a container";
  }

  private void refuse(Framework framework, Executor executor, TaskRun task, String why) {
    if (task.phase == TaskRun.Phase.QUEUED) {
      updates.report(
          framework,
          executor,
          task,
          updates
              .agentStatus(
                  executor,
                  task,
                  TaskState.TASK_FAILED,
                  TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED,
                  why)
              .build());
      executors.containerOver(framework, executor, task);
    }
  }

  private void launch(Framework framework, Executor executor, TaskRun task) {
    if (task.phase != TaskRun.Phase.QUEUED) {
      return; // killed while it was written down
    }
    task.phase = TaskRun.Phase.LAUNCHING;
    var resources = ResourceWire.decodeTrusted(task.info.getResourcesList());
    double cpus = resources.cpus() + (executor.command ? AgentConfig.OVERHEAD_CPUS : 0);
    double mem = resources.mem() + (executor.command ? AgentConfig.OVERHEAD_MEM_MB : 0);
    var limits = task.info.getLimitsMap();
    if (limits.containsKey("mem")) {
      mem = limits.get("mem").getValue();
    }
    agent.out.add(
        new Effect.Launch(
            new ContainerSpec(
                task.containerId,
                task.sandbox,
                user(framework, task),
                task.info.getCommand(),
                TaskEnvironment.of(agent, framework, executor, task),
                volumes.of(task.info.getResourcesList()),
                cpus,
                Double.isInfinite(mem) ? 0 : Math.round(mem * (1 << 20))),
            agent.layout.latestSandbox(agent.id(), framework.id(), executor.id())));
  }

  static String user(Framework framework, TaskRun task) {
    return task.info.getCommand().hasUser()
        ? task.info.getCommand().getUser()
        : framework.info.getUser();
  }
}
