// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.DrainSlaveMessage;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.DrainState;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.master.Call;
import io.meseta.wire.v1.master.Response;
import io.meseta.wire.v1.scheduler.Event;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DrainCallsTest {
  private MasterServer master;
  private Client client;
  private FakeAgent agent;

  @BeforeEach
  void start() throws Exception {
    master = TestMaster.start();
    client = new Client(master.port());
    agent = new FakeAgent();
    agent.register(pid());
  }

  @AfterEach
  void stop() {
    client.close();
    agent.close();
    master.close();
  }

  private Upid pid() {
    return Upid.parse(master.pid()).orElseThrow();
  }

  private String operate(String text, boolean json) throws Exception {
    if (json) {
      var answer = client.json("/api/v1", text);
      return (answer.statusCode() + " " + answer.body()).strip();
    }
    var call = Json.parse(text.getBytes(StandardCharsets.UTF_8), Call.newBuilder()).build();
    var answer = client.protobuf("/api/v1", call.toByteArray());
    return (answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8)).strip();
  }

  private String call(String type, String more) {
    return "{\"type\":\""
        + type
        + "\",\""
        + type.toLowerCase(java.util.Locale.ROOT)
        + "\":{\"agent_id\":{\"value\":\""
        + agent.id.getValue()
        + "\"}"
        + more
        + "}}";
  }

  private Response.GetAgents.Agent shown(boolean json) throws Exception {
    var call = Call.newBuilder().setType(Call.Type.GET_AGENTS).build();
    var response =
        json
            ? Json.parse(
                    client.json("/api/v1", "{\"type\":\"GET_AGENTS\"}").body().getBytes("UTF-8"),
                    Response.newBuilder())
                .build()
            : Response.parseFrom(client.protobuf("/api/v1", call.toByteArray()).body());
    return response.getGetAgents().getAgents(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers({"OM15", "M06", "OM05", "L11", "H04"})
  void anAgentIsDrainedAndComesBack(boolean json) throws Exception {
    try (var scheduler = client.subscribe(Client.subscribeCall(Map.of()), json)) {
      var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      scheduler.call(SchedulerEndpointTest.launch(offer, SchedulerEndpointTest.task("t1", offer)));
      var run = agent.awaitTask();
      var framework = run.getFramework().getId();
      assertThat(
              operate(
                  call("DRAIN_AGENT", ",\"max_grace_period\":{\"seconds\":600,\"nanos\":5}"), json))
          .isEqualTo("200");
      var told =
          DrainSlaveMessage.parseFrom(agent.await("mesos.internal.DrainSlaveMessage").body());
      assertThat(told.getConfig().getMaxGracePeriod().getNanoseconds()).isEqualTo(600_000_000_005L);
      assertThat(told.getConfig().getMarkGone()).isFalse();
      var draining = shown(json);
      assertThat(draining.getDrainInfo().getState()).isEqualTo(DrainState.DRAINING);
      assertThat(draining.getDrainInfo().getConfig()).isEqualTo(told.getConfig());
      assertThat(draining.getEstimatedDrainStartTime().getNanoseconds()).isPositive();
      assertThat(draining.getDeactivated()).isTrue();
      assertThat(draining.getActive()).isFalse();
      assertThat(client.get("/slaves").body())
          .contains(
              "\"deactivated\":true,\"drain_info\":{\"state\":\"DRAINING\",\"config\":{"
                  + "\"max_grace_period\":{\"nanoseconds\":600000000005},\"mark_gone\":false}},"
                  + "\"estimated_drain_start_time_seconds\":");
      assertThat(client.get("/registrar(1)/registry").body())
          .contains("\"state\":\"DRAINING\"")
          .contains("\"minimum_capabilities\":[{\"capability\":\"AGENT_DRAINING\"}]");
      assertThat(operate(call("REACTIVATE_AGENT", ""), json))
          .isEqualTo("400 Agent '" + agent.id.getValue() + "' is still in the DRAINING state");

      agent.update(pid(), framework, run.getTask().getTaskId(), TaskState.TASK_KILLED);
      var status = scheduler.await(Event.Type.UPDATE).getUpdate().getStatus();
      var acknowledge =
          io.meseta.wire.v1.scheduler.Call.newBuilder()
              .setType(io.meseta.wire.v1.scheduler.Call.Type.ACKNOWLEDGE);
      acknowledge
          .getAcknowledgeBuilder()
          .setAgentId(status.getAgentId())
          .setTaskId(status.getTaskId())
          .setUuid(status.getUuid());
      assertThat(scheduler.call(acknowledge).statusCode()).isEqualTo(202);
      assertThat(shown(json).getDrainInfo().getState()).isEqualTo(DrainState.DRAINED);
      assertThat(operate(call("REACTIVATE_AGENT", ""), json)).isEqualTo("200");
      assertThat(shown(json).hasDrainInfo()).isFalse();
      assertThat(client.get("/registrar(1)/registry").body())
          .contains("\"slaves\":{\"slaves\":[{\"deactivated\":false,\"info\":{")
          .doesNotContain("drain_info", "minimum_capabilities");
      assertThat(scheduler.await(Event.Type.OFFERS).getOffers().getOffersCount()).isEqualTo(1);
    }
  }

  @Test
  @Covers("OM15")
  void aDurationMayBeText() throws Exception {
    assertThat(operate(call("DRAIN_AGENT", ",\"max_grace_period\":\"10mins\""), true))
        .isEqualTo("200");
    var told = DrainSlaveMessage.parseFrom(agent.await("mesos.internal.DrainSlaveMessage").body());
    assertThat(told.getConfig().getMaxGracePeriod().getNanoseconds()).isEqualTo(600_000_000_000L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers("OM15")
  void whatIsWrongIsSaid(boolean json) throws Exception {
    assertThat(operate(call("DRAIN_AGENT", ",\"max_grace_period\":{\"seconds\":-1}"), json))
        .startsWith("400 Failed to validate master::Call: 'drain_agent.max_grace_period' must be")
        .contains("not -1 seconds");
    for (var type : List.of("DRAIN_AGENT", "DEACTIVATE_AGENT")) {
      assertThat(operate(call(type, "").replace(agent.id.getValue(), "nobody"), json))
          .isEqualTo("400 Unknown agent 'nobody'");
    }
    assertThat(operate(call("REACTIVATE_AGENT", ""), json))
        .isEqualTo("400 Agent '" + agent.id.getValue() + "' is not deactivated");
    assertThat(operate("{\"type\":\"DRAIN_AGENT\"}", json))
        .isEqualTo("400 Failed to validate master::Call: Expecting 'drain_agent' to be present");
    assertThat(operate(call("DEACTIVATE_AGENT", ""), json)).isEqualTo("200");
    assertThat(shown(json).getDeactivated()).isTrue();
    assertThat(shown(json).hasDrainInfo()).isFalse();
    assertThat(operate(call("REACTIVATE_AGENT", ""), json)).isEqualTo("200");
    assertThat(shown(json).getDeactivated()).isFalse();
  }
}
