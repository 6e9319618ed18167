// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.meseta.allocator.AllocatorOptions;
import io.meseta.loop.Ids;
import io.meseta.loop.Timers;
import io.meseta.master.core.view.Snapshot;
import io.meseta.model.Invalid;
import io.meseta.model.acls.Acls;
import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.model.resources.ResourceWire.Format;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.StatusUpdate;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.v1.Address;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A master core with hand-made edges in virtual time: what it sends is kept per receiver, what it
/// persists is durable at once unless held back.
final class Stage {
  static final FrameworkInfo PLAIN =
      FrameworkInfo.newBuilder()
          .setUser("nobody")
          .setName("test")
          .setFailoverTimeout(60)
          .setCheckpoint(true)
          .build();
  static final FrameworkInfo AWARE = with(PLAIN, FrameworkInfo.Capability.Type.PARTITION_AWARE);

  MasterCore core;
  Instant now = Instant.parse("2026-01-01T00:00:00Z");
  final Map<String, ByteString> store = new TreeMap<>();
  final Map<String, List<Event>> events = new LinkedHashMap<>();
  final List<String> closed = new ArrayList<>();
  final List<Effect.Send> sent = new ArrayList<>();
  final List<Upid> unlinked = new ArrayList<>();
  final List<String> failures = new ArrayList<>();
  final List<String> notes = new ArrayList<>();
  final Map<Long, Effect.Reply> replies = new LinkedHashMap<>();
  final List<Effect> all = new ArrayList<>();
  final List<String> watched = new ArrayList<>();
  final List<io.meseta.wire.v1.master.Event> operatorEvents = new ArrayList<>();
  boolean holdPersists;
  final ArrayDeque<Effect.Persist> held = new ArrayDeque<>();

  private Timers<MasterEvent> timers = new Timers<>();
  private final ArrayDeque<MasterEvent> inbox = new ArrayDeque<>();
  private Snapshot snapshot;
  private long requests;
  private int streams;
  private final MasterConfig config;
  private final Acls acls;

  Stage(MasterConfig config) {
    this(config, Acls.NONE);
  }

  Stage(MasterConfig config, Acls acls) {
    this.config = config;
    this.acls = acls;
    elect("m1");
  }

  Stage() {
    this(config());
  }

  static MasterConfig config() {
    return config(changed -> {});
  }

  /// The defaults of the flags but for what `change` does.
  static MasterConfig config(Consumer<MasterConfig.Builder> change) {
    var builder = new MasterConfig.Builder();
    try {
      builder.allocator =
          new AllocatorOptions(
              Duration.ofSeconds(1),
              AllocatorOptions.parseMinAllocatable("cpus:0.01|mem:32"),
              Set.of(),
              true);
    } catch (Invalid e) {
      throw new AssertionError(e);
    }
    change.accept(builder);
    return builder.build();
  }

  static FrameworkInfo with(FrameworkInfo info, FrameworkInfo.Capability.Type... types) {
    var result = info.toBuilder();
    for (var type : types) {
      result.addCapabilitiesBuilder().setType(type);
    }
    return result.build();
  }

  /// Another master, with another id, takes over the registry; everything else is forgotten.
  void elect(String masterId) {
    core = unelected(masterId);
    feed(new MasterEvent.RegistryLoaded(new LinkedHashMap<>(store)));
  }

  MasterCore unelected(String masterId) {
    timers = new Timers<>();
    events.clear();
    sent.clear();
    return new MasterCore(
        config,
        acls,
        MasterInfo.newBuilder()
            .setId(masterId)
            .setIp(16777343)
            .setPort(5050)
            .setPid("master@127.0.0.1:5050")
            .setAddress(Address.newBuilder().setIp("127.0.0.1").setPort(5050))
            .build(),
        Ids.seeded(1),
        Meter.NONE);
  }

  void feed(MasterEvent event) {
    inbox.add(event);
    while (!inbox.isEmpty()) {
      core.on(inbox.poll(), now).forEach(this::carryOut);
      core.endOfBatch(now).forEach(this::carryOut);
    }
  }

  private void carryOut(Effect effect) {
    all.add(effect);
    switch (effect) {
      case Effect.Reply reply -> replies.put(reply.requestId(), reply);
      case Effect.Answer answer -> snapshot = answer.snapshot();
      case Effect.SendEvent(var stream, var event) ->
          events.computeIfAbsent(stream, s -> new ArrayList<>()).add(event);
      case Effect.CloseStream(var stream) -> closed.add(stream);
      case Effect.Send send -> sent.add(send);
      case Effect.Persist persist -> {
        if (holdPersists) {
          held.add(persist);
        } else {
          persist(persist);
        }
      }
      case Effect.SetTimer(var key, var delay) ->
          timers.set(key, nanos(now.plus(delay)), new MasterEvent.TimerFired(key));
      case Effect.CancelTimer(var key) -> timers.cancel(key);
      case Effect.Fail(var reason) -> failures.add(reason);
      case Effect.Note(var text) -> notes.add(text);
      case Effect.BeginWatching begin -> watched.add("SUBSCRIBED");
      case Effect.SendOperatorEvent(var streams, var event) -> {
        operatorEvents.add(event);
        watched.add(event.getType().name());
      }
      case Effect.Explain explain -> {}
      case Effect.Link link -> {}
      case Effect.Unlink(var agent) -> unlinked.add(agent);
      case Effect.OpenProcess open -> {}
      case Effect.CloseProcess close -> {}
    }
  }

  private void persist(Effect.Persist persist) {
    store.putAll(persist.puts());
    persist.deletes().forEach(store::remove);
    inbox.add(new MasterEvent.Persisted(persist.batch()));
  }

  void releasePersists() {
    holdPersists = false;
    while (!held.isEmpty()) {
      persist(held.poll());
      while (!inbox.isEmpty()) {
        feed(inbox.poll());
      }
    }
  }

  private static long nanos(Instant time) {
    return Math.multiplyExact(time.getEpochSecond() - 1_700_000_000L, 1_000_000_000L)
        + time.getNano();
  }

  /// Lets time pass, timer by timer.
  void pass(Duration duration) {
    var end = now.plus(duration);
    while (true) {
      long wait = timers.untilNext(nanos(now));
      if (wait > nanos(end) - nanos(now)) {
        now = end;
        return;
      }
      now = now.plusNanos(wait);
      for (var due = timers.poll(nanos(now)); due != null; due = timers.poll(nanos(now))) {
        feed(due);
      }
    }
  }

  Snapshot snapshot() {
    feed(new MasterEvent.Read(++requests));
    return snapshot;
  }

  // Schedulers.

  String subscribe(FrameworkInfo info) {
    return subscribe(info, List.of());
  }

  String subscribe(FrameworkInfo info, List<String> suppressed) {
    var stream = "stream-" + ++streams;
    var call =
        Call.newBuilder()
            .setType(Call.Type.SUBSCRIBE)
            .setSubscribe(
                Call.Subscribe.newBuilder()
                    .setFrameworkInfo(info)
                    .addAllSuppressedRoles(suppressed));
    if (info.hasId()) {
      call.setFrameworkId(info.getId());
    }
    feed(new MasterEvent.Subscribe(stream, Optional.empty(), call.build()));
    return stream;
  }

  FrameworkID frameworkId(String stream) {
    return events(stream, Event.Type.SUBSCRIBED).getFirst().getSubscribed().getFrameworkId();
  }

  Effect.Reply call(String stream, Call.Builder call) {
    long id = ++requests;
    feed(
        new MasterEvent.SchedulerCall(
            id,
            Optional.of(stream),
            Optional.empty(),
            call.setFrameworkId(frameworkId(stream)).build()));
    return replies.get(id);
  }

  List<Event> events(String stream, Event.Type type) {
    return events.getOrDefault(stream, List.of()).stream()
        .filter(event -> event.getType() == type)
        .toList();
  }

  List<Offer> offers(String stream) {
    return events(stream, Event.Type.OFFERS).stream()
        .flatMap(event -> event.getOffers().getOffersList().stream())
        .toList();
  }

  Offer lastOffer(String stream) {
    return offers(stream).getLast();
  }

  List<TaskStatus> updates(String stream) {
    return events(stream, Event.Type.UPDATE).stream()
        .map(event -> event.getUpdate().getStatus())
        .toList();
  }

  TaskStatus lastUpdate(String stream) {
    return events.get(stream).reversed().stream()
        .filter(event -> event.getType() == Event.Type.UPDATE)
        .findFirst()
        .orElseThrow()
        .getUpdate()
        .getStatus();
  }

  static TaskInfo task(String id, Offer offer, String resources) {
    return TaskInfo.newBuilder()
        .setName(id)
        .setTaskId(TaskID.newBuilder().setValue(id))
        .setAgentId(offer.getAgentId())
        .addAllResources(resources(resources))
        .setCommand(CommandInfo.newBuilder().setValue("sleep 1000"))
        .build();
  }

  static List<Resource> resources(String text) {
    try {
      return ResourceWire.encode(ResourceText.parse(text, "*"), Format.PRE);
    } catch (Invalid e) {
      throw new AssertionError(e);
    }
  }

  Effect.Reply launch(String stream, Offer offer, TaskInfo... tasks) {
    return accept(
        stream,
        List.of(offer),
        Offer.Operation.newBuilder()
            .setType(Offer.Operation.Type.LAUNCH)
            .setLaunch(Offer.Operation.Launch.newBuilder().addAllTaskInfos(List.of(tasks)))
            .build());
  }

  Effect.Reply accept(String stream, List<Offer> offers, Offer.Operation... operations) {
    var accept = Call.Accept.newBuilder().addAllOperations(List.of(operations));
    offers.forEach(offer -> accept.addOfferIds(offer.getId()));
    return call(stream, Call.newBuilder().setType(Call.Type.ACCEPT).setAccept(accept));
  }

  /// As [#launch] and [#acknowledge], without looking for the framework among many events.
  void launchAs(FrameworkID framework, String stream, Offer offer, TaskInfo... tasks) {
    var accept =
        Call.Accept.newBuilder()
            .addOfferIds(offer.getId())
            .addOperations(
                Offer.Operation.newBuilder()
                    .setType(Offer.Operation.Type.LAUNCH)
                    .setLaunch(
                        Offer.Operation.Launch.newBuilder().addAllTaskInfos(List.of(tasks))));
    callAs(framework, stream, Call.newBuilder().setType(Call.Type.ACCEPT).setAccept(accept));
  }

  void acknowledgeAs(FrameworkID framework, String stream, TaskStatus status) {
    callAs(
        framework,
        stream,
        Call.newBuilder()
            .setType(Call.Type.ACKNOWLEDGE)
            .setAcknowledge(
                Call.Acknowledge.newBuilder()
                    .setAgentId(status.getAgentId())
                    .setTaskId(status.getTaskId())
                    .setUuid(status.getUuid())));
  }

  private void callAs(FrameworkID framework, String stream, Call.Builder call) {
    feed(
        new MasterEvent.SchedulerCall(
            ++requests,
            Optional.of(stream),
            Optional.empty(),
            call.setFrameworkId(framework).build()));
  }

  void forgetSent() {
    sent.clear();
    all.clear();
  }

  // Agents.

  static Upid pid(int port) {
    return new Upid("slave(1)", "127.0.0.1", port);
  }

  static AgentInfo agentInfo(int port, String resources) {
    return AgentInfo.newBuilder()
        .setHostname("host")
        .setPort(port)
        .addAllResources(resources(resources))
        .build();
  }

  static List<AgentInfo.Capability> capabilities() {
    var result = new ArrayList<AgentInfo.Capability>();
    for (var type : AgentInfo.Capability.Type.values()) {
      result.add(AgentInfo.Capability.newBuilder().setType(type).build());
    }
    return result;
  }

  static RegisterSlaveMessage registration(int port, String resources) {
    return RegisterSlaveMessage.newBuilder()
        .setSlave(agentInfo(port, resources))
        .setVersion("1.12.0")
        .addAllAgentCapabilities(capabilities())
        .build();
  }

  void register(int port, String resources) {
    say(port, registration(port, resources));
  }

  void say(int port, Message message) {
    feed(new MasterEvent.AgentMessage(pid(port), message));
  }

  <M extends Message> List<M> sentTo(int port, Class<M> type) {
    return sent.stream()
        .filter(send -> send.to().equals(pid(port)))
        .map(Effect.Send::message)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  StatusUpdateMessage update(
      int port, FrameworkID framework, AgentID agent, String task, TaskState state) {
    var uuid =
        ByteString.copyFromUtf8("%016d".formatted(Math.abs((task + state).hashCode()) % 999999));
    return StatusUpdateMessage.newBuilder()
        .setPid(pid(port).toString())
        .setUpdate(
            StatusUpdate.newBuilder()
                .setFrameworkId(framework)
                .setSlaveId(agent)
                .setTimestamp(1)
                .setUuid(uuid)
                .setLatestState(state)
                .setStatus(
                    TaskStatus.newBuilder()
                        .setTaskId(TaskID.newBuilder().setValue(task))
                        .setAgentId(agent)
                        .setState(state)
                        .setUuid(uuid)
                        .setTimestamp(1)))
        .build();
  }

  void acknowledge(String stream, TaskStatus status) {
    call(
        stream,
        Call.newBuilder()
            .setType(Call.Type.ACKNOWLEDGE)
            .setAcknowledge(
                Call.Acknowledge.newBuilder()
                    .setAgentId(status.getAgentId())
                    .setTaskId(status.getTaskId())
                    .setUuid(status.getUuid())));
  }

  Optional<Task> knownTask(String id) {
    return snapshot().frameworks().stream()
        .flatMap(framework -> framework.tasks().stream())
        .filter(task -> task.getTaskId().getValue().equals(id))
        .findFirst();
  }
}
