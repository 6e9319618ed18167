// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.master.Response;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Maintenance over the wire: the whole cycle of a machine.
class MaintenanceTest {
  private static final String MACHINE = "{\"hostname\":\"LOCALHOST\",\"ip\":\"127.0.0.1\"}";
  private static final String SCHEDULE =
      "{\"windows\":[{\"machine_ids\":["
          + MACHINE
          + "],\"unavailability\":{\"start\":{\"nanoseconds\":1900000000000000000},\"duration\":"
          + "{\"nanoseconds\":3600000000000}}}]}";

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
      return answer.statusCode() + " " + answer.body();
    }
    var answer =
        client.protobuf(
            "/api/v1",
            Json.parse(
                    text.getBytes(StandardCharsets.UTF_8),
                    io.meseta.wire.v1.master.Call.newBuilder())
                .build()
                .toByteArray());
    return answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8);
  }

  private String post(String path, String body) throws Exception {
    var answer = client.post(path, body, "Content-Type", "application/json");
    return answer.statusCode() + " " + answer.body();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers({"M07", "OM14", "S29", "A14", "S08"})
  void aMachineIsDrainedTakenDownAndBroughtBack(boolean json) throws Exception {
    try (var scheduler = client.subscribe(Client.subscribeCall(Map.of()), json)) {
      var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      assertThat(offer.hasUnavailability()).isFalse();
      assertThat(
              operate(
                  "{\"type\":\"UPDATE_MAINTENANCE_SCHEDULE\",\"update_maintenance_schedule\":"
                      + "{\"schedule\":"
                      + SCHEDULE
                      + "}}",
                  json))
          .isEqualTo("200 ");
      assertThat(scheduler.await(Event.Type.RESCIND).getRescind().getOfferId())
          .isEqualTo(offer.getId());
      var again = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      assertThat(again.getUnavailability().getStart().getNanoseconds())
          .isEqualTo(1900000000000000000L);
      var inverse =
          scheduler.await(Event.Type.INVERSE_OFFERS).getInverseOffers().getInverseOffers(0);
      assertThat(inverse.getAgentId()).isEqualTo(agent.id);
      assertThat(inverse.getUnavailability()).isEqualTo(again.getUnavailability());
      var accept = Call.newBuilder().setType(Call.Type.ACCEPT_INVERSE_OFFERS);
      accept.getAcceptInverseOffersBuilder().addInverseOfferIds(inverse.getId());
      accept.getAcceptInverseOffersBuilder().getFiltersBuilder().setRefuseSeconds(1);
      assertThat(scheduler.call(accept).statusCode()).isEqualTo(202);
      var status =
          Response.parseFrom(
                  client
                      .protobuf(
                          "/api/v1",
                          io.meseta.wire.v1.master.Call.newBuilder()
                              .setType(io.meseta.wire.v1.master.Call.Type.GET_MAINTENANCE_STATUS)
                              .build()
                              .toByteArray())
                      .body())
              .getGetMaintenanceStatus()
              .getStatus();
      assertThat(status.getDrainingMachines(0).getStatuses(0).getStatus().name())
          .isEqualTo("ACCEPT");
      assertThat(status.getDrainingMachines(0).getStatuses(0).getFrameworkId().getValue())
          .isEqualTo(scheduler.frameworkId);
      // The refusal is over and something is still held: it is asked again.
      var unused = scheduler.await(Event.Type.INVERSE_OFFERS);

      assertThat(
              operate(
                  "{\"type\":\"START_MAINTENANCE\",\"start_maintenance\":{\"machines\":["
                      + MACHINE
                      + "]}}",
                  json))
          .isEqualTo("200 ");
      var unused2 = agent.await("mesos.internal.ShutdownMessage");
      assertThat(scheduler.await(Event.Type.RESCIND_INVERSE_OFFER).hasRescindInverseOffer())
          .isTrue();
      assertThat(client.get("/slaves").body()).contains("\"slaves\":[]");
      assertThat(client.get("/maintenance/status").body()).contains("\"down_machines\":[");
      try (var late = new FakeAgent()) {
        late.send(
            pid(),
            RegisterSlaveMessage.newBuilder()
                .setSlave(FakeAgent.info(late.pid.port()))
                .setVersion("1.12.0")
                .build());
        var unused3 = late.await("mesos.internal.ShutdownMessage");
        assertThat(
                operate(
                    "{\"type\":\"STOP_MAINTENANCE\",\"stop_maintenance\":{\"machines\":["
                        + MACHINE
                        + "]}}",
                    json))
            .isEqualTo("200 ");
        late.register(pid());
      }
      assertThat(client.get("/maintenance/schedule").body()).isEqualTo("{}");
    }
  }

  @Test
  @Covers("L07")
  void theOldEndpointsDoTheSame() throws Exception {
    assertThat(post("/maintenance/schedule", SCHEDULE)).isEqualTo("200 ");
    assertThat(client.get("/maintenance/schedule").body()).contains("\"LOCALHOST\"");
    assertThat(client.get("/master/maintenance/status").body())
        .isEqualTo("{\"draining_machines\":[{\"id\":" + MACHINE + "}]}");
    assertThat(post("/machine/up", "[" + MACHINE + "]"))
        .isEqualTo("400 Machine '" + MACHINE + "' is not in DOWN mode and cannot be brought up");
    assertThat(post("/machine/down", "[" + MACHINE + "]")).isEqualTo("200 ");
    assertThat(post("/maintenance/schedule", "{}"))
        .isEqualTo(
            "400 Machine '" + MACHINE + "' is deactivated and cannot be removed from the schedule");
    assertThat(post("/machine/up", "[" + MACHINE + "]")).isEqualTo("200 ");
    assertThat(post("/maintenance/schedule", "{}")).isEqualTo("200 ");
  }

  @ParameterizedTest
  @Covers({"L07", "OM14"})
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "/machine/down|[]|List of machines is empty",
        "/machine/down|[{}]|Both 'hostname' and 'ip' for a machine are empty",
        "/machine/down|[{\"hostname\":\"x\"}]|Machine '{\"hostname\":\"x\"}' is not part of a maintenance schedule",
        "/machine/down|{}|Expecting a JSON array of machines, as in [{\"hostname\":\"h1\"}]",
        "/maintenance/schedule|{\"windows\":[{\"unavailability\":{\"start\":{\"nanoseconds\":1}}}]}|List of machines in the maintenance window is empty",
        "/maintenance/schedule|{\"windows\":[{\"machine_ids\":[{\"ip\":\"1.2\"}],\"unavailability\":{\"start\":{\"nanoseconds\":1}}}]}|Failed to parse the IP '1.2' (expected: 10.0.0.1)",
      })
  void badRequestsAreRefused(String path, String body, String message) throws Exception {
    assertThat(post(path, body)).isEqualTo("400 " + message);
  }
}
