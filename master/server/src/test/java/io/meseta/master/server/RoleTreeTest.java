// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.Role;
import io.meseta.wire.v1.master.Call;
import io.meseta.wire.v1.master.Response;
import io.meseta.wire.v1.scheduler.Event;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A role is shown with all that is below it, and is there because of it.
class RoleTreeTest {
  private static final String NESTED =
      Client.subscribeCall(
          Map.of(
              "roles",
              "[\"x/y\"]",
              "capabilities",
              "[{\"type\":\"MULTI_ROLE\"},{\"type\":\"RESERVATION_REFINEMENT\"}]"));

  @Test
  @Covers({"OM08", "L02"})
  void whatARoleHoldsCountsForThoseAboveIt() throws Exception {
    try (var master = TestMaster.start();
        var client = new Client(master.port());
        var agent = new FakeAgent()) {
      agent.register(Upid.parse(master.pid()).orElseThrow());
      try (var scheduler = client.subscribe(NESTED, true)) {
        var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
        assertThat(client.get("/roles").body())
            .contains("{\"name\":\"x\",\"weight\":1.0,")
            .containsPattern("\"name\":\"x\",.*?\"offered\":\\{\"cpus\":4\\.0")
            .containsPattern("\"name\":\"x\",.*?\"frameworks\":\\[\\].*\"name\":\"x/y\"");
        scheduler.call(SchedulerEndpointTest.launch(offer, SchedulerEndpointTest.task("t", offer)));
        var unused = agent.awaitTask();
        var roles =
            Response.parseFrom(
                    client
                        .protobuf(
                            "/api/v1",
                            Call.newBuilder().setType(Call.Type.GET_ROLES).build().toByteArray())
                        .body())
                .getGetRoles()
                .getRolesList();
        assertThat(roles).extracting(Role::getName).containsExactly("x", "x/y");
        assertThat(roles.get(0).getResourcesList()).isEqualTo(roles.get(1).getResourcesList());
        assertThat(roles.get(0).getResourcesList()).isNotEmpty();
        assertThat(roles.get(0).getFrameworksList()).isEmpty();
        var metrics = client.get("/metrics/snapshot").body();
        assertThat(metrics)
            .contains("\"allocator/mesos/roles/x/y/shares/dominant\"")
            .doesNotContain("\"allocator/mesos/roles/x/shares/dominant\"");
      }
    }
  }
}
