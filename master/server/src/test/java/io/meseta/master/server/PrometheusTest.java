// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.scheduler.Event;
import java.util.LinkedHashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Covers({"MET01", "MET02", "MET03"})
class PrometheusTest {
  @Test
  void whatTheOriginalWritesIntoNamesAreLabels() throws Exception {
    try (var master = TestMaster.start();
        var client = new Client(master.port());
        var agent = new FakeAgent();
        var scheduler =
            client.subscribe(
                Client.subscribeCall(
                    Map.of("roles", "[\"a/b\"]", "capabilities", "[{\"type\":\"MULTI_ROLE\"}]")),
                true)) {
      agent.register(Upid.parse(master.pid()).orElseThrow());
      var unused = scheduler.await(Event.Type.OFFERS);
      var of = "{framework=\"test\",framework_id=\"" + scheduler.frameworkId + "\"";
      var metrics = client.get("/metrics").body();
      assertThat(metrics.lines())
          .contains(
              "mesos_master_framework_suppressed" + of + ",role=\"a/b\"} 0",
              "mesos_master_framework_subscribed" + of + "} 1",
              "mesos_master_framework_offers_total" + of + ",outcome=\"sent\"} 1",
              "mesos_master_framework_events_total" + of + ",type=\"offers\"} 1",
              "# TYPE mesos_master_framework_offers_total counter",
              "mesos_allocator_dominant_share{role=\"a/b\"} 1",
              "mesos_allocator_resources{resource=\"cpus\",kind=\"total\"} 4",
              "# TYPE mesos_master_cpus_total gauge",
              "mesos_master_messages_register_slave_total 1",
              "mesos_master_slaves_active 1")
          .anyMatch(line ->
              line.startsWith("mesos_allocator_allocation_run_ms_quantile{quantile=\"0.999\"} "));
      // Families stand together, and no sample comes twice.
      var families = new LinkedHashSet<String>();
      var samples = new LinkedHashSet<String>();
      var current = "";
      for (var line : metrics.lines().toList()) {
        if (line.startsWith("# TYPE ")) {
          current = line.split(" ", -1)[2];
          assertThat(families.add(current)).as(line).isTrue();
        } else if (!line.startsWith("#")) {
          assertThat(line).startsWith(current);
          assertThat(samples.add(line.substring(0, line.lastIndexOf(' ')))).as(line).isTrue();
        }
      }
      assertThat(samples).hasSizeGreaterThan(150);
      assertThat(families)
          .noneMatch(name -> name.contains(scheduler.frameworkId.replace('-', '_')));
    }
  }
}
