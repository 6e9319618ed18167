// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.meseta.http.HttpEdge;
import io.meseta.http.Router;
import io.meseta.libprocess.Libprocess;
import io.meseta.model.Invalid;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.StatusUpdate;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Attribute;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// An agent that speaks libprocess from a port of its own and does only what the test says, except
/// that it answers pings.
final class FakeAgent implements AutoCloseable {
  record Got(Upid from, String name, byte[] body) {}

  private final LinkedBlockingQueue<Got> got = new LinkedBlockingQueue<>();
  private final Libprocess libprocess = new Libprocess();
  private final HttpEdge edge;
  final Upid pid;
  volatile int pings;
  AgentID id = AgentID.getDefaultInstance();

  FakeAgent() {
    this(0);
  }

  FakeAgent(int port) {
    var router = new Router();
    var builder = HttpEdge.builder("agent").listen("127.0.0.1", port).routes(router);
    libprocess.install(builder, router);
    edge = builder.start();
    pid = new Upid("slave(1)", "127.0.0.1", edge.port());
    libprocess.receive(
        "slave(1)",
        (from, name, body) -> {
          if (name.equals("mesos.internal.PingSlaveMessage")) {
            pings++;
            libprocess.send(pid, from, PongSlaveMessage.getDefaultInstance());
          } else {
            got.add(new Got(from, name, body));
          }
        });
  }

  static AgentInfo info(int port) {
    try {
      return AgentInfo.newBuilder()
          .setHostname("localhost")
          .setPort(port)
          .setCheckpoint(true)
          .addAllResources(
              ResourceWire.encode(
                  ResourceText.parse("cpus:4;mem:6000;disk:4000;ports:[32000-32500]", "*"),
                  Format.PRE))
          .addAttributes(
              Attribute.newBuilder()
                  .setName("rack")
                  .setType(Value.Type.TEXT)
                  .setText(Value.Text.newBuilder().setValue("r1")))
          .build();
    } catch (Invalid e) {
      throw new AssertionError(e);
    }
  }

  private static List<AgentInfo.Capability> capabilities() {
    var result = new ArrayList<AgentInfo.Capability>();
    for (var type : AgentInfo.Capability.Type.values()) {
      if (type != AgentInfo.Capability.Type.UNKNOWN) {
        result.add(AgentInfo.Capability.newBuilder().setType(type).build());
      }
    }
    return result;
  }

  void send(Upid master, Message message) {
    libprocess.send(pid, master, message);
  }

  void register(Upid master) throws Exception {
    register(master, info(pid.port()));
  }

  void register(Upid master, AgentInfo info) throws Exception {
    send(
        master,
        RegisterSlaveMessage.newBuilder()
            .setSlave(info)
            .setVersion("1.12.0")
            .addAllAgentCapabilities(capabilities())
            .build());
    id =
        SlaveRegisteredMessage.parseFrom(await("mesos.internal.SlaveRegisteredMessage").body())
            .getSlaveId();
  }

  void reregister(Upid master, List<FrameworkInfo> frameworks, Task... tasks) throws Exception {
    send(
        master,
        ReregisterSlaveMessage.newBuilder()
            .setSlave(info(pid.port()).toBuilder().setId(id))
            .setVersion("1.12.0")
            .addAllAgentCapabilities(capabilities())
            .addAllFrameworks(frameworks)
            .addAllTasks(List.of(tasks))
            .build());
    var unused = await("mesos.internal.SlaveReregisteredMessage");
  }

  /// The next message of this name; others before it are dropped.
  Got await(String name) throws InterruptedException {
    while (true) {
      var next = got.poll(10, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no " + name + " within ten seconds");
      }
      if (next.name().equals(name)) {
        return next;
      }
    }
  }

  RunTaskMessage awaitTask() throws Exception {
    return RunTaskMessage.parseFrom(await("mesos.internal.RunTaskMessage").body());
  }

  TaskStatus update(Upid master, FrameworkID framework, TaskID task, TaskState state) {
    var random = UUID.randomUUID();
    var uuid =
        ByteString.copyFrom(
            ByteBuffer.allocate(16)
                .putLong(random.getMostSignificantBits())
                .putLong(random.getLeastSignificantBits())
                .array());
    var status =
        TaskStatus.newBuilder()
            .setTaskId(task)
            .setAgentId(id)
            .setState(state)
            .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
            .setTimestamp(1795387958.25)
            .setUuid(uuid);
    status.getContainerStatusBuilder().setExecutorPid(1).getContainerIdBuilder().setValue("c");
    status
        .getContainerStatusBuilder()
        .addNetworkInfosBuilder()
        .addIpAddressesBuilder()
        .setIpAddress("127.0.0.1");
    send(
        master,
        StatusUpdateMessage.newBuilder()
            .setPid(pid.toString())
            .setUpdate(
                StatusUpdate.newBuilder()
                    .setFrameworkId(framework)
                    .setSlaveId(id)
                    .setStatus(status)
                    .setTimestamp(1)
                    .setUuid(uuid)
                    .setLatestState(state))
            .build());
    return status.build();
  }

  @Override
  public void close() {
    libprocess.close();
    edge.close();
  }
}
