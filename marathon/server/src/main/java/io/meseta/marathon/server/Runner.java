// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import io.meseta.http.Askers;
import io.meseta.loop.Ids;
import io.meseta.loop.Loop;
import io.meseta.marathon.core.Answer;
import io.meseta.marathon.core.ApiCall;
import io.meseta.marathon.core.Effect;
import io.meseta.marathon.core.MarathonConfig;
import io.meseta.marathon.core.MarathonCore;
import io.meseta.marathon.core.MarathonEvent;
import io.meseta.sdk.Scheduler;
import io.meseta.sdk.SchedulerClient;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.scheduler.Event;
import io.meseta.zk.Leadership;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A leading Marathon: the core's loop, and the carrying out of its effects.
final class Runner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Runner.class);
  private static final int INBOX = 10_000;
  private static final long PAUSE_MILLIS = 5;

  private final Leadership leadership;
  private final Function<FrameworkInfo, SchedulerClient.Builder> clients;
  private final BiConsumer<Integer, String> exit;
  private final EventHub events;
  private final Meters meters;
  private final Prober prober;
  private final Loop<MarathonEvent, Effect> loop;
  private final Askers<Answer> askers = new Askers<>(Answer::message);
  private volatile @org.jspecify.annotations.Nullable SchedulerClient client;
  private volatile boolean closed;

  /// @param clients makes the client of a framework
  /// @param exit ends the server, with a code and a reason
  Runner(
      MarathonConfig config,
      Leadership leadership,
      Function<FrameworkInfo, SchedulerClient.Builder> clients,
      EventHub events,
      Meters meters,
      int concurrentProbes,
      BiConsumer<Integer, String> exit) {
    this.leadership = leadership;
    this.clients = clients;
    this.events = events;
    this.meters = meters;
    this.exit = exit;
    this.prober = new Prober(concurrentProbes, this::submit);
    this.loop =
        new Loop<>(
            "marathon",
            new MarathonCore(config, Ids.secure()),
            this::carryOut,
            InstantSource.system(),
            INBOX,
            failure -> {
              log.error("Marathon failed", failure);
              exit.accept(ExitCode.UNCAUGHT, String.valueOf(failure));
            });
  }

  void start(TreeMap<String, byte[]> records) {
    loop.submit(new MarathonEvent.Loaded(records));
    loop.start();
  }

  private void submit(MarathonEvent event) {
    loop.submit(event);
  }

  /// Asks the core.
  CompletionStage<Answer> ask(ApiCall call) {
    return askers.ask(token -> loop.offer(new MarathonEvent.Api(token, call)));
  }

  /// Whether ZooKeeper has been away for so long that nothing may be changed.
  boolean away() {
    return leadership.away();
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.Reply(var token, var answer) -> askers.answer(token, answer);
      case Effect.Persist persist -> persist(persist);
      case Effect.Subscribe(var info) -> client = clients.apply(info).start(new Listener());
      case Effect.Send(var call) -> {
        meters.sent(call);
        var open = client;
        if (open != null) {
          open.send(call)
              .whenComplete((done, failure) -> {
                if (failure != null && !closed) {
                  log.warn(
                      "{} was not taken by the master: {}", call.getType(), failure.getMessage());
                }
              });
        }
      }
      case Effect.Publish(var type, var data) -> events.publish(type, data);
      case Effect.Probe probe -> prober.send(probe);
      case Effect.SetTimer(var key, var delay, var event) -> loop.setTimer(key, delay, event);
      case Effect.CancelTimer(var key) -> loop.cancelTimer(key);
      case Effect.Exit(var code, var reason) -> exit.accept(code, reason);
    }
  }

  private void persist(Effect.Persist persist) {
    leadership
        .write(persist.puts(), new LinkedHashSet<>(persist.deletes()))
        .whenComplete((done, failure) -> {
          if (failure == null) {
            submit(new MarathonEvent.Persisted(persist.id()));
          } else if (!closed) {
            exit.accept(
                ExitCode.LEADERSHIP_LOST, "The state cannot be written: " + failure.getMessage());
          }
        });
  }

  /// Hands the master's events to the loop. When that is full, the stream waits.
  private final class Listener implements Scheduler {
    @Override
    public void event(SchedulerClient from, Event event) {
      meters.received(event);
      while (!loop.offer(new MarathonEvent.Mesos(event)) && !closed) {
        try {
          Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }

    @Override
    public void unreachable(SchedulerClient from, String where, String problem) {
      if (!closed) {
        log.warn("--master: no subscription at {}: {}; trying on", where, problem);
      }
    }

    @Override
    public void disconnected(SchedulerClient from, String reason) {
      log.warn("Disconnected from the master: {}", reason);
      submit(new MarathonEvent.Disconnected(reason));
    }

    @Override
    public void error(SchedulerClient from, String message) {
      exit.accept(ExitCode.SCHEDULER_ERROR, message);
    }
  }

  @Override
  public void close() {
    closed = true;
    var open = client;
    if (open != null) {
      open.close();
    }
    loop.close();
    prober.close();
    askers.end("Marathon is ending.");
  }
}
