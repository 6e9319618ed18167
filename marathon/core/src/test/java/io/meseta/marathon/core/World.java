// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.core;

import static io.meseta.marathon.core.TablesTest.json;

import com.google.protobuf.ByteString;
import io.meseta.loop.Ids;
import io.meseta.loop.Timers;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.MasterInfo;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/// A cluster and a store in virtual time around one core: late writes, lost calls, failing tasks,
/// and crashes of Marathon that lose everything not stored.
final class World {
  private sealed interface Step {}

  private record Tell(int life, MarathonEvent event) implements Step {}

  private record Stored(int life, Effect.Persist persist) implements Step {}

  private record Arrive(Call call) implements Step {}

  private record Live(String task, TaskState state) implements Step {}

  private record Task(TaskInfo info, TaskState state) {}

  private static final Instant BEGIN = Instant.parse("2024-01-01T00:00:00Z");
  private static final FrameworkInfo FRAMEWORK =
      FrameworkInfo.newBuilder().setName("marathon").setUser("root").build();

  private final Random random;
  private final Timers<Step> steps = new Timers<>();
  private final LinkedHashMap<String, Task> tasks = new LinkedHashMap<>();
  private final ArrayDeque<Effect.Persist> writing = new ArrayDeque<>();
  private final TreeMap<String, byte[]> store = new TreeMap<>();
  private final List<String> everLaunched = new ArrayList<>();
  private long nanos;
  private int life;
  private int offers;
  private long keys;
  private MarathonCore core;
  double faults = 0.1;

  /// As if every agent were away: nobody carries kills out.
  boolean deaf;

  /// How many kills were asked for.
  int kills;

  /// Answers to requests, newest last.
  final List<Answer> answers = new ArrayList<>();

  World(Random random) {
    this.random = random;
    restart();
  }

  /// Ends Marathon without warning and starts another that leads.
  void restart() {
    life++;
    writing.clear();
    core = new MarathonCore(MarathonConfig.defaults(FRAMEWORK), Ids.seeded(random.nextLong()));
    later(0, new Tell(life, new MarathonEvent.Loaded(new TreeMap<>(store))));
  }

  List<String> taskIds() {
    return List.copyOf(tasks.keySet());
  }

  void ask(ApiCall call) {
    later(0, new Tell(life, new MarathonEvent.Api(keys, call)));
  }

  void createApp(String text) {
    ask(new ApiCall.CreateApp(json(text), false, new ApiCall.Origin("", "")));
  }

  void updateApp(String id, String text) {
    ask(new ApiCall.UpdateApp(id, json(text), true, true, false, new ApiCall.Origin("", "")));
  }

  /// Lets time pass.
  void run(Duration duration) {
    long end = nanos + duration.toNanos();
    while (steps.untilNext(nanos) != Long.MAX_VALUE && nanos + steps.untilNext(nanos) <= end) {
      nanos += steps.untilNext(nanos);
      var step = steps.poll(nanos);
      if (step != null) {
        take(step);
        checkInvariants();
      }
    }
    nanos = end;
  }

  private void take(Step step) {
    switch (step) {
      case Tell(int whose, var event) -> {
        if (whose == life) {
          carryOut(core.on(event, now()));
          carryOut(core.endOfBatch(now()));
        }
      }
      case Stored(int whose, var persist) -> {
        if (whose == life) {
          writing.poll();
          store.putAll(persist.puts());
          persist.deletes().forEach(store::remove);
          take(new Tell(life, new MarathonEvent.Persisted(persist.id())));
        }
      }
      case Arrive(var call) -> arrive(call);
      case Live(var id, var state) -> {
        if (tasks.containsKey(id)) {
          update(id, state);
        }
      }
    }
  }

  private void carryOut(List<Effect> effects) {
    for (var effect : effects) {
      switch (effect) {
        case Effect.Reply reply -> answers.add(reply.answer());
        case Effect.Persist persist -> {
          writing.add(persist);
          // Writes take their time, and end in order.
          long last = writing.size() * 5L;
          later(last + random.nextInt(3), new Stored(life, persist));
        }
        case Effect.Subscribe subscribe -> {
          tell(
              Event.newBuilder()
                  .setType(Event.Type.SUBSCRIBED)
                  .setSubscribed(
                      Event.Subscribed.newBuilder()
                          .setFrameworkId(FrameworkID.newBuilder().setValue("F"))
                          .setMasterInfo(MasterInfo.newBuilder().setId("M").setIp(0).setPort(5050)))
                  .build());
          offer();
        }
        case Effect.Send(var call) -> {
          boolean lost =
              random.nextDouble() < faults
                  && call.getType() != Call.Type.REVIVE
                  && call.getType() != Call.Type.RECONCILE;
          if (!lost) {
            later(1, new Arrive(call));
          }
        }
        case Effect.SetTimer(var key, var delay, var event) ->
            steps.set(key, nanos + delay.toNanos(), new Tell(life, event));
        case Effect.CancelTimer(var key) -> steps.cancel(key);
        case Effect.Probe probe -> {}
        case Effect.Publish publish -> {}
        case Effect.Exit(var code, var reason) -> throw new AssertionError(reason);
      }
    }
  }

  private void arrive(Call call) {
    switch (call.getType()) {
      case ACCEPT ->
          call.getAccept()
              .getOperationsList()
              .forEach(each -> each.getLaunch().getTaskInfosList().forEach(this::launch));
      case REVIVE -> offer();
      case KILL -> {
        var id = call.getKill().getTaskId().getValue();
        kills++;
        if (deaf) {
          return;
        }
        if (tasks.containsKey(id)) {
          later(random.nextInt(50), new Live(id, TaskState.TASK_KILLED));
        } else {
          status(id, call.getKill().getAgentId().getValue(), TaskState.TASK_UNKNOWN);
        }
      }
      case RECONCILE -> {
        for (var asked : call.getReconcile().getTasksList()) {
          var task = tasks.get(asked.getTaskId().getValue());
          status(
              asked.getTaskId().getValue(),
              asked.getAgentId().getValue(),
              task == null ? TaskState.TASK_UNKNOWN : task.state());
        }
        if (call.getReconcile().getTasksCount() == 0) {
          tasks.forEach((id, task) -> status(id, "A", task.state()));
        }
      }
      default -> {}
    }
    if (call.getType() == Call.Type.ACCEPT
        && call.getAccept().getFilters().getRefuseSeconds() == 0) {
      later(20, new Arrive(Call.newBuilder().setType(Call.Type.REVIVE).build()));
    }
  }

  private void launch(TaskInfo info) {
    var id = info.getTaskId().getValue();
    if (everLaunched.contains(id)) {
      throw new AssertionError(id + " is launched twice");
    }
    var instance = "instance~" + id.substring(0, id.indexOf("._app"));
    if (!store.containsKey(instance)) {
      throw new AssertionError(id + " is launched but not stored");
    }
    everLaunched.add(id);
    tasks.put(id, new Task(info, TaskState.TASK_STAGING));
    if (random.nextDouble() < faults) {
      later(random.nextInt(1000), new Live(id, TaskState.TASK_FAILED));
    } else {
      later(random.nextInt(1000), new Live(id, TaskState.TASK_RUNNING));
      if (random.nextDouble() < faults) {
        later(1000 + random.nextInt(20_000), new Live(id, TaskState.TASK_FINISHED));
      }
    }
  }

  private void update(String id, TaskState state) {
    var task = tasks.get(id);
    if (state == TaskState.TASK_RUNNING) {
      tasks.put(id, new Task(task.info(), state));
    } else {
      tasks.remove(id);
    }
    status(id, "A", state);
  }

  private void status(String id, String agent, TaskState state) {
    tell(
        Event.newBuilder()
            .setType(Event.Type.UPDATE)
            .setUpdate(
                Event.Update.newBuilder()
                    .setStatus(
                        TaskStatus.newBuilder()
                            .setTaskId(TaskID.newBuilder().setValue(id))
                            .setAgentId(AgentID.newBuilder().setValue(agent))
                            .setState(state)
                            .setUuid(ByteString.copyFromUtf8("u"))))
            .build());
  }

  private void offer() {
    var offer =
        Offer.newBuilder()
            .setId(OfferID.newBuilder().setValue("O" + ++offers))
            .setFrameworkId(FrameworkID.newBuilder().setValue("F"))
            .setAgentId(AgentID.newBuilder().setValue("A"))
            .setHostname("h")
            .setAllocationInfo(Resource.AllocationInfo.newBuilder().setRole("*"));
    for (var name : List.of("cpus", "mem", "disk")) {
      offer.addResources(
          Resource.newBuilder()
              .setName(name)
              .setType(Value.Type.SCALAR)
              .setScalar(Value.Scalar.newBuilder().setValue(100_000)));
    }
    offer.addResources(
        Resource.newBuilder()
            .setName("ports")
            .setType(Value.Type.RANGES)
            .setRanges(
                Value.Ranges.newBuilder()
                    .addRange(Value.Range.newBuilder().setBegin(1).setEnd(60_000))));
    tell(
        Event.newBuilder()
            .setType(Event.Type.OFFERS)
            .setOffers(Event.Offers.newBuilder().addOffers(offer))
            .build());
  }

  /// A crash forgets what the master told a Marathon of before.
  private void tell(Event event) {
    later(1, new Tell(life, new MarathonEvent.Mesos(event)));
  }

  private void later(long millis, Step step) {
    steps.set(keys++, nanos + millis * 1_000_000, step);
  }

  private void checkInvariants() {
    // What runs is never more than an app may have while it is replaced.
    var counts = new TreeMap<String, Integer>();
    tasks.values().forEach(task -> counts.merge(task.info().getName(), 1, Integer::sum));
    counts.forEach((name, count) -> {
      if (count > MAX_PER_APP) {
        throw new AssertionError(name + " has " + count + " tasks");
      }
    });
  }

  static final int MAX_PER_APP = 40;

  /// The commands of tasks that run, by app.
  TreeMap<String, List<String>> running() {
    var running = new TreeMap<String, List<String>>();
    for (var task : tasks.values()) {
      if (task.state() == TaskState.TASK_RUNNING) {
        running
            .computeIfAbsent(task.info().getName(), name -> new ArrayList<>())
            .add(task.info().getCommand().getValue());
      }
    }
    return running;
  }

  private Instant now() {
    return BEGIN.plusNanos(nanos);
  }
}
