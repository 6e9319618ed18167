// SPDX-License-Identifier: Apache-2.0
package io.meseta.fakes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.meseta.wire.v1.DomainInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A raw HTTP server in place of a master: hands out what was sent to it and sends what it is told.
public final class FakeMaster implements AutoCloseable {
  /// What to answer a request with, in place of doing as told.
  public record Refusal(int status, String body, @Nullable String location) {}

  /// A subscription that stands: the test's end of the stream.
  public static final class Subscription {
    public final Call call;
    public final String streamId = UUID.randomUUID().toString();
    private final OutputStream out;
    private final CountDownLatch done = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    Subscription(Call call, OutputStream out) {
      this.call = call;
      this.out = out;
    }

    public synchronized void send(Event event) {
      var bytes = event.toByteArray();
      try {
        out.write((bytes.length + "\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
        out.flush();
      } catch (IOException e) {
        done.countDown();
      }
    }

    /// Sends bytes that are no proper record.
    public synchronized void sendRaw(String bytes) throws IOException {
      out.write(bytes.getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }

    public void subscribed(String frameworkId, double heartbeatSeconds) {
      send(
          Event.newBuilder()
              .setType(Event.Type.SUBSCRIBED)
              .setSubscribed(
                  Event.Subscribed.newBuilder()
                      .setFrameworkId(FrameworkID.newBuilder().setValue(frameworkId))
                      .setHeartbeatIntervalSeconds(heartbeatSeconds)
                      .setMasterInfo(
                          MasterInfo.newBuilder()
                              .setId("M")
                              .setIp(0)
                              .setPort(5050)
                              .setDomain(
                                  DomainInfo.newBuilder()
                                      .setFaultDomain(
                                          DomainInfo.FaultDomain.newBuilder()
                                              .setRegion(
                                                  DomainInfo.FaultDomain.RegionInfo.newBuilder()
                                                      .setName("home"))
                                              .setZone(
                                                  DomainInfo.FaultDomain.ZoneInfo.newBuilder()
                                                      .setName("z1"))))))
              .build());
    }

    public void heartbeat() {
      send(Event.newBuilder().setType(Event.Type.HEARTBEAT).build());
    }

    /// Ends the stream.
    public void end() {
      done.countDown();
    }
  }

  /// A call as it came, with the header that names its stream.
  public record Received(Call call, String streamId, String authorization) {}

  public final LinkedBlockingQueue<Subscription> subscriptions = new LinkedBlockingQueue<>();
  public final LinkedBlockingQueue<Received> calls = new LinkedBlockingQueue<>();
  private volatile @Nullable Subscription last;
  public final AtomicInteger subscribeRequests = new AtomicInteger();
  public volatile @Nullable Refusal refuseSubscribe;
  public volatile @Nullable Refusal refuseCalls;

  /// Ends the subscription that a TEARDOWN belongs to before the call is answered, as masters do.
  public volatile boolean endsOnTeardown;

  /// Breaks the connection of so many of the next calls without an answer.
  public final AtomicInteger breakCalls = new AtomicInteger();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  public FakeMaster() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/api/v1/scheduler", this::handle);
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public String address() {
    return "127.0.0.1:" + port();
  }

  /// The next subscription; fails after ten seconds.
  public Subscription subscription() throws InterruptedException {
    var subscription = subscriptions.poll(10, TimeUnit.SECONDS);
    if (subscription == null) {
      throw new AssertionError("no subscription within 10 s");
    }
    return subscription;
  }

  /// The next call of a type, dropping others; fails after ten seconds.
  public Received call(Call.Type type) throws InterruptedException {
    while (true) {
      var received = calls.poll(10, TimeUnit.SECONDS);
      if (received == null) {
        throw new AssertionError("no " + type + " within 10 s");
      }
      if (received.call().getType() == type) {
        return received;
      }
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    var call = Call.parseFrom(exchange.getRequestBody().readAllBytes());
    if (call.getType() == Call.Type.SUBSCRIBE) {
      subscribe(exchange, call);
      return;
    }
    if (breakCalls.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      throw new IOException("broken on purpose");
    }
    calls.add(
        new Received(
            call,
            String.valueOf(exchange.getRequestHeaders().getFirst("Mesos-Stream-Id")),
            String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"))));
    var current = last;
    if (endsOnTeardown && call.getType() == Call.Type.TEARDOWN && current != null) {
      current.end();
      awaitQuietly(current.ended);
    }
    var refusal = refuseCalls;
    if (refusal != null) {
      refuse(exchange, refusal);
    } else {
      exchange.sendResponseHeaders(202, -1);
      exchange.close();
    }
  }

  private void subscribe(HttpExchange exchange, Call call) throws IOException {
    subscribeRequests.incrementAndGet();
    var refusal = refuseSubscribe;
    if (refusal != null) {
      refuse(exchange, refusal);
      return;
    }
    var subscription = new Subscription(call, exchange.getResponseBody());
    exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
    exchange.getResponseHeaders().set("Mesos-Stream-Id", subscription.streamId);
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().flush();
    last = subscription;
    subscriptions.add(subscription);
    awaitQuietly(subscription.done);
    exchange.close();
    subscription.ended.countDown();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void refuse(HttpExchange exchange, Refusal refusal) throws IOException {
    if (refusal.location() != null) {
      exchange.getResponseHeaders().set("Location", refusal.location());
    }
    var body = refusal.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(refusal.status(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
