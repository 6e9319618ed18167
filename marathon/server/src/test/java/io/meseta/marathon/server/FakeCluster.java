// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import com.google.protobuf.ByteString;
import io.meseta.fakes.FakeMaster;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.Attribute;
import io.meseta.wire.v1.ContainerStatus;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.NetworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A master with agents that only pretend: offers what is free when asked for offers, and lets
/// tasks run, fail or hang as told.
final class FakeCluster implements AutoCloseable {
  /// An agent with so many cpus, 16 GB and the ports 31000 to 31099.
  record Agent(String id, String host, double cpus, Map<String, String> attributes) {}

  /// A task launched here.
  record Task(TaskInfo info, Agent agent, TaskState state) {}

  final FakeMaster master;
  final List<Call> calls = new CopyOnWriteArrayList<>();
  final List<TaskInfo> launched = new CopyOnWriteArrayList<>();

  /// What a new task does at once: RUNNING, FAILED, or STAGING for nothing. Changed under the lock.
  volatile Function<TaskInfo, TaskState> behaviour = task -> TaskState.TASK_RUNNING;

  /// Changes every offer before it is made.
  volatile UnaryOperator<Offer.Builder> offerEdit = offer -> offer;

  /// Whether kills are carried out.
  volatile boolean kills = true;

  private final LinkedHashMap<String, Agent> agents = new LinkedHashMap<>();
  private final LinkedHashMap<String, Task> tasks = new LinkedHashMap<>();
  private final LinkedHashMap<String, Agent> offers = new LinkedHashMap<>();
  private final Thread serving;
  private final Thread accepting;
  private FakeMaster.@Nullable Subscription stream;
  private int offerNumber;

  FakeCluster(Agent... initial) throws IOException {
    master = new FakeMaster();
    for (var agent : initial) {
      agents.put(agent.id(), agent);
    }
    accepting = Thread.ofVirtual().start(this::accept);
    serving = Thread.ofVirtual().start(this::serve);
  }

  static FakeCluster ofOneAgent() throws IOException {
    return new FakeCluster(new Agent("A1", "127.0.0.1", 8, Map.of()));
  }

  private void accept() {
    try {
      while (true) {
        var subscription = master.subscriptions.take();
        synchronized (this) {
          stream = subscription;
          offers.clear();
          calls.add(subscription.call);
          subscription.subscribed("F-1", 15);
          offer();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve() {
    try {
      while (true) {
        handle(master.calls.take().call());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void handle(Call call) {
    calls.add(call);
    switch (call.getType()) {
      case ACCEPT -> {
        var agent = offers.remove(call.getAccept().getOfferIds(0).getValue());
        for (var operation : call.getAccept().getOperationsList()) {
          for (var info : operation.getLaunch().getTaskInfosList()) {
            launch(info, agent);
          }
        }
        if (call.getAccept().getFilters().getRefuseSeconds() == 0) {
          offer();
        }
      }
      case DECLINE ->
          call.getDecline().getOfferIdsList().forEach(id -> offers.remove(id.getValue()));
      case REVIVE -> offer();
      case KILL -> {
        if (kills) {
          var task = tasks.get(call.getKill().getTaskId().getValue());
          if (task != null) {
            update(task.info().getTaskId().getValue(), TaskState.TASK_KILLED, "");
          }
        }
      }
      case RECONCILE -> {
        for (var asked : call.getReconcile().getTasksList()) {
          var task = tasks.get(asked.getTaskId().getValue());
          send(
              status(
                      asked.getTaskId(),
                      asked.getAgentId(),
                      task == null ? TaskState.TASK_UNKNOWN : task.state(),
                      "Reconciliation")
                  .setReason(TaskStatus.Reason.REASON_RECONCILIATION));
        }
      }
      default -> {}
    }
  }

  private void launch(TaskInfo info, @Nullable Agent agent) {
    launched.add(info);
    var id = info.getTaskId().getValue();
    if (agent == null) {
      send(status(info.getTaskId(), info.getAgentId(), TaskState.TASK_DROPPED, "no such offer"));
      return;
    }
    tasks.put(id, new Task(info, agent, TaskState.TASK_STAGING));
    var then = behaviour.apply(info);
    switch (then) {
      case TASK_STAGING -> {}
      case TASK_RUNNING -> {
        update(id, TaskState.TASK_STARTING, "");
        update(id, TaskState.TASK_RUNNING, "");
      }
      default -> update(id, then, "as told");
    }
  }

  /// Says that a task is in this state now.
  synchronized void update(String taskId, TaskState state, String message) {
    var task = tasks.get(taskId);
    if (task == null) {
      return;
    }
    switch (state) {
      case TASK_FINISHED, TASK_FAILED, TASK_KILLED, TASK_ERROR, TASK_LOST, TASK_GONE ->
          tasks.remove(taskId);
      default -> tasks.put(taskId, new Task(task.info(), task.agent(), state));
    }
    send(
        status(task.info().getTaskId(), task.info().getAgentId(), state, message)
            .setUuid(ByteString.copyFromUtf8(UUID.randomUUID().toString().substring(0, 16))));
  }

  /// Says that a task is well or not, as an executor's check does.
  synchronized void health(String taskId, boolean healthy) {
    var task = tasks.get(taskId);
    send(
        status(task.info().getTaskId(), task.info().getAgentId(), TaskState.TASK_RUNNING, "health")
            .setHealthy(healthy));
  }

  private static TaskStatus.Builder status(
      TaskID task, AgentID agent, TaskState state, String message) {
    return TaskStatus.newBuilder()
        .setTaskId(task)
        .setAgentId(agent)
        .setState(state)
        .setMessage(message)
        .setContainerStatus(
            ContainerStatus.newBuilder()
                .addNetworkInfos(
                    NetworkInfo.newBuilder()
                        .addIpAddresses(
                            NetworkInfo.IPAddress.newBuilder()
                                .setIpAddress("127.0.0.1")
                                .setProtocol(NetworkInfo.Protocol.IPv4))));
  }

  private void send(TaskStatus.Builder status) {
    if (stream != null) {
      stream.send(
          Event.newBuilder()
              .setType(Event.Type.UPDATE)
              .setUpdate(Event.Update.newBuilder().setStatus(status))
              .build());
    }
  }

  synchronized void add(Agent agent) {
    agents.put(agent.id(), agent);
    offer();
  }

  /// Breaks the stream, as a failing master does.
  synchronized void disconnect() {
    if (stream != null) {
      stream.end();
      stream = null;
    }
  }

  synchronized List<Task> tasks() {
    return new ArrayList<>(tasks.values());
  }

  /// Offers what is free on every agent that has no offer out.
  synchronized void offer() {
    if (stream == null) {
      return;
    }
    var made = Event.Offers.newBuilder();
    for (var agent : agents.values()) {
      if (offers.containsValue(agent)) {
        continue;
      }
      var id = "O" + ++offerNumber;
      offers.put(id, agent);
      made.addOffers(offer(id, agent));
    }
    if (made.getOffersCount() > 0) {
      stream.send(Event.newBuilder().setType(Event.Type.OFFERS).setOffers(made).build());
    }
  }

  private Offer offer(String id, Agent agent) {
    double cpus = agent.cpus();
    double mem = 16_000;
    var ports = new java.util.TreeSet<Long>();
    for (long port = 31_000; port < 31_100; port++) {
      ports.add(port);
    }
    for (var task : tasks.values()) {
      if (task.agent().id().equals(agent.id())) {
        for (var resource : task.info().getResourcesList()) {
          switch (resource.getName()) {
            case "cpus" -> cpus -= resource.getScalar().getValue();
            case "mem" -> mem -= resource.getScalar().getValue();
            case "ports" ->
                resource
                    .getRanges()
                    .getRangeList()
                    .forEach(range ->
                        ports.subSet(range.getBegin(), true, range.getEnd(), true).clear());
            default -> {}
          }
        }
      }
    }
    var ranges = Value.Ranges.newBuilder();
    ports.forEach(port -> ranges.addRange(Value.Range.newBuilder().setBegin(port).setEnd(port)));
    var offer =
        Offer.newBuilder()
            .setId(OfferID.newBuilder().setValue(id))
            .setFrameworkId(FrameworkID.newBuilder().setValue("F-1"))
            .setAgentId(AgentID.newBuilder().setValue(agent.id()))
            .setHostname(agent.host())
            .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("*"))
            .addResources(scalar("cpus", cpus))
            .addResources(scalar("mem", mem))
            .addResources(scalar("disk", 10_000))
            .addResources(
                Resource.newBuilder()
                    .setName("ports")
                    .setType(Value.Type.RANGES)
                    .setRanges(ranges));
    agent
        .attributes()
        .forEach((name, value) ->
            offer.addAttributes(
                Attribute.newBuilder()
                    .setName(name)
                    .setType(Value.Type.TEXT)
                    .setText(Value.Text.newBuilder().setValue(value))));
    return offerEdit.apply(offer).build();
  }

  private static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .build();
  }

  @Override
  public void close() {
    accepting.interrupt();
    serving.interrupt();
    master.close();
  }
}
