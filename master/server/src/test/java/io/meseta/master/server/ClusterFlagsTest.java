// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.FrameworkErrorMessage;
import io.meseta.wire.internal.FrameworkRegisteredMessage;
import io.meseta.wire.internal.RegisterFrameworkMessage;
import io.meseta.wire.internal.RegisterSlaveMessage;
import io.meseta.wire.v1.DomainInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.scheduler.Call;
import io.meseta.wire.v1.scheduler.Event;
import io.meseta.zk.Election;
import io.meseta.zk.EmbeddedZooKeeper;
import io.meseta.zk.Fence;
import io.meseta.zk.FencedStore;
import io.meseta.zk.ZkClient;
import io.meseta.zk.ZkUrl;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Flags of the master that decide who and what belongs to the cluster.
class ClusterFlagsTest {
  private static final String AWARE = "[{\"type\":\"REGION_AWARE\"}]";

  @TempDir Path folder;

  private static MasterServer start(String... flags) throws Exception {
    return TestMaster.start(flags);
  }

  private static String domain(String region) {
    return "{\"fault_domain\":{\"region\":{\"name\":\""
        + region
        + "\"},\"zone\":{\"name\":\"z\"}}}";
  }

  private static void register(FakeAgent agent, MasterServer master, String region) {
    var info = FakeAgent.info(agent.pid.port()).toBuilder();
    if (!region.isEmpty()) {
      var fault = DomainInfo.FaultDomain.newBuilder();
      fault.getRegionBuilder().setName(region);
      fault.getZoneBuilder().setName("z");
      info.setDomain(DomainInfo.newBuilder().setFaultDomain(fault));
    }
    agent.send(
        Upid.parse(master.pid()).orElseThrow(),
        RegisterSlaveMessage.newBuilder().setSlave(info).setVersion("1.12.0").build());
  }

  @Test
  @Covers({"M08", "S24"})
  void farAgentsAreForThoseThatKnowRegions() throws Exception {
    try (var master = start("--domain=" + domain("here"));
        var client = new Client(master.port());
        var far = new FakeAgent();
        var near = new FakeAgent()) {
      var shown = "\"domain\":{\"fault_domain\":{\"region\":{\"name\":\"here\"},\"zone\":{";
      assertThat(client.get("/state").body())
          .contains("\"unreachable_slaves\":0.0," + shown)
          .containsPattern("\"leader_info\":\\{[^{}]*" + Pattern.quote(shown));
      register(far, master, "there");
      var unused = far.await("mesos.internal.SlaveRegisteredMessage");
      try (var plain = client.subscribe(Client.subscribeCall(Map.of()), true)) {
        var unused2 = plain.await(Event.Type.SUBSCRIBED);
        register(near, master, "here");
        var offer = plain.await(Event.Type.OFFERS).getOffers();
        assertThat(offer.getOffersCount()).isEqualTo(1);
        assertThat(offer.getOffers(0).getDomain().getFaultDomain().getRegion().getName())
            .isEqualTo("here");
      }
      try (var aware =
          client.subscribe(Client.subscribeCall(Map.of("capabilities", AWARE)), false)) {
        var regions = new java.util.TreeSet<String>();
        while (regions.size() < 2) {
          aware
              .await(Event.Type.OFFERS)
              .getOffers()
              .getOffersList()
              .forEach(
                  offer -> regions.add(offer.getDomain().getFaultDomain().getRegion().getName()));
        }
        assertThat(regions).containsExactly("here", "there");
      }
      assertThat(client.get("/state").body()).contains("\"domain\":{\"fault_domain\"");
      assertThat(client.json("/api/v1", "{\"type\":\"GET_MASTER\"}").body())
          .contains("\"domain\":{\"fault_domain\":{\"region\":{\"name\":\"here\"}");
    }
  }

  @Test
  @Covers("S30")
  void expressionsMayBeAsLargeAsTheFlagSays() throws Exception {
    var call =
        "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":{\"user\":\"nobody\",\"name\":\"test\"},"
            + "\"offer_constraints\":{\"role_constraints\":{\"*\":{\"groups\":[{\"attribute_constraints\":"
            + "[{\"selector\":{\"attribute_name\":\"rack\"},"
            + "\"predicate\":{\"text_matches\":{\"regex\":\"(r[0-9]|x){3}\"}}}]}]}}}}}";
    try (var strict =
            start(
                "--offer_constraints_re2_max_program_size=5",
                "--offer_constraints_re2_max_mem=4096B");
        var client = new Client(strict.port());
        var scheduler = client.subscribe(call, true)) {
      assertThat(scheduler.await(Event.Type.ERROR).getError().getMessage())
          .contains("is larger than maximum of 5 allowed");
    }
    try (var usual = start();
        var client = new Client(usual.port());
        var scheduler = client.subscribe(call, true)) {
      assertThat(scheduler.await(Event.Type.SUBSCRIBED).getSubscribed().hasFrameworkId()).isTrue();
    }
    assertThatThrownBy(() -> start("--offer_constraints_re2_max_program_size=0"))
        .hasMessageContaining(
            "--offer_constraints_re2_max_program_size: expected a positive value");
  }

  @Test
  @Covers("M08")
  void anAgentWithADomainNeedsAMasterWithOne() throws Exception {
    try (var master = start();
        var client = new Client(master.port());
        var with = new FakeAgent();
        var without = new FakeAgent()) {
      register(with, master, "here");
      register(without, master, "");
      var unused = without.await("mesos.internal.SlaveRegisteredMessage");
      assertThat(client.get("/slaves").body())
          .contains("slave(1)@127.0.0.1:" + without.pid.port())
          .doesNotContain("slave(1)@127.0.0.1:" + with.pid.port());
    }
  }

  @Test
  @Covers("M08")
  void agentsWithoutADomainAreIgnoredIfAskedFor() throws Exception {
    try (var master = start("--domain=" + domain("here"), "--require_agent_domain");
        var client = new Client(master.port());
        var without = new FakeAgent();
        var with = new FakeAgent()) {
      register(without, master, "");
      register(with, master, "here");
      var unused = with.await("mesos.internal.SlaveRegisteredMessage");
      var slaves = client.get("/slaves").body();
      assertThat(slaves).contains("slave(1)@127.0.0.1:" + with.pid.port());
      assertThat(slaves).doesNotContain("slave(1)@127.0.0.1:" + without.pid.port());
    }
    assertThatThrownBy(() -> start("--require_agent_domain"))
        .hasMessageContaining("--require_agent_domain: expected --domain");
    assertThatThrownBy(() -> start("--logging_level=info"))
        .hasMessageContaining("--logging_level=info: expected INFO, WARNING or ERROR");
    assertThatThrownBy(() -> start("--domain={}")).hasMessageContaining("expected a fault_domain");
  }

  @Test
  @Covers("A13")
  void onlyHostsOfTheWhitelistAreOffered() throws Exception {
    var file = folder.resolve("hosts");
    Files.writeString(file, "elsewhere\n");
    try (var master = start("--whitelist=" + file);
        var client = new Client(master.port());
        var agent = new FakeAgent();
        var scheduler = client.subscribe(Client.subscribeCall(Map.of()), true)) {
      agent.register(Upid.parse(master.pid()).orElseThrow());
      var unused = scheduler.await(Event.Type.SUBSCRIBED);
      assertThat(client.get("/offers/why?framework_id=" + scheduler.frameworkId).body())
          .contains("the agent's host is not in the file of --whitelist");
      assertThat(client.get("/slaves").body()).contains("\"offered_resources\":{\"cpus\":0");
      Files.writeString(file, "elsewhere\nlocalhost\n");
      var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
      assertThat(offer.getHostname()).isEqualTo("localhost");
      assertThat(client.get("/metrics/snapshot").body())
          .contains("\"allocator/mesos/offer_filters/roles/*/active\":0.0");
      var decline = Call.newBuilder().setType(Call.Type.DECLINE);
      decline.getDeclineBuilder().addOfferIds(offer.getId());
      decline.getDeclineBuilder().getFiltersBuilder().setRefuseSeconds(600);
      assertThat(scheduler.call(decline).statusCode()).isEqualTo(202);
      assertThat(client.get("/metrics/snapshot").body())
          .contains("\"allocator/mesos/offer_filters/roles/*/active\":1.0");
      assertThat(scheduler.call(Call.newBuilder().setType(Call.Type.REVIVE)).statusCode())
          .isEqualTo(202);
      assertThat(client.get("/metrics/snapshot").body())
          .contains("\"allocator/mesos/offer_filters/roles/*/active\":0.0");
    }
  }

  @Test
  @Covers("L12")
  void endpointsCanBeSwitchedOff() throws Exception {
    var rules = "{\"disabled_endpoints\":{\"paths\":[\"/files/browse\",\"/metrics/snapshot\"]}}";
    var file = Files.writeString(folder.resolve("rules"), rules);
    for (var given : List.of(rules, file.toString(), "file://" + file)) {
      try (var master = start("--firewall_rules=" + given);
          var client = new Client(master.port())) {
        var answer = client.get("/metrics/snapshot");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).isEqualTo("Endpoint '/metrics/snapshot' is disabled");
        for (var name :
            List.of(
                "/files/browse/?path=/master/log",
                "/files/browse.json?path=/",
                "/master/files/browse?path=/",
                "/files/browse/more?path=/",
                "/files/%62rowse?path=/",
                "/master/metrics/snapshot",
                "/metrics/snapshot/more?timeout=1secs",
                "/metrics")) {
          assertThat(client.get(name).statusCode()).as(name).isEqualTo(403);
        }
        assertThat(client.request("POST", "/metrics/snapshot", "").statusCode()).isEqualTo(403);
        assertThat(client.get("/state").statusCode()).isEqualTo(200);
        assertThat(client.get("/files/debug").statusCode()).isEqualTo(200);
      }
    }
    // The original names them with the process in front, and a call's endpoint leaves the others.
    rules = "{\"disabled_endpoints\":{\"paths\":[\"/master/state\",\"/api/v1\",\"/\"]}}";
    try (var master = start("--firewall_rules=" + rules);
        var client = new Client(master.port())) {
      for (var name : List.of("/state", "/master/state", "/state/x", "/api/v1", "/")) {
        assertThat(client.get(name).statusCode()).as(name).isEqualTo(403);
      }
      assertThat(client.get("/state-summary").statusCode()).isEqualTo(200);
      assertThat(client.json("/api/v1/scheduler", "{}").statusCode()).isEqualTo(400);
    }
    assertThatThrownBy(() -> start("--firewall_rules={\"disabled_endpoints\":[]}"))
        .hasMessageContaining("--firewall_rules: ")
        .hasMessageContaining("expected: {\"disabled_endpoints\"");
  }

  @Test
  @Covers({"U07", "MET02"})
  void driversThatSendTooMuchAreToldToStop() throws Exception {
    // The recorded driver has no principal of its own: it counts among the others.
    try (var master =
            start("--rate_limits={\"aggregate_default_qps\":1,\"aggregate_default_capacity\":2}");
        var client = new Client(master.port());
        var driver = new FakeDriver("scheduler(1)", master.pid())) {
      var register = Recordings.body("RegisterFrameworkMessage_from_scheduler(N)_1");
      driver.send("mesos.internal.RegisterFrameworkMessage", register);
      var unused = driver.await(FrameworkRegisteredMessage.getDefaultInstance());
      for (int i = 0; i < 6; i++) {
        driver.send("mesos.internal.RegisterFrameworkMessage", register);
      }
      FakeDriver.Got got;
      do {
        got = driver.any();
      } while (!got.name().equals("mesos.internal.FrameworkErrorMessage"));
      assertThat(FrameworkErrorMessage.parseFrom(got.body()).getMessage())
          .isEqualTo(
              "Message mesos.internal.RegisterFrameworkMessage dropped: capacity(2) exceeded");
    }
    assertThatThrownBy(() -> start("--rate_limits={\"limits\":[{\"principal\":\"p\",\"qps\":0}]}"))
        .hasMessageContaining("qps of 'p' is 0.0 (expected: a positive number)");
  }

  @Test
  @Covers("U07")
  void flagsInJsonMayNameAFile() throws Exception {
    var file = java.nio.file.Files.createTempFile("flag", ".json");
    try {
      java.nio.file.Files.writeString(file, "{\"aggregate_default_qps\":-1}");
      assertThatThrownBy(() -> start("--rate_limits=" + file)).hasMessageContaining("qps of");
      java.nio.file.Files.writeString(file, "{}");
      assertThatThrownBy(() -> start("--domain=" + file)).hasMessageContaining("fault_domain");
    } finally {
      java.nio.file.Files.delete(file);
    }
    assertThatThrownBy(() -> start("--domain=/no/such/file"))
        .hasMessageContaining("--domain=/no/such/file: cannot be read");
  }

  /// Each principal has a queue of its own; whom the flag names without a rate is not limited.
  @Test
  @Covers({"U07", "MET02"})
  void aPrincipalIsLimitedByItsOwnRate() throws Exception {
    try (var master =
            start(
                "--rate_limits={\"limits\":[{\"principal\":\"slow\",\"qps\":0.5,\"capacity\":2},"
                    + "{\"principal\":\"free\"}],\"aggregate_default_qps\":0.5,\"aggregate_default_capacity\":5}");
        var client = new Client(master.port());
        var slow = new FakeDriver("slow(1)", master.pid());
        var free = new FakeDriver("free(1)", master.pid())) {
      for (var driver : List.of(slow, free)) {
        var register =
            RegisterFrameworkMessage.newBuilder()
                .setFramework(
                    FrameworkInfo.newBuilder()
                        .setUser("nobody")
                        .setName("test")
                        .setPrincipal(driver == slow ? "slow" : "free"))
                .build();
        driver.send(register);
        var unused = driver.await(FrameworkRegisteredMessage.getDefaultInstance());
        for (int i = 0; i < 8; i++) {
          driver.send(register);
        }
      }
      for (int i = 0; i < 8; i++) { // at once, although the others' rate is one in two seconds
        var unused = free.await(FrameworkRegisteredMessage.getDefaultInstance());
      }
      FakeDriver.Got got;
      do {
        got = slow.any();
      } while (!got.name().equals("mesos.internal.FrameworkErrorMessage"));
      assertThat(FrameworkErrorMessage.parseFrom(got.body()).getMessage())
          .isEqualTo(
              "Message mesos.internal.RegisterFrameworkMessage dropped: capacity(2) exceeded");
      assertThat(client.get("/metrics/snapshot").body())
          .contains("\"frameworks/free/messages_received\":8.0")
          .contains("\"frameworks/free/messages_processed\":8.0")
          .contains("\"frameworks/slow/messages_received\":8.0")
          .doesNotContain("\"frameworks/slow/messages_processed\":8.0");
    }
  }

  @Test
  @Covers("N05")
  void aCommandSaysWhereToListen() throws Exception {
    try (var master =
        MasterServer.start(
            MasterFlags.parse(
                List.of(
                    "--ip_discovery_command=echo 127.0.0.1", "--port=0", "--no-hostname_lookup"),
                Map.of()))) {
      assertThat(master.pid()).isEqualTo("master@127.0.0.1:" + master.port());
    }
    assertThatThrownBy(() ->
            MasterServer.start(
                MasterFlags.parse(List.of("--ip_discovery_command=exit 7", "--port=0"), Map.of())))
        .hasMessage("--ip_discovery_command: 'exit 7' ended with status 7");
    assertThatThrownBy(() -> start("--ip_discovery_command=echo 127.0.0.1"))
        .hasMessageContaining("--ip_discovery_command: expected instead of --ip, not with it");
  }

  @Test
  @Covers({"A03", "CFG02", "S20"})
  void wrongFlagsAreNamed() {
    assertThatThrownBy(() -> start("--role_sorter=fair"))
        .hasMessageContaining("--role_sorter=fair: expected drf or random");
    assertThatThrownBy(() -> start("--framework_sorter=fair"))
        .hasMessageContaining("--framework_sorter=fair: expected drf or random");
    assertThatThrownBy(() -> start("--roles=a,b//c"))
        .hasMessageContaining("--roles: Role 'b//c' cannot contain two adjacent slashes");
    assertThatThrownBy(() -> start("--advertise_ip=nowhere.invalid"))
        .hasMessage("--advertise_ip: nowhere.invalid: expected an address, as 10.0.0.1");
    assertThatThrownBy(() ->
            MasterServer.start(MasterFlags.parse(List.of("--ip=999.1.1.1", "--port=0"), Map.of())))
        .hasMessage("--ip: 999.1.1.1: expected an address, as 10.0.0.1");
    assertThatThrownBy(() -> start("--acls={\"permissive\":"))
        .hasMessageContaining("--acls: not JSON: the text ends too early (line 1, column 15)");
    assertThatThrownBy(() -> start("--recovery_agent_removal_limit=110%"))
        .hasMessageContaining("--recovery_agent_removal_limit=110%: expected 0% to 100%");
  }

  /// Which agents are near depends on where the leader is.
  @Test
  @Covers("M08")
  void aMasterOfAnotherRegionDoesNotStay() throws Exception {
    try (var zookeeper = EmbeddedZooKeeper.start(folder, "127.0.0.1", 0)) {
      var zk = "--zk=zk://127.0.0.1:" + zookeeper.port() + "/mesos";
      try (var leader = start(zk, "--domain=" + domain("here"))) {
        for (int i = 0; i < 200 && !leader.elected(); i++) {
          Thread.sleep(50);
        }
        try (var near = start(zk, "--domain=" + domain("here"));
            var far = start(zk, "--domain=" + domain("there"))) {
          assertThat(far.ended().get(20, TimeUnit.SECONDS))
              .isEqualTo(
                  "the leading master is in the region here and this one by --domain in there: all"
                      + " masters of a cluster must be in the same region");
          assertThat(near.ended()).isNotDone();
          assertThat(leader.ended()).isNotDone();
        }
      }
    }
  }

  /// A master must not lead over what it does not understand: it would drop it.
  @Test
  @Covers("H06")
  void aRegistryOfANewerMasterIsLeftAlone() throws Exception {
    try (var zookeeper = EmbeddedZooKeeper.start(folder, "127.0.0.1", 0)) {
      var url = "zk://127.0.0.1:" + zookeeper.port() + "/mesos";
      try (var zk = ZkClient.connect(ZkUrl.parse(url), Duration.ofSeconds(5))) {
        var elected = new CompletableFuture<Fence>();
        try (var election =
            Election.contend(
                zk,
                "json.info",
                "{}".getBytes(StandardCharsets.UTF_8),
                new Election.Listener() {
                  @Override
                  public void elected(Fence fence) {
                    elected.complete(fence);
                  }

                  @Override
                  public void lost(String reason) {}

                  @Override
                  public void leader(Optional<byte[]> payload) {}
                })) {
          var store = FencedStore.sharded(zk, zk.url().child("registry"));
          store.load(elected.get(10, TimeUnit.SECONDS));
          store
              .write(Map.of("minimum-capabilities/OF_TOMORROW", new byte[0]), Set.of())
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
          store.close();
          assertThat(election).isNotNull();
        }
      }
      try (var master = start("--zk=" + url)) {
        assertThat(master.ended().get(20, TimeUnit.SECONDS))
            .contains("needs a master with the capabilities OF_TOMORROW");
      }
    }
  }
}
