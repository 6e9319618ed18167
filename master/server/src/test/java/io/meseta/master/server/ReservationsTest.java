// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.OperationID;
import io.meseta.wire.v1.OperationState;
import io.meseta.wire.v1.OperationStatus;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.UUID;
import io.meseta.wire.v1.master.Response;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Reservations and volumes over the wire: operators' calls, forms and schedulers' operations.
class ReservationsTest {
  private static final String FRAMEWORK =
      Client.subscribeCall(
          Map.of(
              "roles", "[\"db\"]",
              "principal", "\"p\"",
              "capabilities", "[{\"type\":\"MULTI_ROLE\"},{\"type\":\"RESERVATION_REFINEMENT\"}]"));

  private MasterServer master;
  private Client client;
  private FakeAgent agent;
  private Upid pid;

  @BeforeEach
  void start() throws Exception {
    master = TestMaster.start();
    client = new Client(master.port());
    agent = new FakeAgent();
    pid = Upid.parse(master.pid()).orElseThrow();
    agent.register(pid);
  }

  @AfterEach
  void stop() {
    client.close();
    agent.close();
    master.close();
  }

  private static String cpus(int amount, String role) {
    return "{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":"
        + amount
        + "},\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\""
        + role
        + "\",\"principal\":\"p\"}]}";
  }

  private static String disk(int mb, String more) {
    return "{\"name\":\"disk\",\"type\":\"SCALAR\",\"scalar\":{\"value\":"
        + mb
        + "},\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\"db\",\"principal\":\"p\"}]"
        + more
        + "}";
  }

  private static final String VOLUME =
      ",\"disk\":{\"persistence\":{\"id\":\"v1\",\"principal\":\"p\"},\"volume\":{\"mode\":\"RW\","
          + "\"container_path\":\"data\"}}";

  private String call(String type, String rest) {
    return "{\"type\":\""
        + type
        + "\",\""
        + type.toLowerCase(java.util.Locale.ROOT)
        + "\":{\"agent_id\":{\"value\":\""
        + agent.id.getValue()
        + "\"},"
        + rest
        + "}}";
  }

  private int operate(String type, String rest, boolean json) throws Exception {
    var text = call(type, rest);
    return json
        ? client.json("/api/v1", text).statusCode()
        : client
            .protobuf(
                "/api/v1",
                Json.parse(
                        text.getBytes(StandardCharsets.UTF_8),
                        io.meseta.wire.v1.master.Call.newBuilder())
                    .build()
                    .toByteArray())
            .statusCode();
  }

  private ApplyOperationMessage applied() throws Exception {
    return ApplyOperationMessage.parseFrom(
        agent.await("mesos.internal.ApplyOperationMessage").body());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers({"OM11", "OM12", "OM01", "W03"})
  void operatorsReserveAndMakeVolumes(boolean json) throws Exception {
    assertThat(operate("RESERVE_RESOURCES", "\"resources\":[" + cpus(2, "db") + "]", json))
        .isEqualTo(202);
    assertThat(applied().getOperationInfo().getType()).isEqualTo(Offer.Operation.Type.RESERVE);
    assertThat(operate("RESERVE_RESOURCES", "\"resources\":[" + disk(100, "") + "]", json))
        .isEqualTo(202);
    assertThat(operate("CREATE_VOLUMES", "\"volumes\":[" + disk(50, VOLUME) + "]", json))
        .isEqualTo(202);
    assertThat(
            operate(
                "GROW_VOLUME",
                "\"volume\":" + disk(50, VOLUME) + ",\"addition\":" + disk(25, ""),
                json))
        .isEqualTo(202);
    assertThat(
            operate(
                "SHRINK_VOLUME",
                "\"volume\":" + disk(75, VOLUME) + ",\"subtract\":{\"value\":15}",
                json))
        .isEqualTo(202);
    var slaves = client.get("/slaves").body();
    assertThat(slaves).contains("\"reserved_resources\":{\"db\":{\"cpus\":2").contains("\"v1\"");
    var twice =
        client.json("/api/v1", call("CREATE_VOLUMES", "\"volumes\":[" + disk(10, VOLUME) + "]"));
    assertThat(twice.statusCode()).isEqualTo(400);
    assertThat(twice.body())
        .startsWith("Invalid CREATE operation on agent " + agent.id.getValue() + " at slave(1)@")
        .endsWith(": Persistence ID 'v1' is not unique");
    assertThat(operate("DESTROY_VOLUMES", "\"volumes\":[" + disk(60, VOLUME) + "]", json))
        .isEqualTo(202);
    assertThat(operate("UNRESERVE_RESOURCES", "\"resources\":[" + disk(100, "") + "]", json))
        .isEqualTo(202);
    var much =
        client.json(
            "/api/v1", call("UNRESERVE_RESOURCES", "\"resources\":[" + disk(100, "") + "]"));
    assertThat(much.statusCode()).isEqualTo(409);
    assertThat(operate("RESERVE_RESOURCES", "\"resources\":[" + cpus(9, "db") + "]", json))
        .isEqualTo(409);
    var missing = client.json("/api/v1", "{\"type\":\"GROW_VOLUME\"}");
    assertThat(missing.statusCode()).isEqualTo(400);
    assertThat(missing.body())
        .isEqualTo("Failed to validate master::Call: Expecting 'grow_volume' to be present");
  }

  private static String form(String... pairs) {
    var result = new StringBuilder();
    for (int i = 0; i < pairs.length; i += 2) {
      result
          .append(i == 0 ? "" : "&")
          .append(pairs[i])
          .append('=')
          .append(URLEncoder.encode(pairs[i + 1], StandardCharsets.UTF_8));
    }
    return result.toString();
  }

  private String post(String path, String... pairs) throws Exception {
    var answer =
        client.post(path, form(pairs), "Content-Type", "application/x-www-form-urlencoded");
    return answer.statusCode() + " " + answer.body();
  }

  @Test
  @Covers("L04")
  void theOldFormsDoTheSame() throws Exception {
    var id = agent.id.getValue();
    assertThat(post("/reserve", "slaveId", id, "resources", "[" + disk(100, "") + "]"))
        .isEqualTo("202 ");
    assertThat(
            post("/master/create-volumes", "slaveId", id, "volumes", "[" + disk(50, VOLUME) + "]"))
        .isEqualTo("202 ");
    assertThat(post("/destroy-volumes", "slaveId", id, "volumes", "[" + disk(50, VOLUME) + "]"))
        .isEqualTo("202 ");
    assertThat(
            post(
                "/reserve",
                "slaveId",
                id,
                "source",
                "[" + disk(100, "") + "]",
                "resources",
                "[" + disk(100, "").replace("\"db\"", "\"web\"") + "]"))
        .isEqualTo("202 ");
    assertThat(post("/unreserve", "slaveId", id, "resources", "[" + disk(100, "") + "]"))
        .startsWith("409 Invalid UNRESERVE Operation: ");
    assertThat(
            post(
                "/unreserve",
                "slaveId",
                id,
                "resources",
                "[" + disk(100, "").replace("\"db\"", "\"web\"") + "]"))
        .isEqualTo("202 ");
    assertThat(post("/reserve", "resources", "[]"))
        .isEqualTo("400 Missing 'slaveId' query parameter in the request body");
    assertThat(post("/reserve", "slaveId", id))
        .isEqualTo("400 Missing 'resources' query parameter in the request body");
    assertThat(post("/reserve", "slaveId", id, "resources", "[{"))
        .startsWith("400 Error parsing 'resources' query parameter in the request body: ");
    assertThat(post("/reserve", "slaveId", "nobody", "resources", "[]"))
        .isEqualTo("400 No agent found with specified ID");
    assertThat(client.get("/reserve").statusCode()).isEqualTo(405);
  }

  @Test
  @Covers("OM12")
  void volumesAreThoseOfAnAgent() throws Exception {
    for (var call :
        List.of(
            "{\"type\":\"GROW_VOLUME\",\"grow_volume\":{\"volume\":%s,\"addition\":%s}}",
            "{\"type\":\"SHRINK_VOLUME\",\"shrink_volume\":{\"volume\":%s,\"subtract\":{\"value\":1}}}")) {
      var answer = client.json("/api/v1", call.formatted(disk(10, VOLUME), disk(10, "")));
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body())
          .isEqualTo(
              "Failed to validate master::Call: Expecting 'agent_id' to be present; only agent"
                  + " default resources are supported right now");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers({"S26", "S28", "OM07"})
  void aSchedulerReservesAndHearsOfIt(boolean json) throws Exception {
    try (var scheduler = client.subscribe(FRAMEWORK, json)) {
      var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      var reserved =
          Json.parse(cpus(1, "db").getBytes(StandardCharsets.UTF_8), Resource.newBuilder()).build();
      var call = Call.newBuilder().setType(Call.Type.ACCEPT);
      call.getAcceptBuilder()
          .addOfferIds(offer.getId())
          .addOperationsBuilder()
          .setType(Offer.Operation.Type.RESERVE)
          .setId(OperationID.newBuilder().setValue("op-1"))
          .getReserveBuilder()
          .addResources(reserved);
      assertThat(scheduler.call(call).statusCode()).isEqualTo(202);
      var asked = applied();
      var operations =
          Response.parseFrom(
              client
                  .protobuf(
                      "/api/v1",
                      io.meseta.wire.v1.master.Call.newBuilder()
                          .setType(io.meseta.wire.v1.master.Call.Type.GET_OPERATIONS)
                          .build()
                          .toByteArray())
                  .body());
      assertThat(operations.getGetOperations().getOperations(0).getLatestStatus().getState())
          .isEqualTo(OperationState.OPERATION_PENDING);
      var status =
          OperationStatus.newBuilder()
              .setOperationId(asked.getOperationInfo().getId())
              .setState(OperationState.OPERATION_FINISHED)
              .setAgentId(agent.id)
              .setUuid(UUID.newBuilder().setValue(ByteString.copyFrom(new byte[16])))
              .addConvertedResources(asked.getOperationInfo().getReserve().getResources(0))
              .build();
      agent.send(
          pid,
          UpdateOperationStatusMessage.newBuilder()
              .setFrameworkId(asked.getFrameworkId())
              .setSlaveId(agent.id)
              .setStatus(status)
              .setLatestStatus(status)
              .setOperationUuid(asked.getOperationUuid())
              .build());
      var told =
          scheduler
              .await(Event.Type.UPDATE_OPERATION_STATUS)
              .getUpdateOperationStatus()
              .getStatus();
      assertThat(told).isEqualTo(status);
      var acknowledge = Call.newBuilder().setType(Call.Type.ACKNOWLEDGE_OPERATION_STATUS);
      acknowledge
          .getAcknowledgeOperationStatusBuilder()
          .setAgentId(agent.id)
          .setUuid(told.getUuid().getValue())
          .setOperationId(told.getOperationId());
      assertThat(scheduler.call(acknowledge).statusCode()).isEqualTo(202);
      var unused = agent.await("mesos.internal.AcknowledgeOperationStatusMessage");
      var reconcile = Call.newBuilder().setType(Call.Type.RECONCILE_OPERATIONS);
      reconcile
          .getReconcileOperationsBuilder()
          .addOperationsBuilder()
          .setOperationId(told.getOperationId())
          .setAgentId(agent.id);
      assertThat(scheduler.call(reconcile).statusCode()).isEqualTo(202);
      assertThat(
              scheduler
                  .await(Event.Type.UPDATE_OPERATION_STATUS)
                  .getUpdateOperationStatus()
                  .getStatus()
                  .getState())
          .isEqualTo(OperationState.OPERATION_UNKNOWN);
    }
  }
}
