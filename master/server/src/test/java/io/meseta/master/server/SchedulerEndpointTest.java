// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerEndpointTest {
  private static final String PATH = "/api/v1/scheduler";

  private static MasterServer master;
  private static Client client;

  @BeforeAll
  static void start() throws Exception {
    master = TestMaster.start();
    client = new Client(master.port());
  }

  @AfterAll
  static void stop() {
    client.close();
    master.close();
  }

  static TaskInfo task(String id, Offer offer) {
    return TaskInfo.newBuilder()
        .setName(id)
        .setTaskId(TaskID.newBuilder().setValue(id))
        .setAgentId(offer.getAgentId())
        .addAllResources(
            offer.getResourcesList().stream().filter(r -> r.getName().equals("cpus")).toList())
        .setCommand(CommandInfo.newBuilder().setValue("sleep 1000"))
        .build();
  }

  static Call.Builder launch(Offer offer, TaskInfo task) {
    var call = Call.newBuilder().setType(Call.Type.ACCEPT);
    call.getAcceptBuilder()
        .addOfferIds(offer.getId())
        .addOperationsBuilder()
        .setType(Offer.Operation.Type.LAUNCH)
        .getLaunchBuilder()
        .addTaskInfos(task);
    return call;
  }

  static Call.Builder acknowledge(io.meseta.wire.v1.TaskStatus status) {
    var call = Call.newBuilder().setType(Call.Type.ACKNOWLEDGE);
    call.getAcknowledgeBuilder()
        .setAgentId(status.getAgentId())
        .setTaskId(status.getTaskId())
        .setUuid(status.getUuid());
    return call;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers({"S01", "S02", "S05", "S06", "S09", "W01", "W02"})
  void aTaskIsLaunchedAndReportedInBothEncodings(boolean json) throws Exception {
    var pid = Upid.parse(master.pid()).orElseThrow();
    try (var agent = new FakeAgent();
        var scheduler = client.subscribe(Client.subscribeCall(Map.of()), json)) {
      assertThat(scheduler.response.statusCode()).isEqualTo(200);
      assertThat(scheduler.response.headers().firstValue("Content-Type"))
          .hasValue(json ? "application/json" : "application/x-protobuf");
      assertThat(scheduler.streamId).hasSize(36);
      var subscribed = scheduler.await(Event.Type.SUBSCRIBED).getSubscribed();
      assertThat(subscribed.getHeartbeatIntervalSeconds()).isEqualTo(15);
      assertThat(subscribed.getMasterInfo().getIp()).isEqualTo(16777343);
      assertThat(scheduler.next().getType()).isEqualTo(Event.Type.HEARTBEAT);
      agent.register(pid);
      var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      assertThat(offer.getUrl().getAddress().getPort()).isEqualTo(agent.pid.port());
      assertThat(scheduler.call(launch(offer, task("t1", offer))).statusCode()).isEqualTo(202);
      var run = agent.awaitTask();
      assertThat(run.getTask().getTaskId().getValue()).isEqualTo("t1");
      var id = FrameworkID.newBuilder().setValue(scheduler.frameworkId).build();
      assertThat(run.getFramework().getId()).isEqualTo(id);
      var sent = agent.update(pid, id, run.getTask().getTaskId(), TaskState.TASK_RUNNING);
      var update = scheduler.await(Event.Type.UPDATE).getUpdate().getStatus();
      assertThat(update.getUuid()).isEqualTo(sent.getUuid());
      assertThat(update.getContainerStatus().getContainerId())
          .isEqualTo(sent.getContainerStatus().getContainerId());
      assertThat(scheduler.call(acknowledge(update)).statusCode()).isEqualTo(202);
      var unused = agent.await("mesos.internal.StatusUpdateAcknowledgementMessage");
      assertThat(agent.pings).isPositive();
    }
  }

  @ParameterizedTest
  @Covers({"S02", "S04"})
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{}|400|Failed to validate scheduler::Call: Expecting 'type' to be present",
        "{\"type\":\"NO_SUCH\"}|400|Failed to validate scheduler::Call: Expecting 'type' to be present",
        "{\"type\":1}|400|Failed to convert JSON into Call protobuf: Not expecting a JSON number for"
            + " field 'type'",
        "{\"type\":\"KILL\"}|400|Failed to validate scheduler::Call: Expecting 'framework_id' to be"
            + " present",
        "{\"type\":\"KILL\",\"framework_id\":{\"value\":\"x\"}}|400|Failed to validate"
            + " scheduler::Call: Expecting 'kill' to be present",
        "{\"type\":\"REVIVE\",\"framework_id\":{\"value\":\"x\"}}|400|Framework cannot be found",
        "{\"type\":\"SUBSCRIBE\"}|400|Failed to validate scheduler::Call: Expecting 'subscribe' to"
            + " be present",
      })
  void badCallsAreRefusedAsTheOriginalDoes(String body, int status, String message)
      throws Exception {
    var response = client.json(PATH, body);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.body()).isEqualTo(message);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
  }

  @ParameterizedTest
  @Covers({"S02", "S04"})
  @ValueSource(strings = {"{", "[1", "", "nonsense"})
  void whatIsNoJsonIsRefused(String body) throws Exception {
    var response = client.json(PATH, body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body())
        .startsWith("Failed to parse body into JSON: syntax error at line 1 near: ");
  }

  @Test
  @Covers({"S02", "S03", "S04"})
  void headersAreChecked() throws Exception {
    var call = Client.subscribeCall(Map.of());
    var charset = client.post(PATH, call, "Content-Type", "application/json; charset=utf-8");
    assertThat(charset.statusCode()).isEqualTo(415);
    assertThat(charset.body())
        .isEqualTo("Expecting 'Content-Type' of application/json or application/x-protobuf");
    var none = client.post(PATH, call);
    assertThat(none.statusCode()).isEqualTo(400);
    assertThat(none.body()).isEqualTo("Expecting 'Content-Type' to be present");
    var html = client.post(PATH, call, "Content-Type", "application/json", "Accept", "text/html");
    assertThat(html.statusCode()).isEqualTo(406);
    assertThat(html.body())
        .isEqualTo("Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'");
    var stream =
        client.post(PATH, call, "Content-Type", "application/json", "Mesos-Stream-Id", "x");
    assertThat(stream.statusCode()).isEqualTo(400);
    assertThat(stream.body())
        .isEqualTo("Subscribe calls should not include the 'Mesos-Stream-Id' header");
    var get = client.get(PATH);
    assertThat(get.statusCode()).isEqualTo(405);
    assertThat(get.headers().firstValue("Allow")).hasValue("POST");
    assertThat(get.body())
        .isEqualTo("405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.");
    assertThat(client.protobuf(PATH, new byte[] {1, 2, 3}).statusCode()).isEqualTo(400);
  }

  @Test
  @Covers({"S03", "S16", "S17"})
  void theNewerStreamCounts() throws Exception {
    var call = Client.subscribeCall(Map.of("failover_timeout", "60"));
    try (var old = client.subscribe(call, true)) {
      var unused = old.await(Event.Type.SUBSCRIBED);
      var id = "{\"value\":\"" + old.frameworkId + "\"}";
      var again =
          Client.subscribeCall(Map.of("failover_timeout", "60", "id", id))
              .replaceFirst("\\{", "{\"framework_id\":" + id + ",");
      try (var newer = client.subscribe(again, true)) {
        var unused2 = newer.await(Event.Type.SUBSCRIBED);
        assertThat(newer.frameworkId).isEqualTo(old.frameworkId);
        assertThat(old.await(Event.Type.ERROR).getError().getMessage())
            .isEqualTo("Framework failed over");
        var late = old.call(Call.newBuilder().setType(Call.Type.REVIVE));
        assertThat(late.statusCode()).isEqualTo(400);
        assertThat(late.body())
            .isEqualTo(
                "The stream ID '"
                    + old.streamId
                    + "' included in this request didn't match the stream ID currently associated"
                    + " with framework ID "
                    + old.frameworkId);
        assertThat(newer.call(Call.newBuilder().setType(Call.Type.REVIVE)).statusCode())
            .isEqualTo(202);
      }
    }
  }

  @Test
  @Covers({"S17", "S04"})
  void aVanishedSchedulerIsNoticed() throws Exception {
    var call = Client.subscribeCall(Map.of("failover_timeout", "60"));
    var scheduler = client.subscribe(call, true);
    var unused = scheduler.await(Event.Type.SUBSCRIBED);
    scheduler.close();
    for (int i = 0; i < 100; i++) {
      var response = scheduler.call(Call.newBuilder().setType(Call.Type.REVIVE));
      if (response.statusCode() == 403) {
        assertThat(response.body()).isEqualTo("Framework is not subscribed");
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("still subscribed after five seconds");
  }
}
