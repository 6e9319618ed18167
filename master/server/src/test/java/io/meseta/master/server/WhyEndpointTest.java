// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.wire.Upid;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WhyEndpointTest {
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

  private String why(Client.Scheduler scheduler) throws Exception {
    return client.get("/offers/why?framework_id=" + scheduler.frameworkId).body();
  }

  private void operate(String call) throws Exception {
    assertThat(client.json("/api/v1", call).statusCode()).isLessThan(300);
  }

  @Test
  void eachObstacleIsNamed() throws Exception {
    var roles = Map.of("roles", "[\"a\"]", "capabilities", "[{\"type\":\"MULTI_ROLE\"}]");
    try (var scheduler = client.subscribe(Client.subscribeCall(roles), true);
        var other =
            client.subscribe(
                Client.subscribeCall(
                    Map.of("roles", "[\"b\"]", "capabilities", "[{\"type\":\"MULTI_ROLE\"}]")),
                true)) {
      var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      var unused = other.await(Event.Type.SUBSCRIBED);
      assertThat(why(scheduler))
          .contains("\"reason\":\"OFFERED\",\"offer_id\":\"" + offer.getId().getValue());
      assertThat(why(other)).contains("\"reason\":\"IN_USE\"");
      var suppress = Call.newBuilder().setType(Call.Type.SUPPRESS);
      assertThat(other.call(suppress).statusCode()).isEqualTo(202);
      assertThat(why(other)).contains("\"reason\":\"ROLE_SUPPRESSED\"");
      var decline = Call.newBuilder().setType(Call.Type.DECLINE);
      decline.getDeclineBuilder().addOfferIds(offer.getId());
      decline.getDeclineBuilder().getFiltersBuilder().setRefuseSeconds(600);
      assertThat(scheduler.call(decline).statusCode()).isEqualTo(202);
      assertThat(why(scheduler)).contains("\"reason\":\"REFUSED\"").contains("\"until\":\"20");
      operate(
          "{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"quota_configs\":[{\"role\":\"a\","
              + "\"limits\":{\"cpus\":{\"value\":0},\"mem\":{\"value\":0}}}]}}");
      assertThat(why(scheduler)).contains("\"reason\":\"QUOTA\"").contains("role 'a' consumes {}");
      operate(
          "{\"type\":\"DEACTIVATE_AGENT\",\"deactivate_agent\":{\"agent_id\":{\"value\":\""
              + agent.id.getValue()
              + "\"}}}");
      assertThat(why(scheduler)).contains("\"reason\":\"AGENT_DEACTIVATED\"");
    }
  }

  @Test
  void whatIsReservedToOthersIsSaid() throws Exception {
    var reservation =
        "\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\"z\"}],\"type\":\"SCALAR\"";
    operate(
        "{\"type\":\"RESERVE_RESOURCES\",\"reserve_resources\":{\"agent_id\":{\"value\":\""
            + agent.id.getValue()
            + "\"},\"resources\":[{\"name\":\"cpus\",\"scalar\":{\"value\":4},"
            + reservation
            + "},{\"name\":\"mem\",\"scalar\":{\"value\":6000},"
            + reservation
            + "}]}}");
    try (var scheduler = client.subscribe(Client.subscribeCall(Map.of()), true)) {
      var unused = scheduler.await(Event.Type.SUBSCRIBED);
      assertThat(why(scheduler)).contains("\"reason\":\"INSUFFICIENT\"");
    }
    assertThat(client.get("/offers/why?framework_id=x").statusCode()).isEqualTo(404);
    assertThat(client.get("/offers/why").body())
        .isEqualTo("Missing 'framework_id' query parameter: whose offers?");
  }
}
