// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.master.Call;
import io.meseta.wire.v1.master.Response;
import io.meseta.wire.v1.scheduler.Event;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Quota and weights over the wire.
class QuotaCallsTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String FRAMEWORK =
      Client.subscribeCall(
          Map.of("roles", "[\"a\"]", "capabilities", "[{\"type\":\"MULTI_ROLE\"}]"));

  private MasterServer master;
  private Client client;
  private FakeAgent agent;

  @BeforeEach
  void start() throws Exception {
    master = TestMaster.start();
    client = new Client(master.port());
    agent = new FakeAgent();
    agent.register(Upid.parse(master.pid()).orElseThrow());
  }

  @AfterEach
  void stop() {
    client.close();
    agent.close();
    master.close();
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create(client.base + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String update(String configs, boolean json) throws Exception {
    var text = "{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"quota_configs\":[" + configs + "]}}";
    if (json) {
      var answer = client.json("/api/v1", text);
      return answer.statusCode() + " " + answer.body();
    }
    var answer =
        client.protobuf(
            "/api/v1",
            Json.parse(text.getBytes(StandardCharsets.UTF_8), Call.newBuilder())
                .build()
                .toByteArray());
    return answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers({"OM13", "A07", "S08"})
  void aLimitTakesOffersBackAndMakesThemFit(boolean json) throws Exception {
    try (var scheduler = client.subscribe(FRAMEWORK, json)) {
      var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      assertThat(update("{\"role\":\"a\",\"limits\":{\"cpus\":{\"value\":1.5}}}", json))
          .isEqualTo("200 ");
      assertThat(scheduler.await(Event.Type.RESCIND).getRescind().getOfferId())
          .isEqualTo(offer.getId());
      var smaller = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      assertThat(ResourceWire.decodeTrusted(smaller.getResourcesList()).cpus()).isEqualTo(1.5);
      assertThat(client.get("/quota").body())
          .isEqualTo(
              "{\"infos\":[{\"role\":\"a\"}],\"configs\":[{\"role\":\"a\",\"limits\":{\"cpus\":"
                  + "{\"value\":1.5}}}]}");
      assertThat(client.get("/roles").body())
          .contains("\"quota\":{\"role\":\"a\",\"guarantee\":{},\"limit\":{\"cpus\":1.5}");
      var status =
          Response.parseFrom(
              client
                  .protobuf(
                      "/api/v1",
                      Call.newBuilder().setType(Call.Type.GET_QUOTA).build().toByteArray())
                  .body());
      assertThat(status.getGetQuota().getStatus().getConfigs(0).getLimitsOrThrow("cpus").getValue())
          .isEqualTo(1.5);
      assertThat(
              client
                  .json("/api/v1", "{\"type\":\"REMOVE_QUOTA\",\"remove_quota\":{\"role\":\"a\"}}")
                  .statusCode())
          .isEqualTo(200);
      assertThat(client.get("/quota").body()).isEqualTo("{}");
    }
  }

  @Test
  @Covers({"OM13", "A06"})
  void badQuotasAreRefusedWhole() throws Exception {
    assertThat(update("{\"role\":\"a\",\"guarantees\":{\"cpus\":{\"value\":99}}}", true))
        .startsWith(
            "400 Invalid QuotaConfig: total quota guarantees 'cpus:99' exceed cluster capacity"
                + " 'cpus:4; disk:4000; mem:6000'");
    assertThat(
            update(
                "{\"role\":\"ok\",\"limits\":{\"cpus\":{\"value\":1}}},"
                    + "{\"role\":\"a/b\",\"limits\":{\"cpus\":{\"value\":1}}}",
                true))
        .isEqualTo("400 Updating quota on nested role 'a/b' is not supported yet");
    assertThat(client.get("/quota").body()).isEqualTo("{}");
    assertThat(
            update(
                "{\"role\":\"a\",\"guarantees\":{\"cpus\":{\"value\":2}},\"limits\":{\"cpus\":"
                    + "{\"value\":1}}}",
                true))
        .contains("'QuotaConfig.guarantees' {cpus: 2} is not contained within the");
    assertThat(update("{\"role\":\"a\",\"limits\":{\"cpus\":{\"value\":-1}}}", true))
        .endsWith("Invalid limit configuration {'cpus': -1}: Negative values not supported");
    try (var scheduler = client.subscribe(FRAMEWORK, true)) {
      var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      scheduler.call(SchedulerEndpointTest.launch(offer, SchedulerEndpointTest.task("t", offer)));
      var unused = agent.awaitTask();
      assertThat(update("{\"role\":\"a\",\"limits\":{\"cpus\":{\"value\":1}}}", true))
          .isEqualTo(
              "400 Invalid QuotaConfig: Role 'a' is already consuming 'cpus:4'; this is more than"
                  + " the requested limits 'cpus:1' (use 'force' flag to bypass this check)");
    }
  }

  @Test
  @Covers("L06")
  void theOldEndpointsDoTheSame() throws Exception {
    var guarantee =
        "{\"role\":\"a\",\"guarantee\":[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":"
            + "{\"value\":2}}]}";
    assertThat(send("POST", "/quota", guarantee).statusCode()).isEqualTo(200);
    assertThat(client.get("/master/quota").body())
        .contains("\"limits\":{\"cpus\":{\"value\":2.0}}")
        .contains("\"guarantees\":{\"cpus\":{\"value\":2.0}}");
    assertThat(send("POST", "/quota", guarantee).body())
        .isEqualTo(
            "Failed to validate set quota request: Cannot set quota for role 'a' which already has"
                + " quota");
    var much = guarantee.replace("\"a\"", "\"b\"").replace("2", "20");
    assertThat(send("POST", "/quota", much).statusCode()).isEqualTo(409);
    assertThat(
            send("POST", "/quota", much.replace("{\"role", "{\"force\":true,\"role")).statusCode())
        .isEqualTo(200);
    assertThat(send("DELETE", "/quota/b", "").statusCode()).isEqualTo(200);
    var none = send("DELETE", "/quota/b", "");
    assertThat(none.statusCode()).isEqualTo(400);
    assertThat(none.body()).contains("Role 'b' has no quota set");
    assertThat(send("POST", "/quota", "{").body())
        .startsWith("Failed to parse set quota request JSON '{': ");

    assertThat(send("PUT", "/weights", "[{\"role\":\"a\",\"weight\":2.5}]").statusCode())
        .isEqualTo(200);
    assertThat(client.get("/weights").body()).contains("\"role\":\"a\",\"weight\":2.5");
    assertThat(send("PUT", "/weights", "[{\"role\":\"a\",\"weight\":0}]").statusCode())
        .isEqualTo(400);
    for (var two : List.of("[],\"x\":[]", "[]]", "[{\"role\":\"\\\"[\"}],[]")) {
      assertThat(send("PUT", "/weights", two).statusCode()).as(two).isEqualTo(400);
    }
    assertThat(send("PUT", "/weights", "nonsense").statusCode()).isEqualTo(400);
  }
}
