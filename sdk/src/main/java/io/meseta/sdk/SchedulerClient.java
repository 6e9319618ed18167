// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import io.meseta.wire.v1.scheduler.OfferConstraints;
import io.meseta.wire.v1.scheduler.Response;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A framework's connection to whichever master leads; the package tells how it behaves. All
/// methods may be called from any thread, callbacks included.
public final class SchedulerClient implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SchedulerClient.class.getName());
  private static final int MAX_REDIRECTS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Builder options;
  private final Scheduler scheduler;
  private final MasterDetector masters;
  private final Transport transport;
  private final Backoff backoff;
  private final Complaint complaint = new Complaint(System::nanoTime);
  private final Lane<Call, Response> ordered;
  private final Lane<Call, Response> acknowledgements;
  private final Thread thread;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private volatile @Nullable Session session;
  private volatile @Nullable FrameworkID frameworkId;
  private volatile boolean closing;

  /// Whether the framework ends by our own wish, so that the end of its stream is no trouble.
  private volatile boolean leaving;

  private SchedulerClient(Builder options, Scheduler scheduler) {
    this.options = options;
    this.scheduler = scheduler;
    this.masters = options.masters;
    this.transport = new Transport(options.principal, options.secret, options.tls);
    this.backoff =
        new Backoff(options.backoffFirst, options.backoffMax, RandomGenerator.getDefault());
    this.ordered = new Lane<>(options.maxWaitingCalls, 1, this::deliver);
    this.acknowledgements = new Lane<>(options.maxWaitingCalls, 8, this::deliver);
    this.frameworkId = options.info.hasId() ? options.info.getId() : null;
    this.thread = new Thread(this::run, "scheduler-" + options.info.getName());
    masters.onChange(() -> endSession("another master leads"));
  }

  /// A client for `info` that is not connected yet.
  ///
  /// @param masters see the package
  /// @param info with an id if the framework has run before and is to keep its tasks
  /// @throws IllegalArgumentException if `masters` is malformed
  public static Builder builder(String masters, FrameworkInfo info) {
    return new Builder(MasterDetector.of(masters), info);
  }

  /// As above, with a way of one's own to find the master; the client closes it.
  public static Builder builder(MasterDetector masters, FrameworkInfo info) {
    return new Builder(masters, info);
  }

  /// Sends a call; completes when the master accepted it (with its answer, empty but for
  /// RECONCILE_OPERATIONS), fails with [CallFailedException].
  public CompletableFuture<Response> send(Call call) {
    return switch (call.getType()) {
      case ACKNOWLEDGE, ACKNOWLEDGE_OPERATION_STATUS -> acknowledgements.add(call);
      default -> ordered.add(call);
    };
  }

  /// Acknowledges an update, if it wants that.
  public void acknowledge(TaskStatus status) {
    if (status.hasUuid()) {
      var unused = send(Calls.acknowledge(status));
    }
  }

  /// The id the master gave, once there was a subscription.
  public Optional<FrameworkID> frameworkId() {
    return Optional.ofNullable(frameworkId);
  }

  /// The base URI of the master of the present subscription.
  public Optional<URI> master() {
    var current = session;
    return current == null ? Optional.empty() : Optional.of(current.master);
  }

  /// How many calls wait or are under way.
  public int waitingCalls() {
    return ordered.depth() + acknowledgements.depth();
  }

  /// Drops the stream and subscribes again, without backoff.
  public void reconnect() {
    backoff.reset();
    endSession("asked to reconnect");
  }

  /// Ends the framework for good, waits until the master took it, and closes.
  public void teardown() {
    leaving = true;
    try {
      send(Calls.teardown()).get(5, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(System.Logger.Level.WARNING, "The framework was not torn down: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  /// Completes when the client has ended; exceptionally when a callback threw.
  public CompletionStage<Void> closed() {
    return ended.copy();
  }

  /// Waits until the client has ended.
  ///
  /// @throws CompletionException with the exception of the callback that ended it
  public void awaitClosed() {
    ended.join();
  }

  /// Disconnects; the master keeps the framework for its failover timeout. Waits up to two seconds
  /// for calls already made, then for the callbacks' thread. Called by a callback, it returns at
  /// once.
  @Override
  public void close() {
    boolean inside = Thread.currentThread() == thread;
    if (!closing && session != null) {
      await(inside);
    }
    closing = true;
    endSession("closed");
    thread.interrupt();
    if (!inside) {
      try {
        thread.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void await(boolean inside) {
    long end = System.nanoTime() + Duration.ofSeconds(2).toNanos();
    try {
      while (waitingCalls() > 0 && System.nanoTime() < end && session != null) {
        Thread.sleep(5);
      }
    } catch (InterruptedException e) {
      if (!inside) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    try {
      while (!closing) {
        connectAndRead();
      }
      finish(null);
    } catch (InterruptedException e) {
      finish(null);
    } catch (RuntimeException | Error callback) {
      LOG.log(System.Logger.Level.ERROR, "A callback of the scheduler failed", callback);
      finish(callback);
    }
  }

  private void finish(@Nullable Throwable failure) {
    closing = true;
    session = null;
    dropCalls("the client is closed");
    var unused = Thread.interrupted(); // closing must not fail because close() woke this thread
    transport.close();
    masters.close();
    if (failure == null) {
      ended.complete(null);
    } else {
      ended.completeExceptionally(failure);
    }
  }

  private void connectAndRead() throws InterruptedException {
    var master = masters.awaitFor(PATIENCE);
    if (master == null) {
      complain(masters.toString(), masters.problem());
      return;
    }
    String problem;
    try {
      for (int hop = 0; ; hop++) {
        var response = transport.subscribe(master, subscribe());
        var redirect = response.statusCode() == 307 ? Transport.redirect(master, response) : null;
        if (redirect == null || hop == MAX_REDIRECTS) {
          problem = answered(master, response);
          break;
        }
        discard(response);
        master = redirect;
      }
    } catch (IOException e) {
      problem = describe(e);
    }
    if (!closing) {
      if (!leaving) {
        complain(master.toString(), problem);
      }
      Thread.sleep(backoff.next());
    }
  }

  /// What the JDK's client leaves unsaid is said by the type.
  private static String describe(IOException e) {
    var message = e.getMessage();
    return message != null && !message.isBlank()
        ? message
        : e instanceof ConnectException
            ? "nothing listens there, or the name is unknown"
            : e.getClass().getSimpleName();
  }

  private void complain(String where, String problem) {
    if (complaint.isDue(problem)) {
      scheduler.unreachable(this, where, problem);
    }
  }

  private String answered(URI master, HttpResponse<InputStream> response)
      throws IOException, InterruptedException {
    int status = response.statusCode();
    if (status == 200) {
      var id = response.headers().firstValue(Transport.STREAM_ID).orElse("");
      return read(new Session(master, id, response.body(), options.maxRecordBytes));
    }
    try (var body = response.body()) {
      var text = new String(body.readNBytes(4096), StandardCharsets.UTF_8).strip();
      switch (status) {
        case 400, 401, 403, 405, 406, 415 -> {
          closing = true;
          scheduler.error(this, "The master refused the subscription: " + status + " " + text);
        }
        default -> {}
      }
      return status + " " + text;
    }
  }

  private String read(Session current) throws InterruptedException {
    String problem = "the master closed the stream";
    boolean told = false;
    guard(current, options.firstEvent, () -> session != current); // until it has subscribed
    try {
      for (var bytes = current.next(); bytes != null; bytes = current.next()) {
        var event = Event.parseFrom(bytes);
        if (event.getType() == Event.Type.SUBSCRIBED) {
          told = true;
          begin(current, event.getSubscribed());
        }
        dispatch(event);
        if (closing || current.closed()) {
          break;
        }
      }
    } catch (InvalidProtocolBufferException e) {
      problem = "an event is not readable: " + e.getMessage();
    } catch (IOException e) {
      problem = e.getMessage() == null ? e.toString() : e.getMessage();
    } finally {
      session = null;
      current.close(problem);
    }
    var reason = current.reason(problem);
    dropCalls("not subscribed: " + reason);
    if (told && !closing && !leaving) {
      scheduler.disconnected(this, reason);
    }
    return reason;
  }

  private void begin(Session current, Event.Subscribed subscribed) {
    frameworkId = subscribed.getFrameworkId();
    session = current;
    backoff.reset();
    complaint.clear();
    double seconds = subscribed.getHeartbeatIntervalSeconds();
    if (seconds > 0) {
      var interval = Duration.ofNanos((long) (seconds * 1e9));
      guard(current, interval, () -> true);
    }
    if (closing) {
      current.close("closed");
    }
  }

  private void guard(Session current, Duration interval, BooleanSupplier concerned) {
    Thread.ofVirtual().name("heartbeat-watch").start(() -> watch(current, interval, concerned));
  }

  private void watch(Session current, Duration interval, BooleanSupplier concerned) {
    var limit = interval.multipliedBy(options.missedHeartbeats);
    try {
      while (!current.closed() && concerned.getAsBoolean()) {
        Thread.sleep(interval);
        if (concerned.getAsBoolean() && current.idleFor(limit)) {
          current.close("no heartbeat for " + limit.toMillis() + " ms");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void dispatch(Event event) {
    scheduler.event(this, event);
    switch (event.getType()) {
      case UPDATE -> {
        if (!options.explicitAcknowledgements) {
          acknowledge(event.getUpdate().getStatus());
        }
      }
      case ERROR -> closing = true;
      default -> {}
    }
  }

  private Call subscribe() {
    var info = options.info.toBuilder();
    var subscribe = Call.Subscribe.newBuilder().addAllSuppressedRoles(options.suppressedRoles);
    if (options.constraints != null) {
      subscribe.setOfferConstraints(options.constraints);
    }
    var call = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
    var id = frameworkId;
    if (id != null) {
      info.setId(id);
      call.setFrameworkId(id);
    }
    return call.setSubscribe(subscribe.setFrameworkInfo(info)).build();
  }

  private CompletableFuture<Response> deliver(Call call) {
    return deliver(call, repeatable(call));
  }

  private CompletableFuture<Response> deliver(Call call, boolean again) {
    var current = session;
    var id = frameworkId;
    if (current == null || id == null) {
      return CompletableFuture.failedFuture(new CallFailedException(0, "not subscribed"));
    }
    return transport
        .send(current, call.toBuilder().setFrameworkId(id).build())
        .handle((response, failure) -> {
          if (failure == null) {
            return accepted(current, call, response);
          }
          var cause = failure instanceof CompletionException e ? e.getCause() : failure;
          if (again && !current.closed()) {
            return deliver(call, false);
          }
          current.close(call.getType() + " did not reach the master: " + cause);
          return CompletableFuture.<Response>failedFuture(
              new CallFailedException(0, call.getType() + " was not answered: " + cause));
        })
        .thenCompose(answer -> answer);
  }

  private static CompletableFuture<Response> accepted(
      Session current, Call call, HttpResponse<byte[]> response) {
    int status = response.statusCode();
    if (status == 202 || status == 200) {
      try {
        return CompletableFuture.completedFuture(
            call.getType() == Call.Type.RECONCILE_OPERATIONS
                ? Response.parseFrom(response.body())
                : Response.getDefaultInstance());
      } catch (InvalidProtocolBufferException e) {
        return CompletableFuture.failedFuture(
            new CallFailedException(status, "the answer is not readable: " + e.getMessage()));
      }
    }
    var text = new String(response.body(), StandardCharsets.UTF_8).strip();
    switch (status) {
      case 307, 403, 503 -> current.close("the master answered " + status + " " + text);
      default -> {}
    }
    return CompletableFuture.failedFuture(
        new CallFailedException(status, call.getType() + ": " + status + " " + text));
  }

  private static boolean repeatable(Call call) {
    return switch (call.getType()) {
      case ACCEPT, MESSAGE, REQUEST, TEARDOWN, UNKNOWN, SUBSCRIBE -> false;
      default -> true;
    };
  }

  private void endSession(String reason) {
    var current = session;
    if (current != null) {
      current.close(reason);
    }
  }

  private void dropCalls(String reason) {
    ordered.drop(reason);
    acknowledgements.drop(reason);
  }

  private static void discard(HttpResponse<InputStream> response) throws IOException {
    try (var body = response.body()) {
      body.readNBytes(4096);
    }
  }

  /// What a client is built from. Not for use by several threads.
  public static final class Builder {
    private final MasterDetector masters;
    private final FrameworkInfo info;
    private @Nullable String principal;
    private @Nullable String secret;
    private @Nullable SSLContext tls;
    private boolean explicitAcknowledgements;
    private List<String> suppressedRoles = List.of();
    private @Nullable OfferConstraints constraints;
    private Duration backoffFirst = Duration.ofMillis(250);
    private Duration backoffMax = Duration.ofSeconds(15);
    private Duration firstEvent = Duration.ofSeconds(15);
    private int missedHeartbeats = 5;
    private int maxWaitingCalls = 10_000;
    private int maxRecordBytes = 64 << 20;

    private Builder(MasterDetector masters, FrameworkInfo info) {
      this.masters = masters;
      this.info = info;
    }

    /// HTTP basic credentials.
    public Builder credentials(String principal, String secret) {
      this.principal = principal;
      this.secret = secret;
      return this;
    }

    /// For masters with `https`.
    public Builder tls(SSLContext tls) {
      this.tls = tls;
      return this;
    }

    /// Leaves acknowledging to [SchedulerClient#acknowledge].
    public Builder explicitAcknowledgements() {
      this.explicitAcknowledgements = true;
      return this;
    }

    /// Roles that get no offers until revived.
    public Builder suppressedRoles(Collection<String> roles) {
      this.suppressedRoles = List.copyOf(roles);
      return this;
    }

    /// What offers must look like, per role.
    public Builder offerConstraints(OfferConstraints constraints) {
      this.constraints = constraints;
      return this;
    }

    /// How long to wait before subscribing again: `first`, doubled up to `max` (250 ms, 15 s).
    public Builder backoff(Duration first, Duration max) {
      this.backoffFirst = first;
      this.backoffMax = max;
      return this;
    }

    /// After how many heartbeats missed the master counts as lost (5).
    public Builder missedHeartbeats(int missedHeartbeats) {
      this.missedHeartbeats = missedHeartbeats;
      return this;
    }

    /// What counts as the interval of heartbeats before the master has named one (15 s).
    public Builder firstHeartbeatInterval(Duration interval) {
      this.firstEvent = interval;
      return this;
    }

    /// How many calls may wait to be sent (10,000).
    public Builder maxWaitingCalls(int maxWaitingCalls) {
      this.maxWaitingCalls = maxWaitingCalls;
      return this;
    }

    /// How large one event may be (64 MiB).
    public Builder maxRecordBytes(int maxRecordBytes) {
      this.maxRecordBytes = maxRecordBytes;
      return this;
    }

    /// Starts to subscribe, in the background.
    public SchedulerClient start(Scheduler scheduler) {
      var client = new SchedulerClient(this, scheduler);
      client.thread.start();
      return client;
    }
  }
}
