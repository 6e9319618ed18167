// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.AuthenticateMessage;
import io.meseta.wire.internal.AuthenticationErrorMessage;
import io.meseta.wire.internal.DeactivateFrameworkMessage;
import io.meseta.wire.internal.ExecutorToFrameworkMessage;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.FrameworkErrorMessage;
import io.meseta.wire.internal.FrameworkRegisteredMessage;
import io.meseta.wire.internal.FrameworkReregisteredMessage;
import io.meseta.wire.internal.FrameworkToExecutorMessage;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.LaunchTasksMessage;
import io.meseta.wire.internal.LostSlaveMessage;
import io.meseta.wire.internal.ReconcileTasksMessage;
import io.meseta.wire.internal.RegisterFrameworkMessage;
import io.meseta.wire.internal.ReregisterFrameworkMessage;
import io.meseta.wire.internal.RescindResourceOfferMessage;
import io.meseta.wire.internal.ResourceOffersMessage;
import io.meseta.wire.internal.ReviveOffersMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.internal.StatusUpdateMessage;
import io.meseta.wire.internal.SubmitSchedulerRequest;
import io.meseta.wire.internal.SubmitSchedulerResponse;
import io.meseta.wire.internal.UnregisterFrameworkMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateFrameworkMessage;
import io.meseta.wire.v0.Call;
import io.meseta.wire.v1.ExecutorID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Event;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Drivers of the old API against a real master: what recorded drivers said is said again, and the
/// answers are those of the original.
@Covers("W04")
class DriverTest {
  private static final String M = "80d591ca-0c11-4b2f-aa25-a602c21cebf5";

  private MasterServer master;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    master = TestMaster.start();
    client = new Client(master.port());
  }

  @AfterEach
  void stop() {
    client.close();
    master.close();
  }

  private static FrameworkID register(FakeDriver driver) throws Exception {
    driver.send(
        "mesos.internal.RegisterFrameworkMessage",
        Recordings.body("RegisterFrameworkMessage_from_scheduler(N)_1"));
    return driver.await(FrameworkRegisteredMessage.getDefaultInstance()).getFrameworkId();
  }

  /// Compares all that is not a name of one run.
  private static void sameAsRecorded(Message ours, String file) throws Exception {
    var recorded = ours.getParserForType().parseFrom(Recordings.body(file));
    assertThat(Recordings.shape(ours)).isEqualTo(Recordings.shape(recorded));
  }

  @Test
  @Covers({"W02", "W04"})
  void aRecordedConversationGoesTheSameWay() throws Exception {
    var pid = Upid.parse(master.pid()).orElseThrow();
    try (var agent = new FakeAgent();
        var driver = new FakeDriver("scheduler(1)", master.pid())) {
      driver.send(
          "mesos.internal.RegisterFrameworkMessage",
          Recordings.body("RegisterFrameworkMessage_from_scheduler(N)_1"));
      var got = driver.awaitFrom(FrameworkRegisteredMessage.getDefaultInstance());
      assertThat(got.from()).isEqualTo(pid);
      var registered = FrameworkRegisteredMessage.parseFrom(got.body());
      var recorded =
          FrameworkRegisteredMessage.parseFrom(
              Recordings.body("FrameworkRegisteredMessage_from_master_1"));
      assertThat(registered.getFrameworkId().getValue()).endsWith("-0000");
      assertThat(registered.getMasterInfo().getPid()).isEqualTo(master.pid());
      assertThat(registered.getMasterInfo().getAllFields().keySet())
          .isEqualTo(recorded.getMasterInfo().getAllFields().keySet());
      var framework = registered.getFrameworkId();

      agent.register(pid);
      var offers = driver.await(ResourceOffersMessage.getDefaultInstance());
      assertThat(offers.getPidsList()).containsExactly(agent.pid.toString());
      var offer = offers.getOffers(0);
      var original =
          ResourceOffersMessage.parseFrom(Recordings.body("ResourceOffersMessage_from_master_1"))
              .getOffers(0);
      assertThat(offer.getAllFields().keySet()).isEqualTo(original.getAllFields().keySet());
      for (var theirs : original.getResourcesList()) {
        var ours =
            offer.getResourcesList().stream()
                .filter(resource -> resource.getName().equals(theirs.getName()))
                .findFirst()
                .orElseThrow();
        assertThat(ours.getAllFields().keySet()).isEqualTo(theirs.getAllFields().keySet());
      }

      var ids =
          Map.of(
              M + "-0004", framework.getValue(),
              M + "-S0", agent.id.getValue(),
              M + "-O35", offer.getId().getValue());
      driver.send(
          Recordings.with(
              LaunchTasksMessage.getDefaultInstance(),
              "LaunchTasksMessage_from_scheduler(N)_2",
              ids));
      var run = agent.awaitTask();
      assertThat(run.getPid()).isEqualTo(driver.pid.toString());
      assertThat(run.getTask().getName()).isEqualTo("fin-b0037144");

      var status = agent.update(pid, framework, run.getTask().getTaskId(), TaskState.TASK_RUNNING);
      var update = driver.await(StatusUpdateMessage.getDefaultInstance());
      assertThat(update.getPid()).isEqualTo(agent.pid.toString());
      assertThat(update.getUpdate().getUuid()).isEqualTo(status.getUuid());
      assertThat(update.getUpdate().getStatus().getUuid()).isEqualTo(status.getUuid());
      assertThat(update.getUpdate().getLatestState()).isEqualTo(TaskState.TASK_RUNNING);
      driver.send(
          StatusUpdateAcknowledgementMessage.newBuilder()
              .setSlaveId(agent.id)
              .setFrameworkId(framework)
              .setTaskId(status.getTaskId())
              .setUuid(status.getUuid())
              .build());
      var acknowledged =
          StatusUpdateAcknowledgementMessage.parseFrom(
              agent.await("mesos.internal.StatusUpdateAcknowledgementMessage").body());
      assertThat(acknowledged.getUuid()).isEqualTo(status.getUuid());

      driver.send(
          Recordings.with(
              ReconcileTasksMessage.getDefaultInstance(),
              "ReconcileTasksMessage_from_scheduler(N)_2",
              ids));
      var reconciled = driver.await(StatusUpdateMessage.getDefaultInstance());
      assertThat(reconciled.getPid()).isEqualTo("@0.0.0.0:0");
      assertThat(reconciled.getUpdate().hasUuid()).isFalse();
      assertThat(reconciled.getUpdate().getStatus().getState()).isEqualTo(TaskState.TASK_RUNNING);

      driver.send(
          KillTaskMessage.newBuilder()
              .setFrameworkId(framework)
              .setTaskId(status.getTaskId())
              .build());
      assertThat(
              KillTaskMessage.parseFrom(agent.await("mesos.internal.KillTaskMessage").body())
                  .getTaskId())
          .isEqualTo(status.getTaskId());

      driver.send(
          Recordings.with(
              UnregisterFrameworkMessage.getDefaultInstance(),
              "UnregisterFrameworkMessage_from_scheduler(N)_1",
              ids));
      agent.await("mesos.internal.ShutdownFrameworkMessage");
    }
  }

  @Test
  void messagesOfExecutorsGoBothWays() throws Exception {
    var pid = Upid.parse(master.pid()).orElseThrow();
    try (var agent = new FakeAgent();
        var driver = new FakeDriver("scheduler(1)", master.pid())) {
      var framework = register(driver);
      agent.register(pid);
      var offer = driver.await(ResourceOffersMessage.getDefaultInstance()).getOffers(0);
      var task = SchedulerEndpointTest.task("t", offer).toBuilder().clearCommand();
      task.getExecutorBuilder().getExecutorIdBuilder().setValue("e");
      task.getExecutorBuilder().getCommandBuilder().setValue("executor");
      driver.send(
          LaunchTasksMessage.newBuilder()
              .setFrameworkId(framework)
              .addTasks(task)
              .addOfferIds(offer.getId())
              .setFilters(io.meseta.wire.v1.Filters.getDefaultInstance())
              .build());
      agent.awaitTask();
      var executor = ExecutorID.newBuilder().setValue("e").build();
      driver.send(
          FrameworkToExecutorMessage.newBuilder()
              .setSlaveId(agent.id)
              .setFrameworkId(framework)
              .setExecutorId(executor)
              .setData(ByteString.copyFromUtf8("ping"))
              .build());
      assertThat(
              FrameworkToExecutorMessage.parseFrom(
                      agent.await("mesos.internal.FrameworkToExecutorMessage").body())
                  .getData()
                  .toStringUtf8())
          .isEqualTo("ping");
      agent.send(
          pid,
          ExecutorToFrameworkMessage.newBuilder()
              .setSlaveId(agent.id)
              .setFrameworkId(framework)
              .setExecutorId(executor)
              .setData(ByteString.copyFromUtf8("pong"))
              .build());
      assertThat(
              driver
                  .await(ExecutorToFrameworkMessage.getDefaultInstance())
                  .getData()
                  .toStringUtf8())
          .isEqualTo("pong");
      agent.send(
          pid,
          ExitedExecutorMessage.newBuilder()
              .setSlaveId(agent.id)
              .setFrameworkId(framework)
              .setExecutorId(executor)
              .setStatus(2304)
              .build());
      var exited = driver.await(ExitedExecutorMessage.getDefaultInstance());
      assertThat(exited.getAllFields().keySet())
          .isEqualTo(
              ExitedExecutorMessage.parseFrom(
                      Recordings.body("ExitedExecutorMessage_from_master_1"))
                  .getAllFields()
                  .keySet());
      assertThat(exited.getStatus()).isEqualTo(2304);
    }
  }

  @Test
  void aSecondDriverNeedsToInsist() throws Exception {
    try (var first = new FakeDriver("scheduler(1)", master.pid());
        var second = new FakeDriver("scheduler(2)", master.pid())) {
      var framework = register(first);
      var recorded =
          (ReregisterFrameworkMessage)
              Recordings.with(
                  ReregisterFrameworkMessage.getDefaultInstance(),
                  "ReregisterFrameworkMessage_from_scheduler(N)_1",
                  Map.of(M + "-0004", framework.getValue()));
      second.send(recorded.toBuilder().setFailover(false).build());
      sameAsRecorded(
          second.await(FrameworkErrorMessage.getDefaultInstance()),
          "FrameworkErrorMessage_from_master_1");

      second.send(recorded);
      sameAsRecorded(
          first.await(FrameworkErrorMessage.getDefaultInstance()),
          "FrameworkErrorMessage_from_master_1");
      assertThat(second.await(FrameworkRegisteredMessage.getDefaultInstance()).getFrameworkId())
          .isEqualTo(framework);

      second.send(recorded.toBuilder().setFailover(false).build());
      assertThat(second.await(FrameworkReregisteredMessage.getDefaultInstance()).getFrameworkId())
          .isEqualTo(framework);
    }
  }

  @Test
  void aDriverGivesWayToHttpAndMayComeBack() throws Exception {
    var pid = Upid.parse(master.pid()).orElseThrow();
    try (var agent = new FakeAgent();
        var driver = new FakeDriver("scheduler(1)", master.pid())) {
      agent.register(pid);
      var info =
          RegisterFrameworkMessage.parseFrom(
                  Recordings.body("RegisterFrameworkMessage_from_scheduler(N)_1"))
              .getFramework();
      var call = Call.newBuilder().setType(Call.Type.SUBSCRIBE);
      call.getSubscribeBuilder().setFrameworkInfo(info);
      driver.send(call.build());
      var framework = driver.await(FrameworkRegisteredMessage.getDefaultInstance());
      var id = framework.getFrameworkId();
      var http =
          client.subscribe(
              "{\"type\":\"SUBSCRIBE\",\"framework_id\":{\"value\":\""
                  + id.getValue()
                  + "\"},\"subscribe\":{\"framework_info\":{\"user\":\"root\",\"name\":\"n\","
                  + "\"failover_timeout\":100,\"checkpoint\":true,\"id\":{\"value\":\""
                  + id.getValue()
                  + "\"}}}}",
              true);
      http.await(Event.Type.SUBSCRIBED);
      while (true) {
        var updated =
            UpdateFrameworkMessage.parseFrom(
                agent.await("mesos.internal.UpdateFrameworkMessage").body());
        if (updated.getPid().equals("@0.0.0.0:0")) {
          break;
        }
      }
      call.setFrameworkId(id);
      call.getSubscribeBuilder().setForce(true).getFrameworkInfoBuilder().setId(id);
      driver.await(FrameworkErrorMessage.getDefaultInstance());
      driver.send(call.build());
      driver.await(FrameworkRegisteredMessage.getDefaultInstance());
      assertThat(http.await(Event.Type.ERROR).getError().getMessage())
          .isEqualTo("Framework failed over");
      var answer =
          http.call(
              io.meseta.wire.v1.scheduler.Call.newBuilder()
                  .setType(io.meseta.wire.v1.scheduler.Call.Type.REVIVE));
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(answer.body()).isEqualTo("Framework is not connected via HTTP");
      assertThat(client.get("/state").body()).contains("\"pid\":\"" + driver.pid + "\"");
    }
  }

  @Test
  void aLostAgentAndLostOffersAreTold() throws Exception {
    var pid = Upid.parse(master.pid()).orElseThrow();
    try (var agent = new FakeAgent();
        var driver = new FakeDriver("scheduler(1)", master.pid())) {
      var framework = register(driver);
      agent.register(pid);
      var offer = driver.await(ResourceOffersMessage.getDefaultInstance()).getOffers(0);
      driver.send(DeactivateFrameworkMessage.newBuilder().setFrameworkId(framework).build());
      assertThat(driver.await(RescindResourceOfferMessage.getDefaultInstance()).getOfferId())
          .isEqualTo(offer.getId());
      agent.send(pid, UnregisterSlaveMessage.newBuilder().setSlaveId(agent.id).build());
      assertThat(driver.await(LostSlaveMessage.getDefaultInstance()).getSlaveId())
          .isEqualTo(agent.id);
    }
  }

  @Test
  void callsOfTodaysDriversWork() throws Exception {
    var pid = Upid.parse(master.pid()).orElseThrow();
    try (var agent = new FakeAgent();
        var driver = new FakeDriver("scheduler-8d1e", master.pid())) {
      var framework = register(driver);
      agent.register(pid);
      var offer = driver.await(ResourceOffersMessage.getDefaultInstance()).getOffers(0);
      var accept = Call.newBuilder().setType(Call.Type.ACCEPT).setFrameworkId(framework);
      accept
          .getAcceptBuilder()
          .addOfferIds(offer.getId())
          .addOperationsBuilder()
          .setType(Offer.Operation.Type.LAUNCH)
          .getLaunchBuilder()
          .addTaskInfos(SchedulerEndpointTest.task("t1", offer));
      accept.getAcceptBuilder().getFiltersBuilder().setRefuseSeconds(1000);
      driver.send(accept.build());
      var run = agent.awaitTask();
      var kill = Call.newBuilder().setType(Call.Type.KILL).setFrameworkId(framework);
      kill.getKillBuilder().setTaskId(run.getTask().getTaskId());
      driver.send(kill.build());
      agent.await("mesos.internal.KillTaskMessage");
      driver.send(
          ReviveOffersMessage.newBuilder().setFrameworkId(framework).build()); // both forms mix
      var again = driver.await(ResourceOffersMessage.getDefaultInstance()).getOffers(0);
      var reserve = Call.newBuilder().setType(Call.Type.ACCEPT).setFrameworkId(framework);
      reserve
          .getAcceptBuilder()
          .addOfferIds(again.getId())
          .addOperationsBuilder()
          .setType(Offer.Operation.Type.UNRESERVE)
          .setId(io.meseta.wire.v1.OperationID.newBuilder().setValue("o"))
          .getUnreserveBuilder();
      driver.send(reserve.build());
      assertThat(driver.await(FrameworkErrorMessage.getDefaultInstance()).getMessage())
          .contains("operation feedback is not supported");
    }
  }

  @Test
  void aDriverThatGoesAwayIsDisconnected() throws Exception {
    try (var driver = new FakeDriver("scheduler(1)", master.pid())) {
      register(driver);
    }
    for (int i = 0;
        i < 200 && !client.get("/frameworks").body().contains("\"connected\":false");
        i++) {
      Thread.onSpinWait();
    }
    assertThat(client.get("/frameworks").body()).contains("\"connected\":false");
  }

  @Test
  void nonsenseIsRefusedOrDropped() throws Exception {
    try (var driver = new FakeDriver("scheduler(1)", master.pid());
        var stranger = new FakeDriver("scheduler(2)", master.pid())) {
      driver.send("mesos.scheduler.Call", new byte[] {1, 2, 3});
      var withId =
          RegisterFrameworkMessage.parseFrom(
              Recordings.body("RegisterFrameworkMessage_from_scheduler(N)_1"))
              .toBuilder();
      withId.getFrameworkBuilder().getIdBuilder().setValue("x");
      driver.send(withId.build());
      assertThat(driver.await(FrameworkErrorMessage.getDefaultInstance()).getMessage())
          .isEqualTo("Registering with 'id' already set");
      driver.send(
          ReregisterFrameworkMessage.newBuilder()
              .setFailover(true)
              .setFramework(withId.getFramework().toBuilder().clearId())
              .build());
      assertThat(driver.await(FrameworkErrorMessage.getDefaultInstance()).getMessage())
          .isEqualTo("Re-registering without an 'id'");
      var framework = register(driver);
      stranger.send(UnregisterFrameworkMessage.newBuilder().setFrameworkId(framework).build());
      driver.send(
          "mesos.internal.RegisterFrameworkMessage",
          Recordings.body("RegisterFrameworkMessage_from_scheduler(N)_1"));
      assertThat(driver.await(FrameworkRegisteredMessage.getDefaultInstance()).getFrameworkId())
          .isEqualTo(framework);
    }
  }

  @Test
  void whoSubmitsASchedulerIsToldThatItIsNotDone() throws Exception {
    try (var driver = new FakeDriver("client", master.pid())) {
      driver.send(SubmitSchedulerRequest.newBuilder().setName("spark").build());
      assertThat(driver.await(SubmitSchedulerResponse.getDefaultInstance()).getOkay()).isFalse();
    }
  }

  @Test
  @Covers({"MET01", "W07"})
  void whoWantsToAuthenticateIsCounted() throws Exception {
    assertThat(client.get("/metrics/snapshot").body())
        .contains("\"master/messages_authenticate\":0.0");
    try (var driver = new FakeDriver("client", master.pid())) {
      for (int i = 0; i < 2; i++) {
        driver.send(AuthenticateMessage.newBuilder().setPid(driver.pid.toString()).build());
        assertThat(driver.await(AuthenticationErrorMessage.getDefaultInstance()).getError())
            .isEqualTo("No authenticator loaded");
      }
    }
    assertThat(client.get("/metrics/snapshot").body())
        .contains("\"master/messages_authenticate\":2.0");
  }
}
