// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.model.resources.ResourceText;
import io.meseta.model.resources.ResourceWire;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.scheduler.Event;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `--acls` against a real master: `boss` may do everything, `guest` what the rules say.
class AuthorizationTest {
  private static final String BOSS = AuthenticationTest.basic("boss:b");
  private static final String GUEST = AuthenticationTest.basic("guest:g");

  @TempDir Path folder;

  /// Rules that let the boss do all of `actions` and the others nothing, apart from `more`.
  private static String only(String more, String... actions) {
    var objects =
        Map.ofEntries(
            Map.entry("teardown_frameworks", "framework_principals"),
            Map.entry("reserve_resources", "roles"),
            Map.entry("unreserve_resources", "reserver_principals"),
            Map.entry("create_volumes", "roles"),
            Map.entry("destroy_volumes", "creator_principals"),
            Map.entry("update_quotas", "roles"),
            Map.entry("get_quotas", "roles"),
            Map.entry("update_weights", "roles"),
            Map.entry("view_roles", "roles"),
            Map.entry("view_frameworks", "users"),
            Map.entry("view_tasks", "users"),
            Map.entry("view_executors", "users"),
            Map.entry("view_flags", "flags"),
            Map.entry("get_endpoints", "paths"),
            Map.entry("access_mesos_logs", "logs"),
            Map.entry("mark_agents_gone", "agents"),
            Map.entry("deactivate_agents", "agents"),
            Map.entry("reactivate_agents", "agents"),
            Map.entry("register_agents", "agents"),
            Map.entry("update_maintenance_schedules", "machines"),
            Map.entry("get_maintenance_schedules", "machines"),
            Map.entry("start_maintenances", "machines"),
            Map.entry("stop_maintenances", "machines"));
    var rules = new ArrayList<String>();
    for (var action : actions) {
      var object = objects.get(action);
      rules.add(
          ("\"%s\":[%s{\"principals\":{\"values\":[\"boss\"]},\"%s\":{\"type\":\"ANY\"}},"
                  + "{\"principals\":{\"type\":\"NONE\"},\"%s\":{\"type\":\"ANY\"}}]")
              .formatted(action, more, object, object));
    }
    return "{" + String.join(",", rules) + "}";
  }

  private MasterServer master(String acls, String... more) throws Exception {
    var credentials = Files.writeString(folder.resolve("credentials"), "boss b\nguest g\n");
    var rules = Files.writeString(folder.resolve("acls"), acls);
    var flags =
        new ArrayList<>(
            List.of(
                "--credentials=" + credentials,
                "--acls=" + rules,
                "--authenticate_http_readonly",
                "--authenticate_http_readwrite"));
    flags.addAll(List.of(more));
    return TestMaster.start(flags);
  }

  private static HttpResponse<String> call(Client client, String who, String json)
      throws Exception {
    return client.post("/api/v1", json, "Content-Type", "application/json", "Authorization", who);
  }

  @ParameterizedTest
  @Covers({"U03", "OM18"})
  @CsvSource(
      delimiter = '|',
      value = {
        "teardown_frameworks | /teardown | frameworkId=F",
        "teardown_frameworks | /api/v1 | {'type':'TEARDOWN','teardown':{'framework_id':{'value':'F'}}}",
        "update_weights | /weights | [{'role':'r','weight':2}]",
        "update_weights | /api/v1 | {'type':'UPDATE_WEIGHTS','update_weights':{'weight_infos':[{'role':'r','weight':2}]}}",
        "update_quotas | /quota | {'role':'r','guarantee':[{'name':'cpus','type':'SCALAR','scalar':{'value':1}}],'force':true}",
        "update_quotas | /api/v1 | {'type':'UPDATE_QUOTA','update_quota':{'force':true,'quota_configs':[{'role':'r'}]}}",
        "mark_agents_gone | /api/v1 | {'type':'MARK_AGENT_GONE','mark_agent_gone':{'agent_id':{'value':'none'}}}",
        "deactivate_agents | /api/v1 | {'type':'DEACTIVATE_AGENT','deactivate_agent':{'agent_id':{'value':'none'}}}",
        "reactivate_agents | /api/v1 | {'type':'REACTIVATE_AGENT','reactivate_agent':{'agent_id':{'value':'none'}}}",
        "update_maintenance_schedules | /maintenance/schedule | {}",
        "start_maintenances | /machine/down | [{'hostname':'h'}]",
        "stop_maintenances | /machine/up | [{'hostname':'h'}]",
        "reserve_resources | /reserve | slaveId=none&resources=[{'name':'cpus','type':'SCALAR','scalar':{'value':1},'reservations':[{'type':'DYNAMIC','role':'r'}]}]",
        "unreserve_resources | /unreserve | slaveId=none&resources=[{'name':'cpus','type':'SCALAR','scalar':{'value':1},'reservations':[{'type':'DYNAMIC','role':'r'}]}]",
        "create_volumes | /create-volumes | slaveId=none&volumes=[{'name':'disk','type':'SCALAR','scalar':{'value':1},'reservations':[{'type':'DYNAMIC','role':'r'}]}]",
        "destroy_volumes | /destroy-volumes | slaveId=none&volumes=[{'name':'disk','type':'SCALAR','scalar':{'value':1},'reservations':[{'type':'DYNAMIC','role':'r'}]}]",
      })
  void whatChangesSomethingIsForbidden(String action, String path, String body) throws Exception {
    try (var master = master(only("", action));
        var client = new Client(master.port());
        var scheduler = client.subscribe(Client.subscribeCall(Map.of()), true)) {
      scheduler.await(Event.Type.SUBSCRIBED);
      var text = body.replace('\'', '"').replace("\"F\"", "'F'");
      text =
          text.replace("'F'", "\"" + scheduler.frameworkId + "\"")
              .replace("=F", "=" + scheduler.frameworkId);
      var type = text.startsWith("{") || text.startsWith("[") ? "application/json" : "text/plain";
      var method = path.equals("/weights") ? "PUT" : "POST";
      var forbidden =
          client.request(method, path, text, "Content-Type", type, "Authorization", GUEST);
      assertThat(forbidden.statusCode()).as(forbidden.body()).isEqualTo(403);
      assertThat(forbidden.body()).contains("Not authorized");
      var allowed = client.request(method, path, text, "Content-Type", type, "Authorization", BOSS);
      assertThat(allowed.statusCode()).as(allowed.body()).isNotIn(401, 403);
    }
  }

  @Test
  @Covers({"U03", "S16", "W04"})
  void rolesAreForThoseWhoMayHaveThem() throws Exception {
    var rules =
        """
        {"permissive": false,
         "register_agents": [{"principals": {"type": "ANY"}, "agents": {"type": "ANY"}}],
         "register_frameworks": [
           {"principals": {"values": ["p"]}, "roles": {"values": ["eng/%"]}}],
         "run_tasks": [{"principals": {"values": ["p"]}, "users": {"values": ["nobody"]}}]}
        """;
    try (var master = master(rules);
        var client = new Client(master.port());
        var agent = new FakeAgent();
        var driver = new FakeDriver("scheduler(1)", master.pid())) {
      var pid = Upid.parse(master.pid()).orElseThrow();
      var refused =
          client.subscribe(
              Client.subscribeCall(Map.of("principal", "\"p\"", "role", "\"ops\"")), true);
      assertThat(refused.await(Event.Type.ERROR).getError().getMessage())
          .startsWith("Not authorized to register framework");
      driver.send(
          "mesos.internal.RegisterFrameworkMessage",
          Recordings.body("RegisterFrameworkMessage_from_scheduler(N)_1"));
      assertThat(
              driver
                  .await(io.meseta.wire.internal.FrameworkErrorMessage.getDefaultInstance())
                  .getMessage())
          .startsWith("Not authorized to register framework");
      try (var scheduler =
          client.subscribe(
              Client.subscribeCall(Map.of("principal", "\"p\"", "role", "\"eng/web\"")), true)) {
        scheduler.await(Event.Type.SUBSCRIBED);
        agent.register(pid);
        var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
        var root = SchedulerEndpointTest.task("t", offer).toBuilder();
        root.getCommandBuilder().setUser("root");
        scheduler.call(SchedulerEndpointTest.launch(offer, root.build()));
        var status = scheduler.await(Event.Type.UPDATE).getUpdate().getStatus();
        assertThat(status.getState()).isEqualTo(TaskState.TASK_ERROR);
        assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_UNAUTHORIZED);
        assertThat(status.getMessage()).contains("under user 'root'");
      }
    }
  }

  /// What is reserved to a role, or held by it, is shown to those who may see the role.
  @Test
  @Covers({"OM18", "OM05", "OM07", "OM10"})
  void rolesDoNotLeakFromAgents() throws Exception {
    var open = "{\"principals\":{\"values\":[\"guest\"]},\"roles\":{\"values\":[\"open\"]}},";
    try (var master = master(only(open, "view_roles"));
        var client = new Client(master.port());
        var agent = new FakeAgent();
        var later = new FakeAgent();
        var scheduler =
            client.subscribe(
                Client.subscribeCall(
                    Map.of(
                        "roles",
                        "[\"secret\"]",
                        "capabilities",
                        "[{\"type\":\"MULTI_ROLE\"},{\"type\":\"RESERVATION_REFINEMENT\"}]")),
                true)) {
      var pid = Upid.parse(master.pid()).orElseThrow();
      agent.register(pid, reserving(agent));
      scheduler.await(Event.Type.OFFERS);
      // A reservation that the agent has not confirmed yet.
      var reserve =
          "{\"type\":\"RESERVE_RESOURCES\",\"reserve_resources\":{\"agent_id\":{\"value\":\"%s\"},\"resources\":"
                  .formatted(agent.id.getValue())
              + "[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1},\"reservations\":"
              + "[{\"type\":\"DYNAMIC\",\"role\":\"secret\",\"principal\":\"boss\"}]}]}}";
      assertThat(call(client, BOSS, reserve).statusCode()).isEqualTo(202);
      for (var json : List.of("GET_AGENTS", "GET_STATE", "GET_OPERATIONS")) {
        var ask = "{\"type\":\"" + json + "\"}";
        assertThat(call(client, BOSS, ask).body()).as(json).contains("\"role\":\"secret\"");
        if (!json.equals("GET_STATE")) { // its framework has the role, and says so
          assertThat(call(client, GUEST, ask).body()).as(json).doesNotContain("secret");
        }
      }
      assertThat(call(client, GUEST, "{\"type\":\"GET_AGENTS\"}").body())
          .contains("\"role\":\"open\"");
      assertThat(client.get("/slaves", "Authorization", BOSS).body()).contains("\"secret\"");
      assertThat(client.get("/slaves", "Authorization", GUEST).body())
          .contains("\"open\"", "\"resources\":{\"cpus\":7.0")
          .doesNotContain("secret");
      var added =
          client.watchUntil(
              "\"AGENT_ADDED\"",
              GUEST,
              () -> {
                later.register(pid, reserving(later));
                return null;
              });
      assertThat(added).contains("\"role\":\"open\"").doesNotContain("secret");
    }
  }

  private static AgentInfo reserving(FakeAgent agent) throws Exception {
    return FakeAgent.info(agent.pid.port()).toBuilder()
        .clearResources()
        .addAllResources(
            ResourceWire.encode(
                ResourceText.parse(
                    "cpus:4;cpus(open):1;cpus(secret):2;mem:6000;mem(secret):100", "*"),
                ResourceWire.Format.PRE))
        .build();
  }

  @Test
  @Covers({"OM18", "U09"})
  void eachPrincipalSeesWhatIsItsOwn() throws Exception {
    var guests = "{\"principals\":{\"values\":[\"guest\"]},\"users\":{\"values\":[\"alice\"]}},";
    var users = only(guests, "view_frameworks", "view_tasks", "view_executors");
    var rest = only("", "view_flags", "view_roles", "get_quotas", "access_mesos_logs");
    var rules = users.substring(0, users.length() - 1) + "," + rest.substring(1);
    try (var master = master(rules);
        var client = new Client(master.port());
        var alices =
            client.subscribe(
                "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":"
                    + "{\"user\":\"alice\",\"name\":\"a\"}}}",
                true);
        var bobs =
            client.subscribe(
                "{\"type\":\"SUBSCRIBE\",\"subscribe\":{\"framework_info\":"
                    + "{\"user\":\"bob\",\"name\":\"b\",\"role\":\"secret\"}}}",
                true)) {
      alices.await(Event.Type.SUBSCRIBED);
      bobs.await(Event.Type.SUBSCRIBED);
      for (int round = 0; round < 2; round++) { // the second one may be given from memory
        for (var path : List.of("/state", "/frameworks", "/state-summary")) {
          assertThat(client.get(path, "Authorization", BOSS).body())
              .as(path)
              .contains(alices.frameworkId)
              .contains(bobs.frameworkId);
          assertThat(client.get(path, "Authorization", GUEST).body())
              .as(path)
              .contains(alices.frameworkId)
              .doesNotContain(bobs.frameworkId);
        }
      }
      for (var call : List.of("GET_FRAMEWORKS", "GET_STATE")) {
        var json = "{\"type\":\"" + call + "\"}";
        assertThat(call(client, BOSS, json).body()).contains(bobs.frameworkId);
        assertThat(call(client, GUEST, json).body())
            .contains(alices.frameworkId)
            .doesNotContain(bobs.frameworkId);
      }
      assertThat(client.get("/roles", "Authorization", BOSS).body()).contains("secret");
      assertThat(client.get("/roles", "Authorization", GUEST).body()).isEqualTo("{\"roles\":[]}");
      assertThat(client.get("/flags", "Authorization", BOSS).statusCode()).isEqualTo(200);
      assertThat(client.get("/flags", "Authorization", GUEST).statusCode()).isEqualTo(403);
      assertThat(call(client, GUEST, "{\"type\":\"GET_FLAGS\"}").statusCode()).isEqualTo(403);
      assertThat(client.get("/state", "Authorization", BOSS).body()).contains("\"flags\":{");
      assertThat(client.get("/state", "Authorization", GUEST).body())
          .doesNotContain("\"flags\"", "\"cluster\"", "\"log_dir\"");
      assertThat(client.get("/files/read?path=/master/log", "Authorization", GUEST).statusCode())
          .isEqualTo(403);
      assertThat(client.get("/files/read?path=/master/log", "Authorization", BOSS).statusCode())
          .isEqualTo(404);
    }
  }

  @Test
  @Covers({"U03", "OM18"})
  void someEndpointsAreForSome() throws Exception {
    try (var master = master(only("", "get_endpoints", "register_agents"));
        var client = new Client(master.port());
        var agent = new FakeAgent()) {
      for (var path : List.of("/metrics/snapshot", "/metrics", "/files/debug", "/files/debug/x")) {
        assertThat(client.get(path, "Authorization", GUEST).statusCode()).isEqualTo(403);
        assertThat(client.get(path, "Authorization", BOSS).statusCode()).isEqualTo(200);
      }
      agent.send(
          Upid.parse(master.pid()).orElseThrow(),
          io.meseta.wire.internal.RegisterSlaveMessage.newBuilder()
              .setSlave(FakeAgent.info(agent.pid.port()))
              .setVersion("1.12.0")
              .build());
      assertThat(client.get("/slaves", "Authorization", BOSS).body()).contains("\"slaves\":[]");
    }
  }

  @Test
  @Covers("U03")
  void badRulesAreRefusedAtTheStart() {
    assertThatThrownBy(() -> master("{\"run_task\":[]}"))
        .hasMessageContaining("--acls")
        .hasMessageContaining("'run_task' is no action");
  }
}
