// SPDX-License-Identifier: Apache-2.0
package io.meseta.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.meseta.fakes.FakeMaster;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OfferID;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SchedulerClientTest {
  private static final FrameworkInfo INFO =
      FrameworkInfo.newBuilder().setName("test").setUser("nobody").build();

  private FakeMaster master;
  private final Recording heard = new Recording();

  /// Writes down what it hears.
  private static class Recording implements Scheduler {
    final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

    String next() throws InterruptedException {
      var line = lines.poll(10, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError("nothing heard within 10 s");
      }
      return line;
    }

    @Override
    public void subscribed(SchedulerClient client, FrameworkID id, MasterInfo master) {
      lines.add("subscribed " + id.getValue());
    }

    final LinkedBlockingQueue<String> complaints = new LinkedBlockingQueue<>();

    @Override
    public void unreachable(SchedulerClient client, String where, String problem) {
      complaints.add(problem);
    }

    @Override
    public void disconnected(SchedulerClient client, String reason) {
      lines.add("disconnected " + reason);
    }

    @Override
    public void offers(SchedulerClient client, List<Offer> offers) {
      lines.add("offers " + offers.size());
    }

    @Override
    public void update(SchedulerClient client, TaskStatus status) {
      lines.add("update " + status.getState());
    }

    @Override
    public void error(SchedulerClient client, String message) {
      lines.add("error " + message);
    }
  }

  @BeforeEach
  void start() throws Exception {
    master = new FakeMaster();
  }

  @AfterEach
  void stop() {
    master.close();
  }

  private SchedulerClient.Builder client(String masters) {
    return SchedulerClient.builder(masters, INFO)
        .backoff(Duration.ofMillis(10), Duration.ofMillis(50));
  }

  private static Event update(String task, boolean uuid) {
    var status =
        TaskStatus.newBuilder()
            .setTaskId(TaskID.newBuilder().setValue(task))
            .setAgentId(AgentID.newBuilder().setValue("A"))
            .setState(TaskState.TASK_RUNNING);
    if (uuid) {
      status.setUuid(ByteString.copyFromUtf8("0123456789abcdef"));
    }
    return Event.newBuilder()
        .setType(Event.Type.UPDATE)
        .setUpdate(Event.Update.newBuilder().setStatus(status))
        .build();
  }

  @Test
  @Covers({"S01", "S03", "S05"})
  void subscribesHearsOffersAndSendsCallsWithTheStreamsId() throws Exception {
    try (var client = client(master.address()).start(heard)) {
      var stream = master.subscription();
      assertThat(stream.call.hasFrameworkId()).isFalse();
      assertThat(stream.call.getSubscribe().getFrameworkInfo().getName()).isEqualTo("test");
      stream.subscribed("F", 15);
      assertThat(heard.next()).isEqualTo("subscribed F");
      stream.send(
          Event.newBuilder()
              .setType(Event.Type.OFFERS)
              .setOffers(
                  Event.Offers.newBuilder()
                      .addOffers(
                          Offer.newBuilder()
                              .setId(OfferID.newBuilder().setValue("O"))
                              .setFrameworkId(FrameworkID.newBuilder().setValue("F"))
                              .setAgentId(AgentID.newBuilder().setValue("A"))
                              .setHostname("h")))
              .build());
      assertThat(heard.next()).isEqualTo("offers 1");

      client
          .send(
              Calls.decline(
                  List.of(OfferID.newBuilder().setValue("O").build()), Duration.ofSeconds(7)))
          .get();
      var decline = master.call(Call.Type.DECLINE);
      assertThat(decline.streamId()).isEqualTo(stream.streamId);
      assertThat(decline.call().getFrameworkId().getValue()).isEqualTo("F");
      assertThat(decline.call().getDecline().getFilters().getRefuseSeconds()).isEqualTo(7.0);
      assertThat(client.frameworkId()).contains(FrameworkID.newBuilder().setValue("F").build());
    }
  }

  @Test
  @Covers("S09")
  void acknowledgesAfterTheHandlerOnlyWhatWantsIt() throws Exception {
    try (var client = client(master.address()).start(heard)) {
      var stream = master.subscription();
      stream.subscribed("F", 15);
      stream.send(update("reconciled", false));
      stream.send(update("t", true));
      var acknowledge = master.call(Call.Type.ACKNOWLEDGE).call().getAcknowledge();
      assertThat(acknowledge.getTaskId().getValue()).isEqualTo("t");
      assertThat(acknowledge.getAgentId().getValue()).isEqualTo("A");
      assertThat(acknowledge.getUuid().toStringUtf8()).isEqualTo("0123456789abcdef");
      assertThat(master.calls).isEmpty();
      assertThat(client.master()).isPresent();
    }
  }

  @Test
  @Covers("S09")
  void explicitAcknowledgementsAreLeftToTheFramework() throws Exception {
    var statuses = new LinkedBlockingQueue<TaskStatus>();
    var keeping =
        new Scheduler() {
          @Override
          public void update(SchedulerClient client, TaskStatus status) {
            statuses.add(status);
          }
        };
    try (var client = client(master.address()).explicitAcknowledgements().start(keeping)) {
      var stream = master.subscription();
      stream.subscribed("F", 15);
      stream.send(update("t", true));
      var status = statuses.take();
      client.send(Calls.revive(List.of())).get();
      assertThat(master.calls.take().call().getType()).isEqualTo(Call.Type.REVIVE);
      client.acknowledge(status);
      master.call(Call.Type.ACKNOWLEDGE);
    }
  }

  @Test
  @Covers("S17")
  void comesBackUnderTheSameIdWhenTheStreamEnds() throws Exception {
    try (var client = client(master.address()).start(heard)) {
      var first = master.subscription();
      first.subscribed("F", 15);
      assertThat(heard.next()).isEqualTo("subscribed F");
      first.end();
      assertThat(heard.next()).startsWith("disconnected");
      var second = master.subscription();
      assertThat(second.call.getFrameworkId().getValue()).isEqualTo("F");
      assertThat(second.call.getSubscribe().getFrameworkInfo().getId().getValue()).isEqualTo("F");
      second.subscribed("F", 15);
      assertThat(heard.next()).isEqualTo("subscribed F");
      client.send(Calls.reconcileAll()).get();
      assertThat(master.call(Call.Type.RECONCILE).streamId()).isEqualTo(second.streamId);
    }
  }

  @Test
  @Covers("S04")
  void followsARedirectToTheLeader() throws Exception {
    try (var standby = new FakeMaster()) {
      standby.refuseSubscribe =
          new FakeMaster.Refusal(307, "", "//" + master.address() + "/api/v1/scheduler");
      try (var client = client(standby.address()).start(heard)) {
        master.subscription().subscribed("F", 15);
        assertThat(heard.next()).isEqualTo("subscribed F");
        assertThat(client.master().orElseThrow().getPort()).isEqualTo(master.port());
      }
    }
  }

  @Test
  @Covers("S04")
  void triesTheMastersOfAListInTurn() throws Exception {
    int dead;
    try (var gone = new FakeMaster()) {
      dead = gone.port();
    }
    try (var client = client("127.0.0.1:" + dead + ",http://" + master.address()).start(heard)) {
      master.subscription().subscribed("F", 15);
      assertThat(heard.next()).isEqualTo("subscribed F");
      assertThat(client.master()).isPresent();
    }
  }

  @Test
  @Covers("S04")
  void triesAgainWhileTheMasterIsRecovering() throws Exception {
    master.refuseSubscribe = new FakeMaster.Refusal(503, "Master has not finished recovery", null);
    try (var client = client(master.address()).start(heard)) {
      while (master.subscribeRequests.get() < 3) {
        Thread.onSpinWait();
      }
      master.refuseSubscribe = null;
      master.subscription().subscribed("F", 15);
      assertThat(heard.next()).isEqualTo("subscribed F");
      assertThat(client.master()).isPresent();
    }
  }

  @Test
  @Covers("S04")
  void aRefusedSubscriptionIsFinal() throws Exception {
    master.refuseSubscribe = new FakeMaster.Refusal(400, "Framework name is missing", null);
    try (var client = client(master.address()).start(heard)) {
      assertThat(heard.next()).contains("400").contains("Framework name is missing");
      client.awaitClosed();
      assertThat(master.subscribeRequests).hasValue(1);
    }
  }

  @Test
  @Covers("S16")
  void anErrorEventIsFinal() throws Exception {
    try (var client = client(master.address()).start(heard)) {
      var stream = master.subscription();
      stream.subscribed("F", 15);
      stream.send(
          Event.newBuilder()
              .setType(Event.Type.ERROR)
              .setError(Event.Error.newBuilder().setMessage("Framework failed over"))
              .build());
      assertThat(heard.next()).isEqualTo("subscribed F");
      assertThat(heard.next()).isEqualTo("error Framework failed over");
      client.awaitClosed();
      assertThat(master.subscribeRequests).hasValue(1);
      assertThat(client.send(Calls.revive(List.of()))).isCompletedExceptionally();
    }
  }

  @Test
  @Covers("S01")
  void aMasterWithoutHeartbeatsIsLost() throws Exception {
    try (var client = client(master.address()).missedHeartbeats(3).start(heard)) {
      master.subscription().subscribed("F", 0.05);
      assertThat(heard.next()).isEqualTo("subscribed F");
      assertThat(heard.next()).startsWith("disconnected no heartbeat");
      assertThat(master.subscription().call.getFrameworkId().getValue()).isEqualTo("F");
      assertThat(client.master()).isEmpty();
    }
  }

  @Test
  void aMasterThatNeverBeginsIsLost() throws Exception {
    try (var client =
        client(master.address())
            .firstHeartbeatInterval(Duration.ofMillis(20))
            .missedHeartbeats(2)
            .start(heard)) {
      master.subscription(); // answers 200 and then nothing
      master.subscription().subscribed("F", 15);
      assertThat(heard.next()).isEqualTo("subscribed F");
      // From here on the master's own interval counts.
      assertThat(heard.lines.poll(200, TimeUnit.MILLISECONDS)).isNull();
      assertThat(client.frameworkId()).isPresent();
    }
  }

  @Test
  void aBrokenRecordEndsTheStream() throws Exception {
    try (var client = client(master.address()).start(heard)) {
      var stream = master.subscription();
      stream.subscribed("F", 15);
      assertThat(heard.next()).isEqualTo("subscribed F");
      stream.sendRaw("nonsense\n");
      assertThat(heard.next()).contains("expected: a digit");
      master.subscription().subscribed("F", 15);
      assertThat(heard.next()).isEqualTo("subscribed F");
      assertThat(client.waitingCalls()).isZero();
    }
  }

  @Test
  void repeatsWhatIsSafeWhenAConnectionBreaks() throws Exception {
    try (var client = client(master.address()).start(heard)) {
      master.subscription().subscribed("F", 15);
      assertThat(heard.next()).isEqualTo("subscribed F");
      master.breakCalls.set(1);
      client.send(Calls.kill(TaskID.newBuilder().setValue("t").build())).get();
      assertThat(master.call(Call.Type.KILL).call().getKill().getTaskId().getValue())
          .isEqualTo("t");

      master.breakCalls.set(1);
      assertThatThrownBy(() -> client.send(Calls.accept(List.of(), List.of())).get())
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(CallFailedException.class)
          .hasMessageContaining("ACCEPT was not answered");
      assertThat(heard.next()).contains("disconnected ACCEPT did not reach the master");
      assertThat(master.calls).isEmpty();
    }
  }

  @Test
  void callsStayInOrder() throws Exception {
    try (var client = client(master.address()).start(heard)) {
      master.subscription().subscribed("F", 15);
      heard.next();
      for (int i = 0; i < 200; i++) {
        var unused = client.send(Calls.kill(TaskID.newBuilder().setValue("t" + i).build()));
      }
      for (int i = 0; i < 200; i++) {
        assertThat(master.call(Call.Type.KILL).call().getKill().getTaskId().getValue())
            .isEqualTo("t" + i);
      }
    }
  }

  @Test
  void refusesCallsWithoutSubscriptionAndOverTheLimit() throws Exception {
    try (var client = client(master.address()).maxWaitingCalls(1).start(heard)) {
      assertThatThrownBy(() -> client.send(Calls.revive(List.of())).get())
          .hasMessageContaining("not subscribed");
      master.subscription().subscribed("F", 15);
      heard.next();
      boolean refused = false;
      for (int i = 0; i < 1000 && !refused; i++) {
        var sent = client.send(Calls.revive(List.of()));
        refused = sent.isCompletedExceptionally();
      }
      assertThat(refused).isTrue();
    }
  }

  @Test
  void anExceptionOfACallbackClosesTheClientWithoutAcknowledging() throws Exception {
    var broken =
        new Scheduler() {
          @Override
          public void update(SchedulerClient client, TaskStatus status) {
            throw new IllegalStateException("no room");
          }
        };
    try (var client = client(master.address()).start(broken)) {
      var stream = master.subscription();
      stream.subscribed("F", 15);
      stream.send(update("t", true));
      assertThatThrownBy(client::awaitClosed)
          .isInstanceOf(CompletionException.class)
          .hasRootCauseMessage("no room");
      assertThat(master.calls).isEmpty();
    }
  }

  @Test
  @Covers("S13")
  void closesCleanlyAndTearsDown() throws Exception {
    var client = client(master.address()).credentials("me", "pw").start(heard);
    master.subscription().subscribed("F", 15);
    heard.next();
    client.teardown();
    var teardown = master.call(Call.Type.TEARDOWN);
    assertThat(teardown.authorization()).isEqualTo("Basic bWU6cHc=");
    assertThat(client.closed().toCompletableFuture()).isCompleted();
    assertThat(heard.lines).isEmpty();
  }

  /// A master ends the stream of a framework that it tears down; that is no trouble to speak of.
  @Test
  void itsOwnEndIsNoComplaint() throws Exception {
    master.endsOnTeardown = true;
    var client = client(master.address()).start(heard);
    master.subscription().subscribed("F", 15);
    heard.next();
    client.teardown();
    assertThat(heard.lines).isEmpty();
    assertThat(heard.complaints).isEmpty();
  }

  @Test
  void wrongMastersAreNamed() {
    assertThatThrownBy(() -> client("ftp://x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'ftp://x'")
        .hasMessageContaining("zk://");
    assertThatThrownBy(() -> client("zk://h:2181")).hasMessageContaining("zk://h:2181");
  }
}
