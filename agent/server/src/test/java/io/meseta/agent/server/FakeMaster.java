// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import com.google.protobuf.Message;
import io.meseta.http.HttpEdge;
import io.meseta.http.Router;
import io.meseta.libprocess.Libprocess;
import io.meseta.libprocess.auth.CramMd5Server;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.RunTaskGroupMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.DurationInfo;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.KillPolicy;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A master on the wire: registers one agent, acknowledges every update, and hands out what it
/// received.
final class FakeMaster implements AutoCloseable {
  static final String ID = "11111111-2222-3333-4444-555555555555-S0";

  private final Libprocess libprocess = new Libprocess();
  private final HttpEdge edge;
  private final Upid self;
  private final List<Message> received = new ArrayList<>();
  volatile Upid agent = Upid.NONE;
  volatile boolean acknowledge = true;

  FakeMaster() {
    var router = new Router();
    var builder = HttpEdge.builder("master").listen("127.0.0.1", 0).routes(router);
    libprocess.install(builder, router);
    edge = builder.start();
    self = new Upid("master", "127.0.0.1", edge.port());
    libprocess.receive("master", this::on);
  }

  String address() {
    return "127.0.0.1:" + edge.port();
  }

  /// Whom agents said they are, once they proved it.
  final java.util.concurrent.BlockingQueue<String> proven =
      new java.util.concurrent.LinkedBlockingQueue<>();

  private void on(Upid from, String name, byte[] body) {
    if (name.equals("mesos.internal.AuthenticateMessage")) {
      var unused =
          new CramMd5Server(
                  libprocess, self, claimed -> java.util.Optional.of("secret of " + claimed))
              .authenticate(from, Duration.ofSeconds(10))
              .thenAccept(principal -> principal.ifPresent(proven::add));
      return;
    }
    try {
      Message message =
          switch (name) {
            case "mesos.internal.RegisterSlaveMessage" -> RegisterSlaveMessage.parseFrom(body);
            case "mesos.internal.ReregisterSlaveMessage" -> ReregisterSlaveMessage.parseFrom(body);
            case "mesos.internal.StatusUpdateMessage" -> StatusUpdateMessage.parseFrom(body);
            case "mesos.internal.UpdateSlaveMessage" -> UpdateSlaveMessage.parseFrom(body);
            case "mesos.internal.UpdateOperationStatusMessage" ->
                UpdateOperationStatusMessage.parseFrom(body);
            case "mesos.internal.ExitedExecutorMessage" -> ExitedExecutorMessage.parseFrom(body);
            case "mesos.internal.UnregisterSlaveMessage" -> UnregisterSlaveMessage.parseFrom(body);
            default -> throw new IllegalArgumentException(name);
          };
      switch (message) {
        case RegisterSlaveMessage _ -> {
          agent = from;
          send(SlaveRegisteredMessage.newBuilder().setSlaveId(agentId()).build());
        }
        case ReregisterSlaveMessage _ -> {
          agent = from;
          send(SlaveReregisteredMessage.newBuilder().setSlaveId(agentId()).build());
        }
        case StatusUpdateMessage update when acknowledge -> acknowledge(update);
        default -> {}
      }
      synchronized (received) {
        received.add(message);
        received.notifyAll();
      }
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  void acknowledge(StatusUpdateMessage message) {
    var update = message.getUpdate();
    send(
        StatusUpdateAcknowledgementMessage.newBuilder()
            .setSlaveId(agentId())
            .setFrameworkId(update.getFrameworkId())
            .setTaskId(update.getStatus().getTaskId())
            .setUuid(update.getUuid())
            .build());
  }

  void send(Message message) {
    libprocess.send(self, agent, message);
  }

  static AgentID agentId() {
    return AgentID.newBuilder().setValue(ID).build();
  }

  /// The first message of that kind that was not taken yet.
  <T extends Message> T next(Class<T> type) throws InterruptedException {
    return type.cast(next(type::isInstance, type.getSimpleName()));
  }

  /// The first status of a task in that state that was not taken yet.
  TaskStatus next(String task, TaskState state) throws InterruptedException {
    var found =
        next(
            message ->
                message instanceof StatusUpdateMessage update
                    && update.getUpdate().getStatus().getTaskId().getValue().equals(task)
                    && update.getUpdate().getStatus().getState() == state,
            state + " of " + task);
    return ((StatusUpdateMessage) found).getUpdate().getStatus();
  }

  private Message next(Predicate<Message> wanted, String what) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    synchronized (received) {
      while (true) {
        for (var it = received.iterator(); it.hasNext(); ) {
          var message = it.next();
          if (wanted.test(message)) {
            it.remove();
            return message;
          }
        }
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError("no " + what + " within 30 s; there is " + received);
        }
        received.wait(left);
      }
    }
  }

  /// Forgets what was not taken.
  void forget() {
    synchronized (received) {
      received.clear();
    }
  }

  static FrameworkInfo framework(String id, boolean checkpoint) {
    return FrameworkInfo.newBuilder()
        .setId(FrameworkID.newBuilder().setValue(id))
        .setName("test")
        .setUser("root")
        .setCheckpoint(checkpoint)
        .addCapabilities(
            FrameworkInfo.Capability.newBuilder()
                .setType(FrameworkInfo.Capability.Type.TASK_KILLING_STATE))
        .build();
  }

  static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("*"))
        .build();
  }

  static TaskInfo.Builder task(String id, String command) {
    return TaskInfo.newBuilder()
        .setName(id)
        .setTaskId(TaskID.newBuilder().setValue(id))
        .setAgentId(agentId())
        .addAllResources(List.of(scalar("cpus", 1), scalar("mem", 128)))
        .setCommand(CommandInfo.newBuilder().setValue(command));
  }

  void run(FrameworkInfo framework, TaskInfo.Builder task) {
    send(
        RunTaskMessage.newBuilder()
            .setFramework(framework)
            .setPid("@0.0.0.0:0")
            .setTask(task)
            .build());
  }

  void runGroup(FrameworkInfo framework, TaskInfo.Builder... tasks) {
    var executor =
        ExecutorInfo.newBuilder()
            .setType(ExecutorInfo.Type.DEFAULT)
            .setExecutorId(ExecutorID.newBuilder().setValue("pod"))
            .setFrameworkId(framework.getId())
            .addResources(scalar("cpus", 0.1))
            .addResources(scalar("mem", 32));
    var message = RunTaskGroupMessage.newBuilder().setFramework(framework).setExecutor(executor);
    for (var task : tasks) {
      message.getTaskGroupBuilder().addTasks(task.setExecutor(executor));
    }
    send(message.build());
  }

  void kill(String framework, String task, Duration grace) {
    send(
        KillTaskMessage.newBuilder()
            .setFrameworkId(FrameworkID.newBuilder().setValue(framework))
            .setTaskId(TaskID.newBuilder().setValue(task))
            .setKillPolicy(
                KillPolicy.newBuilder()
                    .setGracePeriod(DurationInfo.newBuilder().setNanoseconds(grace.toNanos())))
            .build());
  }

  @Override
  public void close() {
    libprocess.close();
    Thread.ofVirtual().start(edge::close); // takes two seconds, which nobody needs to wait for
  }
}
