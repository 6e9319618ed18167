// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.core;

import io.meseta.chronos.core.ChronosEvent.ApiCall;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Call;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;

/// Drives the core in virtual time: a store that answers at once, a cluster that takes every task.
abstract class Stage {
  final TreeMap<String, byte[]> store = new TreeMap<>();
  final List<TaskInfo> launched = new ArrayList<>();
  final List<String> killed = new ArrayList<>();
  final List<String> notices = new ArrayList<>();
  final Map<Long, String> replies = new TreeMap<>();
  final List<Call.Type> calls = new ArrayList<>();
  Instant now = Instant.parse("2026-03-01T00:00:00Z");
  Instant wake = Instant.MAX;
  ChronosCore core;
  long request;
  int offers;
  long disableAfter;
  boolean offering = true;

  @BeforeEach
  void start() {
    restart();
  }

  void restart() {
    core =
        new ChronosCore(
            new ChronosSettings(
                0.1,
                128,
                256,
                "root",
                Duration.ofSeconds(60),
                disableAfter,
                Duration.ofSeconds(600),
                Duration.ofSeconds(5),
                1000));
    feed(new ChronosEvent.Elected(Map.copyOf(store)));
    feed(new ChronosEvent.Subscribed("fw-1"));
  }

  final List<String> warnings = new ArrayList<>();
  Map<String, String> headers = Map.of();

  void feed(ChronosEvent event) {
    carryOut(core.on(event, now));
    carryOut(core.endOfBatch(now));
  }

  void carryOut(List<ChronosEffect> effects) {
    for (var effect : effects) {
      switch (effect) {
        case ChronosEffect.Persist persist -> {
          store.putAll(persist.puts());
          persist.deletes().forEach(store::remove);
          carryOut(core.on(new ChronosEvent.Persisted(persist.batch()), now));
        }
        case ChronosEffect.Reply reply -> {
          replies.put(
              reply.request(),
              reply.status() + " " + new String(reply.body(), StandardCharsets.UTF_8));
          headers = reply.headers();
        }
        case ChronosEffect.SetTimer timer -> {
          if (timer.key().equals(ChronosCore.DUE_TIMER)) {
            wake = now.plus(timer.delay());
          }
        }
        case ChronosEffect.CancelTimer cancel -> {}
        case ChronosEffect.Warn warning -> warnings.add(warning.text());
        case ChronosEffect.Notify notice -> notices.add(notice.job() + " " + notice.kind());
        case ChronosEffect.Send send -> {
          calls.add(send.call().getType());
          if (send.call().getType() == Call.Type.ACCEPT) {
            launched.addAll(
                send.call().getAccept().getOperations(0).getLaunch().getTaskInfosList());
          } else if (send.call().getType() == Call.Type.KILL) {
            killed.add(send.call().getKill().getTaskId().getValue());
          }
        }
      }
    }
  }

  static long due(TaskInfo task) {
    return Long.parseLong(task.getTaskId().getValue().split(":")[1]);
  }

  String api(ApiCall call) {
    feed(new ChronosEvent.Api(++request, call));
    offer();
    return replies.get(request);
  }

  void offer() {
    if (offering) {
      feed(new ChronosEvent.Offers(List.of(offer("agent-1", 4, 8192, 100_000))));
    }
  }

  Offer offer(String agent, double cpus, double mem, double disk) {
    return Offer.newBuilder()
        .setId(OfferID.newBuilder().setValue("o" + ++offers))
        .setFrameworkId(FrameworkID.newBuilder().setValue("fw-1"))
        .setAgentId(AgentID.newBuilder().setValue(agent))
        .setHostname(agent)
        .addResources(scalar("cpus", cpus))
        .addResources(scalar("mem", mem))
        .addResources(scalar("disk", disk))
        .build();
  }

  static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .build();
  }

  String post(String json) {
    return api(
        new ApiCall.Post(
            json.contains("'parents'"), json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
  }

  String get(String job) {
    return api(new ApiCall.Get(job));
  }

  /// Lets virtual time pass, waking the core when it asked for it and offering resources then.
  void pass(Duration duration) {
    var end = now.plus(duration);
    while (!wake.isAfter(end)) {
      now = wake.isAfter(now) ? wake : now.plusMillis(1);
      wake = Instant.MAX;
      feed(new ChronosEvent.TimerFired(ChronosCore.DUE_TIMER));
      offer();
    }
    now = end;
  }

  void update(TaskInfo task, TaskState state) {
    feed(
        new ChronosEvent.Update(
            TaskStatus.newBuilder()
                .setTaskId(task.getTaskId())
                .setAgentId(task.getAgentId())
                .setState(state)
                .setMessage("because")
                .build()));
    offer();
  }

  TaskInfo last() {
    return launched.getLast();
  }

  void finishAll() {
    for (var task : List.copyOf(launched)) {
      update(task, TaskState.TASK_FINISHED);
    }
  }
}
