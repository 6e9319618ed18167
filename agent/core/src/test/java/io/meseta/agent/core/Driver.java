// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.meseta.agent.core.container.ContainerEvent;
import io.meseta.agent.core.container.ContainerSpec;
import io.meseta.agent.core.container.ExitStatus;
import io.meseta.agent.core.recovery.RecoveredState;
import io.meseta.agent.core.recovery.Write;
import io.meseta.agent.core.view.AgentSnapshot;
import io.meseta.loop.Ids;
import io.meseta.loop.Timers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.RunTaskGroupMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.StatusUpdate;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Drives an [AgentCore] in virtual time: writes are answered at once (unless held), everything
/// else is collected.
final class Driver {
  static final Upid MASTER = new Upid("master", "127.0.0.1", 5050);
  static final Upid SELF = new Upid("slave(1)", "127.0.0.1", 5051);
  static final String ID = "M-S0";

  final AgentCore core;
  final Timers<TimerKey> timers = new Timers<>();
  final List<Message> sent = new ArrayList<>();
  final Map<String, ContainerSpec> launched = new LinkedHashMap<>();
  final List<Effect> effects = new ArrayList<>();
  final List<Write> writes = new ArrayList<>();
  final ArrayDeque<Long> held = new ArrayDeque<>();
  boolean holdWrites;
  Instant now = Instant.parse("2026-11-22T00:00:00Z");
  private AgentSnapshot answer;

  Driver() {
    this(config(false));
  }

  Driver(AgentConfig config) {
    core = new AgentCore(config, Ids.seeded(7));
  }

  static AgentConfig config(boolean cleanup) {
    return new AgentConfig(
        SELF,
        AgentInfo.newBuilder()
            .setHostname("host")
            .setPort(5051)
            .setCheckpoint(true)
            .addResources(scalar("cpus", 4))
            .addResources(scalar("mem", 1000))
            .addResources(scalar("disk", 500))
            .build(),
        "1.12.0",
        "/var/agent",
        "127.0.0.1",
        new TreeMap<>(Map.of("GIVEN", "agent")),
        true,
        cleanup,
        Duration.ofSeconds(1),
        Duration.ofMinutes(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(2),
        Duration.ofMinutes(15),
        Duration.ofDays(7),
        0.1,
        Duration.ofMinutes(1),
        3);
  }

  static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .build();
  }

  static MasterInfo master() {
    return MasterInfo.newBuilder()
        .setId("m")
        .setIp(1)
        .setPort(5050)
        .setPid(MASTER.toString())
        .setHostname("mhost")
        .build();
  }

  /// Recovered from nothing, registered.
  static Driver running() {
    var driver = new Driver();
    driver.on(new AgentEvent.Recovered(RecoveredState.none()));
    driver.register();
    return driver;
  }

  void register() {
    on(new AgentEvent.MasterDetected(Optional.of(master())));
    advance(Duration.ofSeconds(1));
    from(SlaveRegisteredMessage.newBuilder().setSlaveId(agentId()).build());
    sent.clear();
  }

  void reregister() {
    on(new AgentEvent.MasterDetected(Optional.of(master())));
    advance(Duration.ofSeconds(1));
    sent.clear();
    from(SlaveReregisteredMessage.newBuilder().setSlaveId(agentId()).build());
  }

  static AgentID agentId() {
    return AgentID.newBuilder().setValue(ID).build();
  }

  void from(Message message) {
    on(new AgentEvent.FromPeer(MASTER, message));
  }

  void on(AgentEvent event) {
    for (var effect : core.on(event, now)) {
      effects.add(effect);
      switch (effect) {
        case Effect.Send(_, var message) -> sent.add(message);
        case Effect.Persist(long token, var batch) -> {
          writes.addAll(batch);
          held.add(token);
        }
        case Effect.Launch(var spec, _) -> launched.put(spec.id(), spec);
        case Effect.SetTimer(var key, var delay) ->
            timers.set(key, nanos(now) + delay.toNanos(), key);
        case Effect.CancelTimer(var key) -> timers.cancel(key);
        case Effect.Answer(_, var snapshot) -> answer = snapshot;
        default -> {}
      }
    }
    if (!holdWrites) {
      release();
    }
  }

  void release() {
    while (!held.isEmpty()) {
      on(new AgentEvent.Persisted(held.poll()));
    }
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  /// Lets time pass, timer by timer.
  void advance(Duration by) {
    var end = now.plus(by);
    while (true) {
      long wait = timers.untilNext(nanos(now));
      if (wait == Long.MAX_VALUE || now.plusNanos(wait).isAfter(end)) {
        break;
      }
      now = now.plusNanos(wait);
      var key = timers.poll(nanos(now));
      if (key != null) {
        on(new AgentEvent.TimerFired(key));
      }
    }
    now = end;
  }

  AgentSnapshot snapshot() {
    on(new AgentEvent.Query(1));
    return answer;
  }

  <T extends Message> List<T> sent(Class<T> type) {
    return sent.stream().filter(type::isInstance).map(type::cast).toList();
  }

  <T extends Effect> List<T> effects(Class<T> type) {
    return effects.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /// States of the updates sent, in order, with repetitions.
  List<TaskState> states() {
    return sent(StatusUpdateMessage.class).stream()
        .map(m -> m.getUpdate().getStatus().getState())
        .toList();
  }

  StatusUpdate lastUpdate() {
    return sent(StatusUpdateMessage.class).getLast().getUpdate();
  }

  TaskStatus lastStatus() {
    return lastUpdate().getStatus();
  }

  /// Acknowledges the last update sent.
  void acknowledge() {
    acknowledge(lastUpdate());
  }

  void acknowledge(StatusUpdate update) {
    from(
        StatusUpdateAcknowledgementMessage.newBuilder()
            .setSlaveId(agentId())
            .setFrameworkId(update.getFrameworkId())
            .setTaskId(update.getStatus().getTaskId())
            .setUuid(update.getUuid())
            .build());
  }

  static FrameworkInfo framework(
      boolean checkpoint, FrameworkInfo.Capability.Type... capabilities) {
    var info =
        FrameworkInfo.newBuilder()
            .setId(FrameworkID.newBuilder().setValue("F1"))
            .setName("f")
            .setUser("root")
            .setCheckpoint(checkpoint);
    for (var capability : capabilities) {
      info.addCapabilities(FrameworkInfo.Capability.newBuilder().setType(capability));
    }
    return info.build();
  }

  static TaskInfo.Builder task(String id) {
    return TaskInfo.newBuilder()
        .setName(id)
        .setTaskId(TaskID.newBuilder().setValue(id))
        .setAgentId(agentId())
        .addResources(scalar("cpus", 1))
        .addResources(scalar("mem", 128))
        .setCommand(CommandInfo.newBuilder().setValue("sleep 1000"));
  }

  /// The id of its container.
  String run(FrameworkInfo framework, TaskInfo.Builder task) {
    int before = launched.size();
    from(
        RunTaskMessage.newBuilder()
            .setFramework(framework)
            .setPid("@0.0.0.0:0")
            .setTask(task)
            .build());
    return launched.size() == before ? "" : List.copyOf(launched.keySet()).getLast();
  }

  List<String> runGroup(FrameworkInfo framework, TaskInfo.Builder... tasks) {
    int before = launched.size();
    var message =
        RunTaskGroupMessage.newBuilder()
            .setFramework(framework)
            .setExecutor(
                ExecutorInfo.newBuilder()
                    .setType(ExecutorInfo.Type.DEFAULT)
                    .setExecutorId(io.meseta.wire.v1.ExecutorID.newBuilder().setValue("pod"))
                    .addResources(scalar("cpus", 0.1)));
    for (var task : tasks) {
      message.getTaskGroupBuilder().addTasks(task.setExecutor(message.getExecutor()));
    }
    from(message.build());
    return List.copyOf(launched.keySet()).subList(before, launched.size());
  }

  void started(String container) {
    on(new AgentEvent.FromContainer(new ContainerEvent.Started(container, 4242)));
  }

  void exited(String container, int code) {
    on(
        new AgentEvent.FromContainer(
            new ContainerEvent.Exited(container, new ExitStatus.Exited(code))));
  }

  void signalled(String container, int signal) {
    on(
        new AgentEvent.FromContainer(
            new ContainerEvent.Exited(container, new ExitStatus.Signalled(signal))));
  }

  /// Runs a task until TASK_RUNNING is acknowledged.
  String runFully(FrameworkInfo framework, TaskInfo.Builder task) {
    var container = run(framework, task);
    started(container);
    acknowledge();
    acknowledge();
    return container;
  }

  void kill(String task) {
    from(
        KillTaskMessage.newBuilder()
            .setFrameworkId(FrameworkID.newBuilder().setValue("F1"))
            .setTaskId(TaskID.newBuilder().setValue(task))
            .build());
  }

  /// What the disk holds after all writes, by path.
  Map<String, List<ByteString>> disk() {
    var disk = new TreeMap<String, List<ByteString>>();
    for (var write : writes) {
      switch (write) {
        case Write.Put(var path, var content, _) -> disk.put(path, List.of(content));
        case Write.Append(var path, var record) ->
            disk.computeIfAbsent(path, p -> new ArrayList<>()).add(record);
        case Write.Remove(var path) -> disk.remove(path);
        case Write.Link _, Write.Folder _, Write.Move _, Write.Empty _ -> {}
      }
    }
    return disk;
  }
}
