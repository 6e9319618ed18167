// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.Value;
import io.meseta.wire.v1.scheduler.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Flags do what their help says, seen from outside; the others have tests of their own elsewhere.
class FlagEffectsTest {
  private static final String MULTI_ROLE = "[{\"type\":\"MULTI_ROLE\"}]";

  @TempDir Path folder;

  private static AgentInfo agent(int port, String resources) throws Exception {
    return FakeAgent.info(port).toBuilder()
        .clearResources()
        .addAllResources(
            ResourceWire.encode(ResourceText.parse(resources, "*"), ResourceWire.Format.PRE))
        .build();
  }

  private static Upid pid(MasterServer master) {
    return Upid.parse(master.pid()).orElseThrow();
  }

  @Test
  @Covers({"A08", "A09", "MET03"})
  void sharesLeaveOutWhatIsExcludedAndKnowWeights() throws Exception {
    // A task holds half of the cpus and a tenth of the memory.
    assertThat(share()).isEqualTo(0.5);
    assertThat(share("--weights=dev=2")).isEqualTo(0.25);
    assertThat(share("--fair_sharing_excluded_resource_names=cpus")).isEqualTo(0.1);
    assertThat(share("--fair_sharing_excluded_resource_names=cpus,mem")).isEqualTo(0);
  }

  private static double share(String... flags) throws Exception {
    var info = Map.of("roles", "[\"dev\"]", "capabilities", MULTI_ROLE);
    try (var master = TestMaster.start(flags);
        var client = new Client(master.port());
        var agent = new FakeAgent();
        var scheduler = client.subscribe(Client.subscribeCall(info), true)) {
      agent.register(pid(master), agent(agent.pid.port(), "cpus:4;mem:1000"));
      var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      var task = SchedulerEndpointTest.task("t", offer).toBuilder().clearResources();
      for (var resource : offer.getResourcesList()) {
        double amount = resource.getName().equals("cpus") ? 2 : 100;
        task.addResources(
            resource.toBuilder().setScalar(Value.Scalar.newBuilder().setValue(amount)));
      }
      var accept = SchedulerEndpointTest.launch(offer, task.build());
      accept.getAcceptBuilder().getFiltersBuilder().setRefuseSeconds(600);
      assertThat(scheduler.call(accept).statusCode()).isEqualTo(202);
      var unused = agent.awaitTask();
      var metrics = client.get("/metrics/snapshot").body();
      var name = "\"allocator/mesos/roles/dev/shares/dominant\":";
      assertThat(metrics).contains(name);
      var rest = metrics.substring(metrics.indexOf(name) + name.length());
      return Double.parseDouble(rest.substring(0, rest.indexOf(',')));
    }
  }

  @Test
  @Covers({"S24", "A14"})
  void agentsWithGpusAreForThoseWhoKnowThemUnlessTheFilterIsOff() throws Exception {
    for (boolean filter : List.of(true, false)) {
      try (var master = TestMaster.start("--filter_gpu_resources=" + filter);
          var client = new Client(master.port());
          var agent = new FakeAgent();
          var scheduler = client.subscribe(Client.subscribeCall(Map.of()), true)) {
        var unused = scheduler.await(Event.Type.SUBSCRIBED);
        agent.register(pid(master), agent(agent.pid.port(), "cpus:4;mem:1000;gpus:2"));
        var why = client.get("/offers/why?framework_id=" + scheduler.frameworkId).body();
        if (filter) {
          assertThat(why).contains("GPU_RESOURCES");
        } else {
          assertThat(scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0).toString())
              .contains("gpus");
        }
      }
    }
  }

  @Test
  @Covers("A09")
  void whatIsTooSmallIsNotOfferedAndAnyAlternativeSuffices() throws Exception {
    try (var master = TestMaster.start("--min_allocatable_resources=cpus:8|cpus:2;mem:2000");
        var client = new Client(master.port());
        var small = new FakeAgent();
        var large = new FakeAgent();
        var scheduler = client.subscribe(Client.subscribeCall(Map.of()), true)) {
      var unused = scheduler.await(Event.Type.SUBSCRIBED);
      small.register(pid(master), agent(small.pid.port(), "cpus:4;mem:1000"));
      assertThat(client.get("/offers/why?framework_id=" + scheduler.frameworkId).body())
          .contains("less is free than the smallest offer");
      large.register(pid(master), agent(large.pid.port(), "cpus:2;mem:2000"));
      var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      assertThat(offer.getAgentId()).isEqualTo(large.id);
    }
  }

  @Test
  @Covers("S20")
  void rootIsRefusedWhenItMayNotSubmit() throws Exception {
    var root = Client.subscribeCall(Map.of()).replace("nobody", "root");
    try (var master = TestMaster.start("--no-root_submissions");
        var client = new Client(master.port());
        var refused = client.subscribe(root, true);
        var other = client.subscribe(Client.subscribeCall(Map.of()), true)) {
      assertThat(refused.await(Event.Type.ERROR).getError().getMessage())
          .isEqualTo("User 'root' is not allowed to run frameworks without --root_submissions set");
      assertThat(other.await(Event.Type.SUBSCRIBED).getSubscribed().hasFrameworkId()).isTrue();
    }
  }

  @Test
  @Covers("OM10")
  void theOldestWatcherIsCutOffForOneMore() throws Exception {
    try (var master = TestMaster.start("--max_operator_event_stream_subscribers=1");
        var first = new Client(master.port());
        var second = new Client(master.port())) {
      var seen = new ArrayList<String>();
      var cutOff =
          CompletableFuture.runAsync(() -> {
            try {
              first.watchUntil(
                  "never",
                  "",
                  () -> {
                    seen.add("begun");
                    return null;
                  });
            } catch (Exception e) {
              seen.add("ended");
            }
          });
      for (int i = 0; i < 500 && !subscribers(second).equals("1.0"); i++) {
        Thread.onSpinWait();
      }
      assertThat(second.watch(2).get(1)).contains("HEARTBEAT");
      cutOff.get(10, TimeUnit.SECONDS);
      assertThat(seen).containsExactly("begun", "ended");
    }
  }

  private static String subscribers(Client client) throws Exception {
    var metrics = client.get("/metrics/snapshot").body();
    var name = "\"master/operator_event_stream_subscribers\":";
    var rest = metrics.substring(metrics.indexOf(name) + name.length());
    return rest.substring(0, rest.indexOf(','));
  }

  @Test
  @Covers("MET02")
  void frameworksHaveMetricsUnlessSwitchedOff() throws Exception {
    for (boolean published : List.of(true, false)) {
      try (var master = TestMaster.start("--publish_per_framework_metrics=" + published);
          var client = new Client(master.port());
          var scheduler = client.subscribe(Client.subscribeCall(Map.of()), true)) {
        var unused = scheduler.await(Event.Type.SUBSCRIBED);
        assertThat(client.get("/metrics/snapshot").body().contains("master/frameworks/test/"))
            .isEqualTo(published);
      }
    }
  }

  @Test
  @Covers("CFG04")
  void anotherLogIsShown() throws Exception {
    var log = Files.writeString(folder.resolve("syslog"), "a line\n");
    try (var master = TestMaster.start("--external_log_file=" + log);
        var client = new Client(master.port())) {
      assertThat(client.get("/files/read?path=/master/log&offset=0").body())
          .isEqualTo("{\"data\":\"a line\\n\",\"offset\":0}");
    }
  }
}
