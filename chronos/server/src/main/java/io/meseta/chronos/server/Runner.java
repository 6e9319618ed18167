// SPDX-License-Identifier: Apache-2.0
package io.meseta.chronos.server;

import io.meseta.chronos.core.ChronosCore;
import io.meseta.chronos.core.ChronosEffect;
import io.meseta.chronos.core.ChronosEvent;
import io.meseta.chronos.core.ChronosEvent.ApiCall;
import io.meseta.chronos.core.ChronosSettings;
import io.meseta.http.Answer;
import io.meseta.http.Askers;
import io.meseta.loop.Loop;
import io.meseta.sdk.Scheduler;
import io.meseta.sdk.SchedulerClient;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.zk.Leadership;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A leading Chronos: the core's loop, and the carrying out of its effects.
///
/// An update of a task is acknowledged only when all that was stored before its handling ended is
/// durable, so that one that a crash took comes again.
final class Runner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Runner.class);
  private static final int INBOX = 10_000;

  private final Leadership leadership;
  private final Consumer<String> exit;
  private final Loop<ChronosEvent, ChronosEffect> loop;
  private final Askers<Answer> askers =
      new Askers<>((status, message) -> Api.error(status, "Service Unavailable", message));
  private final SchedulerClient client;
  private volatile boolean closed;

  // Of the loop's thread: updates not acknowledged yet, and the store's last write.
  private final List<TaskStatus> handled = new ArrayList<>();
  private CompletionStage<Void> written = CompletableFuture.completedFuture(null);

  /// @param clients makes the client of the framework whose id was stored, if any
  /// @param exit ends the server, with a reason
  Runner(
      ChronosSettings settings,
      Leadership leadership,
      Map<String, byte[]> records,
      Function<Map<String, byte[]>, SchedulerClient.Builder> clients,
      Consumer<String> exit) {
    this.leadership = leadership;
    this.exit = exit;
    this.loop =
        new Loop<>(
            "chronos",
            new Batched(new ChronosCore(settings)),
            this::carryOut,
            InstantSource.system(),
            INBOX,
            failure -> {
              log.error("Chronos failed", failure);
              exit.accept("its own mistake: " + failure);
            });
    loop.submit(new ChronosEvent.Elected(records));
    client = clients.apply(records).start(new Listener());
    loop.start(); // only now: effects need the client
  }

  /// Adds the acknowledgements to the end of each batch.
  private final class Batched implements io.meseta.loop.Core<ChronosEvent, ChronosEffect> {
    private final ChronosCore core;

    Batched(ChronosCore core) {
      this.core = core;
    }

    @Override
    public List<ChronosEffect> on(ChronosEvent event, java.time.Instant now) {
      if (event instanceof ChronosEvent.Update update) {
        handled.add(update.status());
      }
      return core.on(event, now);
    }

    @Override
    public List<ChronosEffect> endOfBatch(java.time.Instant now) {
      var effects = core.endOfBatch(now);
      if (!handled.isEmpty()) {
        var statuses = List.copyOf(handled);
        handled.clear();
        written.thenRun(() -> statuses.forEach(client::acknowledge));
      }
      return effects;
    }
  }

  /// Asks the core.
  CompletionStage<Answer> ask(ApiCall call) {
    return askers.ask(request -> loop.offer(new ChronosEvent.Api(request, call)));
  }

  /// Whether ZooKeeper has been away for so long that nothing may be changed.
  boolean away() {
    return leadership.away();
  }

  private void carryOut(ChronosEffect effect) {
    switch (effect) {
      case ChronosEffect.Reply reply -> {
        var answer =
            reply.body().length == 0
                ? Answer.empty(reply.status())
                : Answer.of(reply.status(), reply.contentType(), reply.body());
        for (var header : reply.headers().entrySet()) {
          answer = answer.header(header.getKey(), header.getValue());
        }
        askers.answer(reply.request(), answer);
      }
      case ChronosEffect.Warn warning -> log.warn("{}", warning.text());
      case ChronosEffect.Persist persist -> {
        written = leadership.write(persist.puts(), persist.deletes());
        written.whenComplete((done, failure) -> {
          if (failure == null) {
            loop.submit(new ChronosEvent.Persisted(persist.batch()));
          } else if (!closed) {
            exit.accept("the state cannot be written: " + failure.getMessage());
          }
        });
      }
      case ChronosEffect.Send send ->
          client
              .send(send.call())
              .whenComplete((done, failure) -> {
                if (failure != null && !closed) {
                  log.warn(
                      "{} was not taken by the master: {}",
                      send.call().getType(),
                      failure.getMessage());
                }
              });
      case ChronosEffect.SetTimer timer ->
          loop.setTimer(timer.key(), timer.delay(), new ChronosEvent.TimerFired(timer.key()));
      case ChronosEffect.CancelTimer timer -> loop.cancelTimer(timer.key());
      case ChronosEffect.Notify notice ->
          log.warn("job {}: {}: {}", notice.job(), notice.kind(), notice.message());
    }
  }

  private final class Listener implements Scheduler {
    private void feed(ChronosEvent event) {
      while (!loop.offer(event) && !closed) {
        try {
          Thread.sleep(5); // the stream waits while the loop is behind
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }

    @Override
    public void subscribed(SchedulerClient from, FrameworkID id, MasterInfo master) {
      feed(new ChronosEvent.Subscribed(id.getValue()));
    }

    @Override
    public void unreachable(SchedulerClient from, String where, String problem) {
      if (!closed) {
        log.warn("--master: no subscription at {}: {}; trying on", where, problem);
      }
    }

    @Override
    public void disconnected(SchedulerClient from, String reason) {
      if (!closed) {
        log.warn("disconnected from the master: {}", reason);
      }
      loop.submit(new ChronosEvent.Disconnected());
    }

    @Override
    public void offers(SchedulerClient from, List<Offer> offers) {
      feed(new ChronosEvent.Offers(offers));
    }

    @Override
    public void rescinded(SchedulerClient from, OfferID offer) {
      feed(new ChronosEvent.Rescinded(offer));
    }

    @Override
    public void update(SchedulerClient from, TaskStatus status) {
      feed(new ChronosEvent.Update(status));
    }

    @Override
    public void error(SchedulerClient from, String message) {
      exit.accept("the master refused the framework: " + message);
    }
  }

  /// The framework id that was stored, if any.
  static @Nullable String frameworkId(Map<String, byte[]> records) {
    var stored = records.get("frameworkId");
    return stored == null ? null : new String(stored, java.nio.charset.StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    closed = true;
    client.close();
    loop.close();
    askers.end("Chronos is ending.");
  }
}
