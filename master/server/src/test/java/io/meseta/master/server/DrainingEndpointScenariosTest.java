// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.DrainState;
import io.meseta.wire.v1.master.Call;
import io.meseta.wire.v1.master.Response;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What documents show of the original's master_draining_tests; the scenarios themselves are in
/// master/core.
@Covers({"OM15", "L02"})
class DrainingEndpointScenariosTest extends EndpointScenario {
  private static final Pattern START =
      Pattern.compile("\"estimated_drain_start_time_seconds\":([0-9.]+)");

  private byte[] call(String text, boolean json) throws Exception {
    if (json) {
      var answer = client.json("/api/v1", text);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body().getBytes(StandardCharsets.UTF_8);
    }
    var call = Json.parse(text.getBytes(StandardCharsets.UTF_8), Call.newBuilder()).build();
    var answer = client.protobuf("/api/v1", call.toByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  // MasterDrainingTest.DrainAgent, from the call to the documents.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void drainAgent(boolean json) throws Exception {
    startOpen("{}");
    var agent = agent();
    var ofIt = "{\"agent_id\":{\"value\":\"" + agent.id.getValue() + "\"}";
    var unused =
        call(
            "{\"type\":\"DRAIN_AGENT\",\"drain_agent\":"
                + ofIt
                + ",\"max_grace_period\":{\"seconds\":0}}}",
            json);
    var body = call("{\"type\":\"GET_AGENTS\"}", json);
    var response =
        json ? Json.parse(body, Response.newBuilder()).build() : Response.parseFrom(body);
    assertThat(response.getType()).isEqualTo(Response.Type.GET_AGENTS);
    var shown = response.getGetAgents().getAgents(0);
    assertThat(shown.getDeactivated()).isTrue();
    assertThat(shown.getDrainInfo().getState()).isEqualTo(DrainState.DRAINED);
    assertThat(shown.getDrainInfo().getConfig().getMarkGone()).isFalse();
    assertThat(shown.getDrainInfo().getConfig().hasMaxGracePeriod()).isTrue();
    assertThat(shown.getDrainInfo().getConfig().getMaxGracePeriod().getNanoseconds()).isZero();
    assertThat(shown.getEstimatedDrainStartTime().getNanoseconds()).isPositive();
    for (var path : new String[] {"/state", "/state-summary"}) {
      var document = client.get(path).body();
      assertThat(document)
          .as(path)
          .contains(
              "\"drain_info\":{\"state\":\"DRAINED\",\"config\":{\"max_grace_period\":"
                  + "{\"nanoseconds\":0},\"mark_gone\":false}}");
      var start = START.matcher(document);
      assertThat(start.find()).as(path).isTrue();
      assertThat(Double.parseDouble(start.group(1))).as(path).isPositive();
    }
    unused = call("{\"type\":\"REACTIVATE_AGENT\",\"reactivate_agent\":" + ofIt + "}}", json);
    assertThat(client.get("/state").body()).doesNotContain("drain_info");
  }
}
