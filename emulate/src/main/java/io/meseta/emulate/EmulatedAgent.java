// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.Archive;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.RunTaskGroupMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.ShutdownFrameworkMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.UUID;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One agent of a [Fleet], whose thread alone calls it.
///
/// ```
/// GONE --master known: (Re)registerSlave, again with backoff--> REGISTERED
///   ^                                                              |
///   '---- connection broken, "not connected", another master ------'
/// ```
final class EmulatedAgent {
  private static final long RETRY_NANOS = 1_000_000_000L;
  private static final long RETRY_MAX_NANOS = 30_000_000_000L;
  private static final List<AgentInfo.Capability> CAPABILITIES =
      java.util.stream.Stream.of(
              AgentInfo.Capability.Type.MULTI_ROLE,
              AgentInfo.Capability.Type.HIERARCHICAL_ROLE,
              AgentInfo.Capability.Type.RESERVATION_REFINEMENT,
              AgentInfo.Capability.Type.RESOURCE_PROVIDER,
              AgentInfo.Capability.Type.AGENT_DRAINING)
          .map(type -> AgentInfo.Capability.newBuilder().setType(type).build())
          .toList();

  private final Fleet fleet;
  private final Wire wire;
  private final UUID resourceVersion;
  private AgentInfo info;
  private @Nullable Upid master;
  private boolean registered;

  /// Counts what made earlier attempts to register void.
  private int epoch;

  private final Map<String, EmulatedTask> tasks = new LinkedHashMap<>();
  private final Map<String, FrameworkInfo> frameworks = new LinkedHashMap<>();
  private List<Archive.Framework> completed = List.of();

  /// The message to register again, as long as nothing has changed: a benchmark measures the
  /// master, not us.
  private byte @Nullable [] prepared;

  EmulatedAgent(Fleet fleet, AgentInfo info, Wire wire) {
    this.fleet = fleet;
    this.info = info;
    this.wire = wire;
    this.resourceVersion = UUID.newBuilder().setValue(fleet.uuid()).build();
  }

  /// Gives it a past, before it ever registered: an id, tasks, and frameworks that have ended.
  void past(
      AgentID id, List<FrameworkInfo> owners, List<Task> running, List<Archive.Framework> ended) {
    info = info.toBuilder().setId(id).build();
    owners.forEach(owner -> frameworks.put(owner.getId().getValue(), owner));
    running.forEach(task -> {
      var emulated = new EmulatedTask(this, task);
      tasks.put(key(emulated.framework, emulated.id.getValue()), emulated);
    });
    completed = ended;
    fleet.running(running.size());
    prepared = again().toByteArray();
  }

  Wire wire() {
    return wire;
  }

  /// Another master leads, or the same has been restarted.
  void connect(@Nullable Upid leader, long delayNanos) {
    lost();
    master = leader;
    int mine = ++epoch;
    if (leader != null) {
      fleet.after(delayNanos, () -> attempt(mine, RETRY_NANOS));
    }
  }

  private void lost() {
    if (registered) {
      registered = false;
      fleet.unregistered();
    }
  }

  private void attempt(int mine, long retryNanos) {
    if (mine != epoch || registered || master == null) {
      return;
    }
    wire.link(master, peer -> fleet.execute(() -> exited(mine)));
    if (info.hasId()) {
      wire.send(
          master,
          "mesos.internal.ReregisterSlaveMessage",
          prepared == null ? again().toByteArray() : prepared);
    } else {
      wire.send(
          master,
          RegisterSlaveMessage.newBuilder()
              .setSlave(info)
              .setVersion(Fleet.VERSION)
              .addAllAgentCapabilities(CAPABILITIES)
              .setResourceVersionUuid(resourceVersion)
              .build());
    }
    long next = Math.min(RETRY_MAX_NANOS, retryNanos * 2);
    fleet.after(retryNanos + fleet.random(retryNanos), () -> attempt(mine, next));
  }

  private ReregisterSlaveMessage again() {
    var message =
        ReregisterSlaveMessage.newBuilder()
            .setSlave(info)
            .setVersion(Fleet.VERSION)
            .addAllAgentCapabilities(CAPABILITIES)
            .setResourceVersionUuid(resourceVersion)
            .addAllFrameworks(frameworks.values())
            .addAllCompletedFrameworks(completed);
    tasks.values().forEach(task -> message.addTasks(task.describe()));
    return message.build();
  }

  private void exited(int mine) {
    if (mine == epoch && registered) {
      connect(master, RETRY_NANOS + fleet.random(RETRY_NANOS));
    }
  }

  void on(Upid from, String name, byte[] body) throws InvalidProtocolBufferException {
    switch (name) {
      case "mesos.internal.PingSlaveMessage" -> {
        wire.send(from, PongSlaveMessage.getDefaultInstance());
        if (registered && !PingSlaveMessage.parseFrom(body).getConnected()) {
          connect(master, fleet.random(RETRY_NANOS));
        }
      }
      case "mesos.internal.SlaveRegisteredMessage" -> {
        if (from.equals(master) && !registered) {
          info =
              info.toBuilder().setId(SlaveRegisteredMessage.parseFrom(body).getSlaveId()).build();
          registered(from);
        }
      }
      case "mesos.internal.SlaveReregisteredMessage" -> {
        if (from.equals(master) && !registered) {
          registered(from);
        }
      }
      case "mesos.internal.RunTaskMessage" -> {
        var run = RunTaskMessage.parseFrom(body);
        run(run.getFramework(), run.getTask());
      }
      case "mesos.internal.RunTaskGroupMessage" -> {
        var run = RunTaskGroupMessage.parseFrom(body);
        for (var task : run.getTaskGroup().getTasksList()) {
          run(run.getFramework(), task.toBuilder().setExecutor(run.getExecutor()).build());
        }
      }
      case "mesos.internal.KillTaskMessage" -> {
        var kill = KillTaskMessage.parseFrom(body);
        var task = tasks.get(key(kill.getFrameworkId(), kill.getTaskId().getValue()));
        if (task != null) {
          end(task, TaskState.TASK_KILLED);
        }
      }
      case "mesos.internal.StatusUpdateAcknowledgementMessage" -> {
        var ack = StatusUpdateAcknowledgementMessage.parseFrom(body);
        var task = tasks.get(key(ack.getFrameworkId(), ack.getTaskId().getValue()));
        if (task != null && task.acknowledged(ack.getUuid())) {
          fleet.settled(task);
          if (task.done()) {
            tasks.remove(key(task.framework, task.id.getValue()));
          } else {
            send(task);
          }
        }
      }
      case "mesos.internal.ShutdownFrameworkMessage" -> {
        var id = ShutdownFrameworkMessage.parseFrom(body).getFrameworkId();
        prepared = null;
        frameworks.remove(id.getValue());
        for (var task : List.copyOf(tasks.values())) {
          if (task.framework.equals(id)) {
            if (!task.ended()) {
              fleet.running(-1);
            }
            fleet.settled(task);
            tasks.remove(key(id, task.id.getValue()));
          }
        }
      }
      default -> {} // the rest is of no consequence for agents that run nothing
    }
  }

  private void registered(Upid from) {
    registered = true;
    wire.send(
        from,
        UpdateSlaveMessage.newBuilder()
            .setSlaveId(info.getId())
            .setUpdateOversubscribedResources(false)
            .setResourceVersionUuid(resourceVersion)
            .setOperations(UpdateSlaveMessage.Operations.getDefaultInstance())
            .setResourceProviders(UpdateSlaveMessage.ResourceProviders.getDefaultInstance())
            .build());
    new ArrayList<>(tasks.values()).forEach(this::send);
    fleet.registered();
  }

  private void run(FrameworkInfo framework, TaskInfo info) {
    fleet.told(info.getTaskId().getValue());
    frameworks.putIfAbsent(framework.getId().getValue(), framework);
    var task = new EmulatedTask(this, framework.getId(), this.info.getId(), info);
    if (tasks.putIfAbsent(key(task.framework, task.id.getValue()), task) == null) {
      fleet.launched();
      become(task, TaskState.TASK_RUNNING);
      long lifetime = fleet.lifetime();
      if (lifetime >= 0) {
        fleet.after(lifetime, () -> end(task, TaskState.TASK_FINISHED));
      }
    }
  }

  private void end(EmulatedTask task, TaskState how) {
    if (!task.ended()) {
      fleet.running(-1);
      become(task, how);
    }
  }

  /// The first task that still runs ends.
  void finishOne() {
    for (var task : tasks.values()) {
      if (!task.ended()) {
        end(task, TaskState.TASK_FINISHED);
        return;
      }
    }
  }

  private void become(EmulatedTask task, TaskState state) {
    prepared = null;
    if (task.become(state, fleet.uuid(), fleet.now(), info.getId())) {
      send(task);
    }
  }

  /// Sends what the task owes, if anything.
  void send(EmulatedTask task) {
    var update = registered ? task.owed(wire.self().toString()) : null;
    if (update != null && master != null) {
      wire.send(master, update);
      fleet.owing(task);
    }
  }

  private static String key(FrameworkID framework, String task) {
    return framework.getValue() + "/" + task;
  }
}
