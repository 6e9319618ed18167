// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// Counts what goes to and comes from the master, under the original's names, since the start of
/// this server. From any thread.
final class Meters {
  private static final String[] NAMES = {
    "marathon.mesos.calls.revive.counter",
    "marathon.mesos.calls.suppress.counter",
    "marathon.mesos.offer-operations.launch-group.counter",
    "marathon.mesos.offer-operations.launch.counter",
    "marathon.mesos.offer-operations.reserve.counter",
    "marathon.mesos.offers.declined.counter",
    "marathon.mesos.offers.incoming.counter",
    "marathon.mesos.offers.used.counter",
    "marathon.tasks.launched.counter",
  };

  private final ConcurrentHashMap<String, LongAdder> counters = new ConcurrentHashMap<>();
  private final long began = System.nanoTime();

  Meters() {
    for (var name : NAMES) {
      counters.put(name, new LongAdder());
    }
  }

  private void add(String name, long count) {
    counters.computeIfAbsent("marathon." + name + ".counter", n -> new LongAdder()).add(count);
  }

  void received(Event event) {
    if (event.getType() == Event.Type.OFFERS) {
      add("mesos.offers.incoming", event.getOffers().getOffersCount());
    } else if (event.getType() == Event.Type.UPDATE) {
      switch (event.getUpdate().getStatus().getReason()) {
        case REASON_CONTAINER_LIMITATION_MEMORY -> add("mesos.task.oom.memory-limit-exceeded", 1);
        default -> {}
      }
    }
  }

  void sent(Call call) {
    switch (call.getType()) {
      case REVIVE -> add("mesos.calls.revive", 1);
      case SUPPRESS -> add("mesos.calls.suppress", 1);
      case DECLINE -> add("mesos.offers.declined", call.getDecline().getOfferIdsCount());
      case ACCEPT -> {
        add("mesos.offers.used", call.getAccept().getOfferIdsCount());
        call.getAccept().getOperationsList().forEach(this::operation);
      }
      default -> {}
    }
  }

  private void operation(Offer.Operation operation) {
    switch (operation.getType()) {
      case LAUNCH -> {
        add("mesos.offer-operations.launch", 1);
        add("tasks.launched", operation.getLaunch().getTaskInfosCount());
      }
      case LAUNCH_GROUP -> {
        add("mesos.offer-operations.launch-group", 1);
        add("tasks.launched", operation.getLaunchGroup().getTaskGroup().getTasksCount());
      }
      case RESERVE -> add("mesos.offer-operations.reserve", 1);
      default -> {}
    }
  }

  long uptimeSeconds() {
    return (System.nanoTime() - began) / 1_000_000_000L;
  }

  /// All counters by name.
  Map<String, Long> counters() {
    var all = new TreeMap<String, Long>();
    counters.forEach((name, count) -> all.put(name, count.sum()));
    return all;
  }
}
