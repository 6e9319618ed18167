// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.meseta.http.Answer;
import io.meseta.http.Askers;
import io.meseta.libprocess.Libprocess;
import io.meseta.loop.Core;
import io.meseta.loop.Ids;
import io.meseta.loop.Loop;
import io.meseta.master.core.Effect;
import io.meseta.master.core.MasterConfig;
import io.meseta.master.core.MasterCore;
import io.meseta.master.core.MasterEvent;
import io.meseta.master.core.v0.DriverEvents;
import io.meseta.master.core.view.Snapshot;
import io.meseta.master.server.auth.Access;
import io.meseta.master.server.auth.Admission;
import io.meseta.master.server.auth.Peers;
import io.meseta.master.server.registry.RegistryStore;
import io.meseta.master.server.views.LongAnswers;
import io.meseta.master.server.views.Rendered;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.SubmitSchedulerResponse;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The loop with the core in it, and what carries out its effects.
final class Node implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Node.class);
  private static final Map<String, Parser<? extends Message>> PARSERS = parsers();
  private static final String AUTHENTICATE = "mesos.internal.AuthenticateMessage";
  private static final String SUBMIT = "mesos.internal.SubmitSchedulerRequest";

  /// What only authenticated agents may say, when that is asked for.
  private static final Set<String> REGISTRATIONS =
      Set.of("mesos.internal.RegisterSlaveMessage", "mesos.internal.ReregisterSlaveMessage");

  private final Meters meters = new Meters();
  private final Identity identity;
  private final Libprocess libprocess;
  private final Access access;
  private final Peers peers;
  private final Throttle throttle;
  private final Streams streams;
  private final Rendered rendered = new Rendered();
  private final Loop<MasterEvent, Effect> loop;
  private final Consumer<String> fatal;
  private final Askers<Answer> calls = new Askers<>(Answer::text);
  private final Map<Long, CompletableFuture<Snapshot>> readers = new ConcurrentHashMap<>();
  private final Map<Long, CompletableFuture<Optional<List<Effect.Reason>>>> explanations =
      new ConcurrentHashMap<>();
  private final AtomicLong requests = new AtomicLong();
  private final Consumer<Upid> exited = this::agentExited;
  private volatile @Nullable RegistryStore store;

  /// Of the loop's thread.
  private long turn;

  /// @param fatal ends this master; given the reason
  Node(
      Identity identity,
      MasterConfig config,
      int maxQueuedEvents,
      Libprocess libprocess,
      Access access,
      Duration authenticationTimeout,
      RateLimits limits,
      Executor executor,
      Consumer<String> fatal) {
    this.identity = identity;
    this.libprocess = libprocess;
    this.access = access;
    this.peers =
        new Peers(
            libprocess,
            identity.pid(),
            access.credentials().map(credentials -> credentials::secret),
            authenticationTimeout);
    this.throttle = new Throttle(limits);
    this.streams = new Streams(executor, () -> turn);
    this.fatal = fatal;
    var core = new MasterCore(config, access.acls(), identity.info(), Ids.secure(), meters);
    this.loop =
        new Loop<>(
            "master",
            turning(core),
            this::carryOut,
            InstantSource.system(),
            maxQueuedEvents,
            failure -> {
              log.error("the master's loop failed", failure);
              fatal.accept("an internal error");
            });
    libprocess.receive("master", this::receive);
    libprocess.receiveFamily("slave-observer(", this::receive);
    loop.start();
  }

  /// Counts what the core takes, so that streams know what came of one event.
  private Core<MasterEvent, Effect> turning(MasterCore core) {
    return new Core<>() {
      @Override
      public List<Effect> on(MasterEvent event, Instant now) {
        turn++;
        return core.on(event, now);
      }

      @Override
      public List<Effect> endOfBatch(Instant now) {
        turn++;
        return core.endOfBatch(now);
      }
    };
  }

  private static Map<String, Parser<? extends Message>> parsers() {
    var result = new LinkedHashMap<String, Parser<? extends Message>>();
    for (Message message :
        new Message[] {
          RegisterSlaveMessage.getDefaultInstance(),
          ReregisterSlaveMessage.getDefaultInstance(),
          UnregisterSlaveMessage.getDefaultInstance(),
          UpdateSlaveMessage.getDefaultInstance(),
          UpdateOperationStatusMessage.getDefaultInstance(),
          PongSlaveMessage.getDefaultInstance(),
          StatusUpdateMessage.getDefaultInstance(),
          ExitedExecutorMessage.getDefaultInstance(),
          ExecutorToFrameworkMessage.getDefaultInstance(),
        }) {
      result.put(message.getDescriptorForType().getFullName(), message.getParserForType());
    }
    return result;
  }

  Meters meters() {
    return meters;
  }

  Identity identity() {
    return identity;
  }

  Streams streams() {
    return streams;
  }

  /// What is kept of long documents.
  Rendered rendered() {
    return rendered;
  }

  /// This master leads: from now on the core works.
  void lead(RegistryStore registry, Map<String, ByteString> records) {
    store = registry;
    meters.loaded(records);
    loop.submit(new MasterEvent.RegistryLoaded(records));
  }

  /// Hands on an event of a client; false when too much waits already.
  boolean offer(MasterEvent event) {
    return loop.offer(event);
  }

  void submit(MasterEvent event) {
    loop.submit(event);
  }

  /// Asks the core.
  CompletableFuture<Answer> call(LongFunction<MasterEvent> event) {
    return calls.ask(id -> loop.offer(event.apply(id)));
  }

  /// The state at the end of the current batch; fails when too much waits already.
  CompletableFuture<Snapshot> read() {
    long id = requests.incrementAndGet();
    var answer = new CompletableFuture<Snapshot>();
    readers.put(id, answer);
    if (!loop.offer(new MasterEvent.Read(id))) {
      readers.remove(id);
      answer.completeExceptionally(new RejectedExecutionException("the master is overloaded"));
    }
    return answer;
  }

  /// Why a framework has no offers; empty when nobody knows it, failed when too much waits already.
  CompletableFuture<Optional<List<Effect.Reason>>> why(
      String frameworkId, Optional<String> agentId) {
    long id = requests.incrementAndGet();
    var answer = new CompletableFuture<Optional<List<Effect.Reason>>>();
    explanations.put(id, answer);
    if (!loop.offer(new MasterEvent.Why(id, frameworkId, agentId))) {
      explanations.remove(id);
      answer.completeExceptionally(new RejectedExecutionException("the master is overloaded"));
    }
    return answer;
  }

  /// The registry's records; empty before this master leads. May block.
  Map<String, ByteString> registry() throws Exception {
    var registry = store;
    return registry == null ? Map.of() : registry.read();
  }

  Throttle throttle() {
    return throttle;
  }

  /// How many events wait.
  int depth() {
    return loop.depth();
  }

  private void receive(Upid from, String name, byte[] body) {
    if (DriverMessages.are(name)) {
      peers.afterwards(
          from,
          () ->
              throttle
                  .pass(from, () -> receiveOfDriver(from, name, body))
                  .ifPresent(capacity -> exceeded(from, name, capacity)));
    } else if (REGISTRATIONS.contains(name)) {
      peers.afterwards(from, () -> receiveRegistration(from, name, body));
    } else {
      receiveOfAgent(from, name, body);
    }
  }

  /// The driver aborts: it must not think that the message counts.
  private void exceeded(Upid from, String name, long capacity) {
    log.warn("dropping {} from {}: capacity({}) exceeded", name, from, capacity);
    libprocess.send(
        identity.pid(),
        from,
        DriverEvents.error("Message " + name + " dropped: capacity(" + capacity + ") exceeded"));
  }

  private void receiveRegistration(Upid from, String name, byte[] body) {
    if (access.agents() && peers.principal(from).isEmpty()) {
      log.warn("refusing {} from {}: it is not authenticated", name, from);
      return;
    }
    try {
      if (!Admission.permits(access.acls(), peers.principal(from), name, body)) {
        log.warn("refusing {} from {}: it is not authorized to register", name, from);
        return;
      }
    } catch (InvalidProtocolBufferException e) {
      log.warn("dropping malformed {} from {}: {}", name, from, e.getMessage());
      return;
    }
    receiveOfAgent(from, name, body);
  }

  private void receiveOfAgent(Upid from, String name, byte[] body) {
    if (name.equals(SUBMIT)) {
      // Never done by any master, yet its clients wait for the answer.
      libprocess.send(
          identity.pid(), from, SubmitSchedulerResponse.newBuilder().setOkay(false).build());
      return;
    }
    if (name.equals(AUTHENTICATE)) {
      meters.authenticate();
      try {
        peers.begin(from, body);
      } catch (InvalidProtocolBufferException e) {
        log.warn("dropping malformed {} from {}: {}", name, from, e.getMessage());
      }
      return;
    }
    var parser = PARSERS.get(name);
    if (parser == null) {
      log.debug("ignoring {} from {}", name, from);
      return;
    }
    try {
      if (!loop.offer(new MasterEvent.AgentMessage(from, parser.parseFrom(body)))) {
        log.warn("dropping {} from {}: overloaded", name, from);
      }
    } catch (InvalidProtocolBufferException e) {
      log.warn("dropping malformed {} from {}: {}", name, from, e.getMessage());
    }
  }

  private void receiveOfDriver(Upid from, String name, byte[] body) {
    try {
      var principal = peers.principal(from);
      var event = DriverMessages.read(from, principal, name, body);
      if (event instanceof MasterEvent.SubscribeDriver subscribe) {
        var given = subscribe.call().getFrameworkInfo();
        if (access.frameworks() && principal.isEmpty()) {
          throw new DriverMessages.Refused(true, "Framework at " + from + " is not authenticated");
        }
        if (given.hasPrincipal()
            && principal.isPresent()
            && !given.getPrincipal().equals(principal.get())) {
          throw new DriverMessages.Refused(
              true,
              "Framework principal '"
                  + given.getPrincipal()
                  + "' does not match authenticated principal '"
                  + principal.get()
                  + "'");
        }
        throttle.subscribed(
            from, given.hasPrincipal() ? Optional.of(given.getPrincipal()) : Optional.empty());
      }
      if (!loop.offer(event)) {
        log.warn("dropping {} from {}: overloaded", name, from);
      }
    } catch (InvalidProtocolBufferException e) {
      log.warn("dropping malformed {} from {}: {}", name, from, e.getMessage());
    } catch (DriverMessages.Refused e) {
      log.info("refusing {} from {}: {}", name, from, e.getMessage());
      if (e.told) {
        libprocess.send(identity.pid(), from, DriverEvents.error(e.getMessage()));
      }
    }
  }

  private void agentExited(Upid agent) {
    peers.exited(agent);
    throttle.gone(agent);
    loop.submit(new MasterEvent.AgentExited(agent));
  }

  private void carryOut(Effect effect) {
    switch (effect) {
      case Effect.SendEvent(var stream, var event) -> streams.send(stream, event);
      case Effect.BeginWatching(var stream, var snapshot) ->
          streams.send(
              stream,
              json ->
                  LongAnswers.subscribed(
                      snapshot, rendered, MasterConfig.HEARTBEAT.toSeconds(), json));
      case Effect.SendOperatorEvent(var ids, var event) ->
          ids.forEach(id -> streams.send(id, event));
      case Effect.CloseStream(var stream) -> streams.close(stream);
      case Effect.Send(var from, var to, var message) ->
          libprocess.send(new Upid(from, identity.pid().ip(), identity.pid().port()), to, message);
      case Effect.Reply(var id, var status, var message) -> {
        calls.answer(id, message.isEmpty() ? Answer.empty(status) : Answer.text(status, message));
      }
      case Effect.Explain(var id, var reasons) -> {
        var asked = explanations.remove(id);
        if (asked != null) {
          asked.complete(reasons);
        }
      }
      case Effect.Answer(var ids, var snapshot) -> {
        for (var id : ids) {
          var reader = readers.remove(id);
          if (reader != null) {
            reader.complete(snapshot);
          }
        }
      }
      case Effect.SetTimer(var key, var delay) ->
          loop.setTimer(key, delay, new MasterEvent.TimerFired(key));
      case Effect.CancelTimer(var key) -> loop.cancelTimer(key);
      case Effect.Persist persist -> persist(persist);
      case Effect.Link(var agent) -> libprocess.link(agent, exited);
      case Effect.Unlink(var agent) -> libprocess.abandon(agent);
      case Effect.OpenProcess open -> {} // the family of pingers is always open
      case Effect.CloseProcess close -> {}
      case Effect.Fail(var reason) -> fatal.accept(reason);
      case Effect.Note(var text) -> log.info("{}", text);
    }
  }

  private void persist(Effect.Persist persist) {
    var registry = store;
    if (registry == null) {
      throw new IllegalStateException("nothing may be written before the registry was read");
    }
    long begin = System.nanoTime();
    registry
        .write(persist.puts(), persist.deletes())
        .whenComplete((done, failure) -> {
          if (failure == null) {
            meters.store.add(System.nanoTime() - begin);
            meters.written(persist.puts(), persist.deletes());
            loop.submit(new MasterEvent.Persisted(persist.batch()));
          } else {
            log.error("the registry could not be written", failure);
            fatal.accept("the registry could not be written: " + failure.getMessage());
          }
        });
  }

  @Override
  public void close() {
    throttle.close();
    loop.close();
    streams.closeAll();
    libprocess.remove("master");
    calls.end("The master is stopping");
    explanations
        .values()
        .forEach(asked ->
            asked.completeExceptionally(new RejectedExecutionException("the master is stopping")));
    readers
        .values()
        .forEach(reader ->
            reader.completeExceptionally(new RejectedExecutionException("the master is stopping")));
    var registry = store;
    if (registry != null) {
      registry.close();
    }
  }
}
