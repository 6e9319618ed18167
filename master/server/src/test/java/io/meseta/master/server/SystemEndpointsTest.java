// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.master.Call;
import io.meseta.wire.v1.master.Response;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class SystemEndpointsTest {
  @TempDir Path dir;
  private MasterServer master;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    Files.writeString(dir.resolve("mesos-master.INFO"), "first line\nsecond line\n");
    master = TestMaster.start("--log_dir=" + dir);
    client = new Client(master.port());
  }

  @AfterEach
  void stop() throws Exception {
    var unused = client.post("/logging/toggle?level=0&duration=1secs", "");
    client.close();
    master.close();
  }

  @Test
  @Covers("L02")
  void theStateNamesTheFolderOfTheLog() throws Exception {
    assertThat(client.get("/state").body()).contains("\"log_dir\":\"" + dir + "\",\"flags\":{");
  }

  private Response ask(String text, boolean json) throws Exception {
    if (json) {
      var answer = client.json("/api/v1", text);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body().isEmpty()
          ? Response.getDefaultInstance()
          : Json.parse(answer.body().getBytes(StandardCharsets.UTF_8), Response.newBuilder())
              .build();
    }
    var call = Json.parse(text.getBytes(StandardCharsets.UTF_8), Call.newBuilder()).build();
    var answer = client.protobuf("/api/v1", call.toByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    return Response.parseFrom(answer.body());
  }

  private int level(boolean json) throws Exception {
    return ask("{\"type\":\"GET_LOGGING_LEVEL\"}", json).getGetLoggingLevel().getLevel();
  }

  private static boolean debugs() {
    return LoggerFactory.getLogger("io.meseta.anything").isDebugEnabled();
  }

  private static String set(int level, long nanos) {
    return "{\"type\":\"SET_LOGGING_LEVEL\",\"set_logging_level\":{\"level\":"
        + level
        + ",\"duration\":{\"nanoseconds\":"
        + nanos
        + "}}}";
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers("OM03")
  void theLoggingLevelFallsBackByItself(boolean json) throws Exception {
    boolean before = debugs();
    assertThat(level(json)).isZero();
    var unused = ask(set(2, 400_000_000), json);
    assertThat(level(json)).isEqualTo(2);
    assertThat(debugs()).isTrue();
    for (int i = 0; i < 100 && level(json) != 0; i++) {
      Thread.sleep(50);
    }
    assertThat(level(json)).isZero();
    assertThat(debugs()).isEqualTo(before);
    assertThat(client.json("/api/v1", set(1, -5)).statusCode()).isEqualTo(400);
    assertThat(client.json("/api/v1", "{\"type\":\"SET_LOGGING_LEVEL\"}").body())
        .contains("Expecting 'set_logging_level' to be present");
  }

  @Test
  @Covers("L11")
  void theLoggingLevelIsToggled() throws Exception {
    assertThat(client.get("/logging/toggle").body()).isEqualTo("0\n");
    assertThat(client.post("/logging/toggle?level=1&duration=1mins", "").statusCode())
        .isEqualTo(200);
    assertThat(client.get("/logging/toggle").body()).isEqualTo("1\n");
    assertThat(debugs()).isTrue();
    assertThat(client.post("/logging/toggle?level=0&duration=1mins", "").statusCode())
        .isEqualTo(200);
    assertThat(client.get("/logging/toggle").body()).isEqualTo("0\n");
    refused("?level=1", "Expecting 'duration=value' in query.\n");
    refused("?duration=1secs", "Expecting 'level=value' in query.\n");
    refused("?level=-1&duration=1secs", "Invalid level '-1'.\n");
    refused(
        "?level=x&duration=1secs", "Invalid level 'x': expected a whole number of 0 or more.\n");
    assertThat(client.get("/logging/toggle?level=1&duration=x").body())
        .startsWith("Invalid duration 'x': expected");
  }

  private void refused(String query, String text) throws Exception {
    HttpResponse<String> answer = client.get("/logging/toggle" + query);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers("OM03")
  void theLogIsListedAndRead(boolean json) throws Exception {
    var read =
        ask(
                "{\"type\":\"READ_FILE\",\"read_file\":{\"path\":\"/master/log\",\"offset\":6,"
                    + "\"length\":4}}",
                json)
            .getReadFile();
    assertThat(read.getData().toStringUtf8()).isEqualTo("line");
    assertThat(read.getSize()).isEqualTo(23);
    assertThat(
            ask(
                    "{\"type\":\"READ_FILE\",\"read_file\":{\"path\":\"/master/log\",\"offset\":11}}",
                    json)
                .getReadFile()
                .getData()
                .toStringUtf8())
        .isEqualTo("second line\n");
    assertThat(
            ask("{\"type\":\"LIST_FILES\",\"list_files\":{\"path\":\"/master/log\"}}", json)
                .hasListFiles())
        .isTrue();
    for (var type : List.of("LIST_FILES", "READ_FILE")) {
      var field = type.toLowerCase(java.util.Locale.ROOT);
      assertThat(
              client
                  .json(
                      "/api/v1",
                      "{\"type\":\""
                          + type
                          + "\",\""
                          + field
                          + "\":{\"path\":\"/etc/passwd\",\"offset\":0}}")
                  .statusCode())
          .isEqualTo(404);
      assertThat(client.json("/api/v1", "{\"type\":\"" + type + "\"}").body())
          .isEqualTo("Failed to validate master::Call: Expecting '" + field + "' to be present");
    }
  }

  @Test
  @Covers({"L11", "H04", "R11"})
  void theRegistryIsShown() throws Exception {
    try (var agent = new FakeAgent()) {
      agent.register(Upid.parse(master.pid()).orElseThrow());
      var unused =
          client.json(
              "/api/v1",
              "{\"type\":\"UPDATE_WEIGHTS\",\"update_weights\":{\"weight_infos\":"
                  + "[{\"role\":\"a\",\"weight\":2.5}]}}");
      var registry = client.get("/registrar(1)/registry").body();
      assertThat(registry)
          .contains("\"master\":{\"info\":{")
          .contains("\"id\":{\"value\":\"" + agent.id.getValue() + "\"}")
          .contains(
              "{\"name\":\"cpus\",\"role\":\"*\",\"scalar\":{\"value\":4.0},\"type\":\"SCALAR\"}")
          .contains("\"weights\":[{\"info\":{\"role\":\"a\",\"weight\":2.5}}]");
      assertThat(client.get("/registrar(1)/registry?jsonp=f").body()).startsWith("f({");
    }
  }

  @Test
  @Covers({"L11", "S30"})
  void whatOfferConstraintsExcludeIsShown() throws Exception {
    try (var agent = new FakeAgent()) {
      agent.register(Upid.parse(master.pid()).orElseThrow());
      var subscribe =
          "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":{\"user\":\"u\",\"name\":\"n\","
              + "\"roles\":[\"a\",\"b\"],\"capabilities\":[{\"type\":\"MULTI_ROLE\"}]},"
              + "\"suppressed_roles\":[\"b\"],"
              + "\"offer_constraints\":{\"role_constraints\":{\"a\":{\"groups\":[{"
              + "\"attribute_constraints\":[{\"selector\":{\"attribute_name\":\"rack\"},"
              + "\"predicate\":{\"not_exists\":{}}}]}]}}}}}";
      try (var scheduler = client.subscribe(subscribe, true)) {
        var id =
            scheduler
                .await(io.meseta.wire.v1.scheduler.Event.Type.SUBSCRIBED)
                .getSubscribed()
                .getFrameworkId()
                .getValue();
        assertThat(client.get("/allocator/offer_constraints_debug").body())
            .isEqualTo(
                "{\"frameworks\":{\""
                    + id
                    + "\":{\"suppressed_roles\":[\"b\"],\"excluded_by_attribute_constraints\":{"
                    + "\"a\":[\""
                    + agent.id.getValue()
                    + "\"],\"b\":[]}}}}");
      }
    }
  }

  @Test
  @Covers("L11")
  void theProcessTellsOfItself() throws Exception {
    assertThat(client.get("/system/stats.json").body())
        .contains("\"avg_load_1min\":", "\"cpus_total\":", "\"mem_total_bytes\":");
    assertThat(client.get("/__processes__").body()).contains("{\"id\":\"master\",\"events\":[]}");
    assertThat(client.get("/profiler/start").statusCode()).isEqualTo(400);
    assertThat(client.get("/profiler/start").body()).contains("jcmd <pid> JFR.start");
    assertThat(client.get("/memory-profiler/start").body()).contains("does not use jemalloc");
    assertThat(client.get("/memory-profiler/state").body()).contains("\"jemalloc_detected\":false");
  }
}
