// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.FrameworkToExecutorMessage;
import io.meseta.wire.internal.KillTaskMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.internal.StatusUpdateAcknowledgementMessage;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Event;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What recorded clients sent to the original is sent to this master byte for byte, but for ids of
/// the same length, and answered as the original answered.
class GoldenRequestsTest {
  private static final String M = "80d591ca-0c11-4b2f-aa25-a602c21cebf5";

  private MasterServer master;

  @BeforeEach
  void start() throws Exception {
    master = TestMaster.start();
  }

  @AfterEach
  void stop() {
    master.close();
  }

  /// The records of a stream that stays open.
  private static final class Stream implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    final RawHttp.Response response;
    private String pending;

    Stream(int port, byte[] request) throws Exception {
      socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request);
      in = socket.getInputStream();
      response = RawHttp.read(in);
      pending = response.body();
    }

    /// The next record of this type; others before it are dropped.
    Event await(Event.Type type) throws Exception {
      while (true) {
        int line = pending.indexOf('\n');
        if (line >= 0) {
          int size = Integer.parseInt(pending.substring(0, line));
          if (pending.length() >= line + 1 + size) {
            var record = pending.substring(line + 1, line + 1 + size);
            pending = pending.substring(line + 1 + size);
            var event =
                Json.parse(record.getBytes(StandardCharsets.UTF_8), Event.newBuilder()).build();
            if (event.getType() == type) {
              return event;
            }
            continue;
          }
        }
        pending += chunk();
      }
    }

    private String chunk() throws Exception {
      var head = new StringBuilder();
      while (!head.toString().strip().matches("[0-9a-f]+") || !head.toString().endsWith("\r\n")) {
        int next = in.read();
        if (next < 0) {
          throw new AssertionError("the stream ended");
        }
        head.append((char) next);
      }
      int size = Integer.parseInt(head.toString().strip(), 16);
      return new String(in.readNBytes(size), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws Exception {
      socket.close();
    }
  }

  private RawHttp.Response send(String file, Map<String, String> ids) throws Exception {
    return RawHttp.exchange(master.port(), RawHttp.recorded(file, ids));
  }

  private static String golden(String file) throws Exception {
    return Files.readString(
        Path.of("../../wire/src/test/resources/golden/wire/" + file), StandardCharsets.ISO_8859_1);
  }

  /// mesos-framework's whole life: everything that this JavaScript client said.
  @Test
  @Covers({"S01", "S02", "S03", "S06", "S07", "S09", "S10", "S12", "S13", "S14", "W01"})
  void aRecordedSchedulerLivesAsItDid() throws Exception {
    var pid = Upid.parse(master.pid()).orElseThrow();
    try (var agent = new FakeAgent();
        var stream =
            new Stream(
                master.port(),
                RawHttp.recorded("request_master_api-v1-scheduler_SUBSCRIBE_json", Map.of()))) {
      assertThat(stream.response.status()).isEqualTo(200);
      assertThat(stream.response.header("Content-Type")).isEqualTo("application/json");
      var streamId = stream.response.header("Mesos-Stream-Id");
      var subscribed = stream.await(Event.Type.SUBSCRIBED).getSubscribed();
      var framework = subscribed.getFrameworkId().getValue();
      assertThat(framework).matches("[-0-9a-f]{36}-0000");
      assertThat(subscribed.getHeartbeatIntervalSeconds()).isEqualTo(15.0);
      agent.register(pid);
      var offer = stream.await(Event.Type.OFFERS).getOffers().getOffers(0);

      var ids = new LinkedHashMap<String, String>();
      ids.put("803c6832-8844-4503-9007-58b12e33da59", streamId);
      ids.put("5ece4818-2b85-4ada-84a9-95043b2f800e", streamId);
      ids.put(M + "-0000", framework);
      ids.put(M + "-S0", agent.id.getValue());
      ids.put(M + "-O0", offer.getId().getValue());
      accepted(send("request_master_api-v1-scheduler_ACCEPT_json", ids));
      var tasks = new ArrayList<RunTaskMessage>();
      tasks.add(agent.awaitTask());
      tasks.add(agent.awaitTask());
      assertThat(tasks.getFirst().getTask().getCommand().getValue()).isEqualTo("exit 3");
      assertThat(tasks.get(1).getTask().getName()).isEqualTo("sleeper-1");

      // The update is acknowledged with what the client read from it.
      var sleeper = tasks.get(1).getTask().getTaskId();
      var sent =
          agent.update(
              pid,
              FrameworkID.newBuilder().setValue(framework).build(),
              sleeper,
              TaskState.TASK_RUNNING);
      var update = stream.await(Event.Type.UPDATE).getUpdate().getStatus();
      ids.put(
          "HzfypmcQSN6gs4zG60S7Iw==",
          Base64.getEncoder().encodeToString(update.getUuid().toByteArray()));
      accepted(send("request_master_api-v1-scheduler_ACKNOWLEDGE_json", ids));
      var ack =
          StatusUpdateAcknowledgementMessage.parseFrom(
              agent.await("mesos.internal.StatusUpdateAcknowledgementMessage").body());
      assertThat(ack.getUuid()).isEqualTo(sent.getUuid());
      assertThat(ack.getTaskId()).isEqualTo(sleeper);

      accepted(send("request_master_api-v1-scheduler_MESSAGE_json", ids));
      var message =
          FrameworkToExecutorMessage.parseFrom(
              agent.await("mesos.internal.FrameworkToExecutorMessage").body());
      assertThat(message.getData().toStringUtf8()).isEqualTo("ping-1sufeqav");

      accepted(send("request_master_api-v1-scheduler_RECONCILE_json", ids));
      var reconciled = stream.await(Event.Type.UPDATE).getUpdate().getStatus();
      assertThat(reconciled.getReason().name()).isEqualTo("REASON_RECONCILIATION");
      assertThat(reconciled.hasUuid()).isFalse();

      accepted(send("request_master_api-v1-scheduler_KILL_json", ids));
      assertThat(
              KillTaskMessage.parseFrom(agent.await("mesos.internal.KillTaskMessage").body())
                  .getTaskId())
          .isEqualTo(sleeper);

      // It sent this one without the id of its stream.
      var revive = send("request_master_api-v1-scheduler_REVIVE_json", ids);
      assertThat(revive.status()).isEqualTo(400);

      // Of an offer that is gone: taken, and nothing happens.
      ids.put(M + "-O2", offer.getId().getValue());
      accepted(send("request_master_api-v1-scheduler_DECLINE_json", ids));

      accepted(send("request_master_api-v1-scheduler_TEARDOWN_json", ids));
      assertThat(
              io.meseta.wire.internal.ShutdownFrameworkMessage.parseFrom(
                      agent.await("mesos.internal.ShutdownFrameworkMessage").body())
                  .getFrameworkId()
                  .getValue())
          .isEqualTo(framework);
    }
  }

  private static void accepted(RawHttp.Response response) throws Exception {
    assertThat(response.status()).isEqualTo(202);
    assertThat(names(response.head()))
        .containsExactlyInAnyOrderElementsOf(names(golden("response_master_202_Accepted__1.http")));
    assertThat(response.body()).isEmpty();
  }

  private static List<String> names(String head) {
    return head.lines()
        .skip(1)
        .filter(line -> !line.isEmpty())
        .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(java.util.Locale.ROOT))
        .toList();
  }

  /// The stream id of another connection is refused in the original's words.
  @Test
  @Covers({"S03", "S04"})
  void anotherStreamsIdIsRefusedInTheSameWords() throws Exception {
    try (var stream =
        new Stream(
            master.port(),
            RawHttp.recorded("request_master_api-v1-scheduler_SUBSCRIBE_json", Map.of()))) {
      var framework =
          stream.await(Event.Type.SUBSCRIBED).getSubscribed().getFrameworkId().getValue();
      var refused =
          send("request_master_api-v1-scheduler_TEARDOWN_json", Map.of(M + "-0000", framework));
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.body())
          .isEqualTo(
              body(golden("response_master_400_Bad_Request_plain__charset=utf-8_1.http"))
                  .replace(
                      "803c6832-8844-4503-9007-58b12e33da59",
                      "5ece4818-2b85-4ada-84a9-95043b2f800e")
                  .replace(M + "-0000", framework));
    }
  }

  private static String body(String response) {
    return response.substring(response.indexOf("\r\n\r\n") + 4);
  }

  /// The rxjava client, which speaks protobuf.
  @Test
  @Covers({"S01", "S02"})
  void aRecordedProtobufSchedulerSubscribes() throws Exception {
    var response = send("request_master_api-v1-scheduler_x-protobuf_x-protobuf", Map.of());
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Content-Type")).isEqualTo("application/x-protobuf");
    assertThat(response.header("Mesos-Stream-Id")).matches("[-0-9a-f]{36}");
    assertThat(response.body()).contains("-0000");
  }

  @ParameterizedTest
  @Covers({"OM01", "S02", "S04"})
  @CsvSource({
    "api-v1_GET_HEALTH_json__charset=utf-8, 415_Unsupported_Media_Type",
    "api-v1_xml_xml, 415_Unsupported_Media_Type",
    "api-v1-scheduler_1_json, 400",
    "api-v1-scheduler_NO_SUCH_json, 400",
    "api-v1-scheduler_json_json, 400",
    "api-v1_NO_SUCH_CALL_json, 400",
    "api-v1_json_json, 400",
    "api-v1__, 400",
  })
  void malformedRequestsAreRefusedAsRecorded(String request, String answer) throws Exception {
    var response = send("request_master_" + request, Map.of());
    assertThat(response.status()).isEqualTo(Integer.parseInt(answer.substring(0, 3)));
    if (answer.length() > 3) {
      var recorded = golden("response_master_" + answer + "_plain__charset=utf-8_1.http");
      assertThat(response.body()).isEqualTo(body(recorded));
      assertThat(names(response.head()))
          .containsExactlyInAnyOrderElementsOf(
              names(recorded.substring(0, recorded.indexOf("\r\n\r\n"))));
    }
  }

  /// Every operator call that was recorded and that needs nothing but a master.
  @ParameterizedTest
  @Covers({"OM01", "OM02", "OM04", "OM05", "OM06", "OM07", "OM08", "OM09", "OM13", "OM14"})
  @ValueSource(
      strings = {
        "GET_AGENTS",
        "GET_EXECUTORS",
        "GET_FLAGS",
        "GET_FRAMEWORKS",
        "GET_HEALTH",
        "GET_MAINTENANCE_SCHEDULE",
        "GET_MAINTENANCE_STATUS",
        "GET_MASTER",
        "GET_METRICS",
        "GET_OPERATIONS",
        "GET_QUOTA",
        "GET_ROLES",
        "GET_STATE",
        "GET_TASKS",
        "GET_VERSION",
        "GET_WEIGHTS",
        "UPDATE_WEIGHTS",
        "UPDATE_QUOTA",
        "UPDATE_MAINTENANCE_SCHEDULE",
      })
  void recordedOperatorCallsAreAnswered(String call) throws Exception {
    var response = send("request_master_api-v1_" + call + "_json", Map.of());
    assertThat(response.status()).isEqualTo(200);
    if (call.startsWith("GET")) {
      assertThat(response.header("Content-Type")).isEqualTo("application/json");
      assertThat(response.body()).startsWith("{\"type\":\"" + call + "\"");
    } else {
      assertThat(response.body()).isEmpty();
    }
  }

  /// An operator's recorded morning: reserves, takes an agent out, brings it back, works on a
  /// machine.
  @Test
  @Covers({"OM11", "OM14", "OM15", "OM17"})
  void recordedChangesHappen() throws Exception {
    var pid = Upid.parse(master.pid()).orElseThrow();
    try (var agent = new FakeAgent();
        var client = new Client(master.port())) {
      agent.register(pid);
      var ids = Map.of(M + "-S0", agent.id.getValue());
      assertThat(send("request_master_api-v1_RESERVE_RESOURCES_json", ids).status()).isEqualTo(202);
      assertThat(client.get("/slaves").body()).contains("\"acc-r\":");
      assertThat(send("request_master_api-v1_UNRESERVE_RESOURCES_json", ids).status())
          .isEqualTo(202);
      assertThat(client.get("/slaves").body()).doesNotContain("\"acc-r\":");

      assertThat(send("request_master_api-v1_DEACTIVATE_AGENT_json", ids).status()).isEqualTo(200);
      assertThat(client.get("/slaves").body()).contains("\"deactivated\":true");
      assertThat(send("request_master_api-v1_REACTIVATE_AGENT_json", ids).status()).isEqualTo(200);
      assertThat(client.get("/slaves").body()).contains("\"deactivated\":false");

      var none = Map.<String, String>of();
      assertThat(send("request_master_api-v1_START_MAINTENANCE_json", none).status())
          .as("a machine that no window names")
          .isEqualTo(400);
      assertThat(send("request_master_api-v1_UPDATE_MAINTENANCE_SCHEDULE_json", none).status())
          .isEqualTo(200);
      assertThat(send("request_master_api-v1_START_MAINTENANCE_json", none).status())
          .isEqualTo(200);
      assertThat(client.get("/maintenance/status").body())
          .contains("down_machines")
          .contains("127.0.0.250");
      assertThat(send("request_master_api-v1_STOP_MAINTENANCE_json", none).status()).isEqualTo(200);
      assertThat(client.get("/maintenance/status").body()).doesNotContain("127.0.0.250");

      var gone = send("request_master_api-v1_TEARDOWN_json", none);
      assertThat(gone.status()).isEqualTo(400);
      assertThat(gone.body()).isEqualTo("No framework found with specified ID");
    }
  }

  @Test
  @Covers("OM10")
  void aRecordedWatcherGetsItsStream() throws Exception {
    var response = send("request_master_api-v1_SUBSCRIBE_json", Map.of());
    assertThat(response.status()).isEqualTo(200);
    var recorded = golden("response_master_200_OK_json_1.http");
    assertThat(response.header("Transfer-Encoding")).isEqualTo("chunked");
    assertThat(names(response.head()))
        .containsExactlyInAnyOrderElementsOf(
            names(recorded.substring(0, recorded.indexOf("\r\n\r\n"))));
    assertThat(response.body())
        .contains("{\"type\":\"SUBSCRIBED\",\"subscribed\":{\"get_state\":{");
  }

  /// The errors recorded with curl: status, headers and words.
  @ParameterizedTest
  @Covers({"OM01", "S02", "S04", "L01"})
  @ValueSource(strings = {"operator", "scheduler"})
  void errorsAreInTheSameWords(String api) throws Exception {
    var text =
        Files.readString(
            Path.of("src/test/resources/golden/master_" + api + "_errors.txt"),
            StandardCharsets.ISO_8859_1);
    var path = api.equals("operator") ? "/api/v1" : "/api/v1/scheduler";
    int checked = 0;
    for (var block : text.replace("\r\n", "\n").split("(?=HTTP/1\\.1 )")) {
      int mark = block.lastIndexOf("--- ^ ");
      var what = block.substring(mark + 6).strip();
      var head = block.substring(0, block.indexOf("\n\n"));
      var body = block.substring(head.length() + 2, mark);
      var response = RawHttp.exchange(master.port(), curl(path, what));
      assertThat(response.status()).as(what).isEqualTo(Integer.parseInt(head.substring(9, 12)));
      assertThat(names(response.head())).as(what).containsExactlyInAnyOrderElementsOf(names(head));
      if (body.startsWith("Failed to parse body into JSON")) {
        // Ours says more: the line and the column.
        assertThat(response.body()).as(what).startsWith("Failed to parse body into JSON");
      } else {
        assertThat(response.body().strip()).as(what).isEqualTo(body.strip());
      }
      checked++;
    }
    assertThat(checked).isEqualTo(5);
  }

  private static String curl(String path, String what) {
    var type = "Content-Type: application/json\r\n";
    var body = "{\"type\":\"GET_HEALTH\"}";
    var method = "POST";
    var accept = "*/*";
    switch (what) {
      case "charset parameter" -> type = "Content-Type: application/json; charset=utf-8\r\n";
      case "Accept text/html" -> accept = "text/html";
      case "GET" -> method = "GET";
      case "no content type" -> type = "";
      case "/nosuch" -> {
        path = "/nosuch";
        method = "GET";
      }
      default -> {
        var words = what.replaceFirst("^body: ", "");
        path = words.replaceFirst(".* to ", "");
        body = words.replaceFirst(" to .*", "");
      }
    }
    var payload = method.equals("GET") ? "" : body;
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: 127.0.0.1:5050\r\nUser-Agent: curl/7.88.1\r\nAccept: "
        + accept
        + "\r\n"
        + (method.equals("GET") ? "" : type + "Content-Length: " + payload.length() + "\r\n")
        + "\r\n"
        + payload;
  }
}
