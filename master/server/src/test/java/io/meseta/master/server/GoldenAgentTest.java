// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.AcknowledgeOperationStatusMessage;
import io.meseta.wire.internal.ApplyOperationMessage;
import io.meseta.wire.internal.ExitedExecutorMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.SlaveRegisteredMessage;
import io.meseta.wire.internal.SlaveReregisteredMessage;
import io.meseta.wire.internal.UnregisterSlaveMessage;
import io.meseta.wire.internal.UpdateOperationStatusMessage;
import io.meseta.wire.internal.UpdateSlaveMessage;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a recorded agent of the original said is said again to this master, which answers as the
/// original's master did.
@Covers({"W01", "W02"})
class GoldenAgentTest {
  private static final String RECORDED = "80d591ca-0c11-4b2f-aa25-a602c21cebf5-S0";

  private MasterServer master;
  private Client client;
  private Upid pid;

  @BeforeEach
  void start() throws Exception {
    master = TestMaster.start();
    client = new Client(master.port());
    pid = Upid.parse(master.pid()).orElseThrow();
  }

  @AfterEach
  void stop() {
    client.close();
    master.close();
  }

  private static Message recorded(Message kind, String file, Map<String, String> ids)
      throws Exception {
    return Recordings.with(kind, file, ids);
  }

  private static String shape(String answer, String file, Message kind) throws Exception {
    assertThat(answer)
        .isEqualTo(Recordings.shape(kind.getParserForType().parseFrom(Recordings.body(file))));
    return answer;
  }

  private SlaveRegisteredMessage register(FakeAgent agent) throws Exception {
    agent.send(
        pid,
        recorded(
            RegisterSlaveMessage.getDefaultInstance(),
            "RegisterSlaveMessage_from_slave(N)_1",
            Map.of()));
    return SlaveRegisteredMessage.parseFrom(
        agent.await("mesos.internal.SlaveRegisteredMessage").body());
  }

  /// A new agent: it registers, describes itself, and leaves.
  @Test
  void aRecordedAgentRegistersAndLeaves() throws Exception {
    try (var agent = new FakeAgent()) {
      var registered = register(agent);
      shape(
          Recordings.shape(registered),
          "SlaveRegisteredMessage_from_master_1",
          SlaveRegisteredMessage.getDefaultInstance());
      var id = registered.getSlaveId().getValue();
      agent.send(
          pid,
          recorded(
              UpdateSlaveMessage.getDefaultInstance(),
              "UpdateSlaveMessage_from_slave(N)_1",
              Map.of(RECORDED, id)));
      // It is pinged, and its attributes and resources are those recorded.
      assertThat(client.get("/slaves").body())
          .contains("\"id\":\"" + id + "\"")
          .contains("\"attributes\":{\"rack\":\"r1\"}")
          .contains("\"ports\":\"[32000-32500]\"")
          .contains("\"version\":\"1.12.0\"");
      agent.send(
          pid,
          recorded(
              UnregisterSlaveMessage.getDefaultInstance(),
              "UnregisterSlaveMessage_from_slave(N)_1",
              Map.of(RECORDED, id)));
      await("\"slaves\":[]");
    }
  }

  /// After the recorded failover of a master: an agent it never heard of brings frameworks, tasks
  /// that run and tasks that ended.
  @Test
  @Covers({"H05", "W02", "L02"})
  void aRecordedAgentComesBackWithItsTasks() throws Exception {
    for (var file :
        List.of(
            "ReregisterSlaveMessage_from_slave(N)_1", "ReregisterSlaveMessage_from_slave(N)_2")) {
      try (var agent = new FakeAgent()) {
        var message =
            (ReregisterSlaveMessage)
                recorded(ReregisterSlaveMessage.getDefaultInstance(), file, Map.of());
        agent.send(pid, message);
        var answer =
            SlaveReregisteredMessage.parseFrom(
                agent.await("mesos.internal.SlaveReregisteredMessage").body());
        shape(
            Recordings.shape(answer),
            "SlaveReregisteredMessage_from_master_1",
            SlaveReregisteredMessage.getDefaultInstance());
        assertThat(answer.getSlaveId()).isEqualTo(message.getSlave().getId());
        var state = client.get("/state").body();
        assertThat(message.getTasksList()).isNotEmpty();
        for (var task : message.getTasksList()) {
          assertThat(state).contains("\"id\":\"" + task.getTaskId().getValue() + "\"");
        }
        for (var framework : message.getFrameworksList()) {
          assertThat(state).contains("\"id\":\"" + framework.getId().getValue() + "\"");
        }
        // An executor of it ends: recorded, and taken without a scheduler that could be told.
        agent.send(
            pid,
            recorded(
                ExitedExecutorMessage.getDefaultInstance(),
                "ExitedExecutorMessage_from_slave(N)_1",
                Map.of()));
        assertThat(client.get("/health").statusCode()).isEqualTo(200);
        agent.send(
            pid,
            recorded(
                UnregisterSlaveMessage.getDefaultInstance(),
                "UnregisterSlaveMessage_from_slave(N)_1",
                Map.of()));
        await("\"slaves\":[]");
      }
      stop();
      start();
    }
  }

  /// The recorded operator reserved a tenth of a processor and gave it back.
  @Test
  @Covers({"W03", "OM11"})
  void aRecordedAgentAppliesOperations() throws Exception {
    try (var agent = new FakeAgent()) {
      var registered = register(agent);
      var id = registered.getSlaveId().getValue();
      int i = 1;
      for (var call : List.of("RESERVE_RESOURCES", "UNRESERVE_RESOURCES")) {
        var name = call.toLowerCase(Locale.ROOT);
        var answer =
            client.json(
                "/api/v1",
                "{\"type\":\"%s\",\"%s\":{\"agent_id\":{\"value\":\"%s\"},\"resources\":[%s]}}"
                    .formatted(
                        call,
                        name,
                        id,
                        "{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":0.1},"
                            + "\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\"acc-r\"}]}"));
        assertThat(answer.statusCode()).isEqualTo(202);
        var asked =
            ApplyOperationMessage.parseFrom(
                agent.await("mesos.internal.ApplyOperationMessage").body());
        var recordedApply =
            ApplyOperationMessage.parseFrom(
                Recordings.body("ApplyOperationMessage_from_master_" + i));
        assertThat(asked)
            .isEqualTo(
                recordedApply.toBuilder()
                    .setOperationUuid(asked.getOperationUuid())
                    .setResourceVersionUuid(asked.getResourceVersionUuid())
                    .build());
        assertThat(asked.getOperationUuid().getValue().size()).isEqualTo(16);
        assertThat(asked.getResourceVersionUuid().getUuid())
            .isEqualTo(
                RegisterSlaveMessage.parseFrom(
                        Recordings.body("RegisterSlaveMessage_from_slave(N)_1"))
                    .getResourceVersionUuid());
        assertThat(client.json("/api/v1", "{\"type\":\"GET_OPERATIONS\"}").body())
            .contains("OPERATION_PENDING");
        var update =
            (UpdateOperationStatusMessage)
                recorded(
                    UpdateOperationStatusMessage.getDefaultInstance(),
                    "UpdateOperationStatusMessage_from_slave(N)_" + i,
                    Map.of(RECORDED, id));
        agent.send(pid, update.toBuilder().setOperationUuid(asked.getOperationUuid()).build());
        var acknowledged =
            AcknowledgeOperationStatusMessage.parseFrom(
                agent.await("mesos.internal.AcknowledgeOperationStatusMessage").body());
        assertThat(acknowledged)
            .isEqualTo(
                AcknowledgeOperationStatusMessage.parseFrom(
                        Recordings.body("AcknowledgeOperationStatusMessage_from_master_" + i))
                    .toBuilder()
                    .setOperationUuid(asked.getOperationUuid())
                    .build());
        assertThat(client.json("/api/v1", "{\"type\":\"GET_OPERATIONS\"}").body())
            .isEqualTo("{\"type\":\"GET_OPERATIONS\",\"get_operations\":{}}");
        assertThat(client.get("/slaves").body())
            .contains(i == 1 ? "\"reserved_resources\":{\"acc-r\"" : "\"reserved_resources\":{}");
        i++;
      }
    }
  }

  private void await(String text) throws Exception {
    for (int i = 0; i < 200 && !client.get("/slaves").body().contains(text); i++) {
      Thread.sleep(50);
    }
    assertThat(client.get("/slaves").body()).contains(text);
  }
}
