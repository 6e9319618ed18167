// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.UpdateSlaveMessage;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.agent.Call;
import io.meseta.wire.v1.agent.Response;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `ops` may do everything; `dev` sees what belongs to the user alice and the role web.
class AgentAuthorizationTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path root;

  @AfterEach
  void killLeftovers() throws Exception {
    Agents.killAll(root);
  }

  private static String rule(String action, String objects, String allowed) {
    return "\""
        + action
        + "\":[{\"principals\":{\"values\":[\"ops\"]},\""
        + objects
        + "\":{\"type\":\"ANY\"}},{\"principals\":{\"values\":[\"dev\"]},\""
        + objects
        + "\":"
        + (allowed.isEmpty() ? "{\"type\":\"NONE\"}" : "{\"values\":[\"" + allowed + "\"]}")
        + "}]";
  }

  private AgentServer agent(FakeMaster master) throws Exception {
    var credentials = Files.writeString(root.resolve("credentials"), "ops s\ndev s\n");
    var rules =
        List.of(
            "\"permissive\":false",
            rule("view_frameworks", "users", "alice"),
            rule("view_executors", "users", "alice"),
            rule("view_tasks", "users", "alice"),
            rule("view_containers", "users", "alice"),
            rule("access_sandboxes", "users", "alice"),
            rule("access_mesos_logs", "logs", ""),
            rule("view_flags", "flags", ""),
            rule("set_log_level", "level", ""),
            rule("view_roles", "roles", "web"),
            rule("get_endpoints", "paths", "/containers"));
    var acls = Files.writeString(root.resolve("acls"), "{" + String.join(",", rules) + "}");
    var log = Files.writeString(root.resolve("log"), "a line\n");
    return Agents.start(
        master,
        root,
        "--acls=" + acls,
        "--http_credentials=" + credentials,
        "--authenticate_http_readonly=true",
        "--authenticate_http_readwrite=true",
        "--switch_user=false",
        "--external_log_file=" + log,
        "--resources=cpus:4;cpus(web):1;cpus(db):2;mem:6000;disk:4000;ports:[32000-32500]");
  }

  private static FrameworkInfo framework(String id, String user) {
    return FakeMaster.framework(id, false).toBuilder().setUser(user).build();
  }

  private static HttpRequest.Builder request(AgentServer agent, String principal, String path) {
    var name =
        Base64.getEncoder().encodeToString((principal + ":s").getBytes(StandardCharsets.UTF_8));
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + path))
        .header("Authorization", "Basic " + name);
  }

  private static HttpResponse<String> get(AgentServer agent, String principal, String path)
      throws Exception {
    return HTTP.send(request(agent, principal, path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<byte[]> call(AgentServer agent, String principal, Call.Builder call)
      throws Exception {
    return HTTP.send(
        request(agent, principal, "/api/v1")
            .header("Content-Type", "application/x-protobuf")
            .header("Accept", "application/x-protobuf")
            .POST(HttpRequest.BodyPublishers.ofByteArray(call.build().toByteArray()))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private static Response answer(AgentServer agent, String principal, Call.Type type)
      throws Exception {
    return Response.parseFrom(call(agent, principal, Call.newBuilder().setType(type)).body());
  }

  private static List<String> roles(Response response) {
    return response.getGetAgent().getAgentInfo().getResourcesList().stream()
        .flatMap(resource -> resource.getReservationsList().stream())
        .map(reservation -> reservation.getRole())
        .toList();
  }

  @Test
  @Covers({"OM18", "U03", "U09", "OA02", "OA03"})
  void whatAPrincipalMayNotSeeIsLeftOut() throws Exception {
    try (var master = new FakeMaster();
        var agent = agent(master)) {
      master.next(UpdateSlaveMessage.class);
      master.run(framework("F1", "alice"), FakeMaster.task("t1", "sleep 600"));
      master.next("t1", TaskState.TASK_RUNNING);
      master.run(framework("F2", "bob"), FakeMaster.task("t2", "sleep 600"));
      master.next("t2", TaskState.TASK_RUNNING);

      assertThat(get(agent, "ops", "/state").body())
          .contains("\"t1\"", "\"t2\"", "\"db\"", "\"work_dir\"");
      assertThat(get(agent, "dev", "/state").body())
          .contains("\"t1\"", "\"web\"", "\"flags\":{}")
          .doesNotContain("\"t2\"", "\"F2\"", "bob", "\"db\"");
      assertThat(get(agent, "ops", "/containers").body()).contains("\"t1\"", "\"t2\"");
      assertThat(get(agent, "dev", "/containers").body()).contains("\"t1\"").doesNotContain("t2");

      assertThat(answer(agent, "ops", Call.Type.GET_CONTAINERS).getGetContainers())
          .satisfies(all -> assertThat(all.getContainersCount()).isEqualTo(2));
      assertThat(answer(agent, "dev", Call.Type.GET_CONTAINERS).getGetContainers())
          .satisfies(all -> assertThat(all.getContainersCount()).isEqualTo(1));
      assertThat(answer(agent, "ops", Call.Type.GET_TASKS).getGetTasks().getLaunchedTasksCount())
          .isEqualTo(2);
      var shown = answer(agent, "dev", Call.Type.GET_STATE).getGetState();
      assertThat(shown.getGetTasks().getLaunchedTasksList())
          .singleElement()
          .satisfies(task -> assertThat(task.getTaskId().getValue()).isEqualTo("t1"));
      assertThat(shown.getGetFrameworks().getFrameworksCount()).isEqualTo(1);
      assertThat(shown.getGetExecutors().getExecutorsCount()).isEqualTo(1);

      sandboxes(agent);
      for (var id : List.of("1", "2")) {
        master.kill("F" + id, "t" + id, java.time.Duration.ZERO);
        master.next("t" + id, TaskState.TASK_KILLED);
      }
    }
  }

  private void sandboxes(AgentServer agent) throws Exception {
    for (int i = 1; i <= 2; i++) {
      var virtual = "/frameworks/F" + i + "/executors/t" + i + "/runs/latest";
      var real =
          root.toRealPath()
              .resolve("work/slaves/" + FakeMaster.ID + virtual)
              .toRealPath()
              .toString();
      for (var path : List.of(virtual, real, virtual + "/stdout")) {
        var query = "/files/browse?path=" + URLEncoder.encode(path, StandardCharsets.UTF_8);
        assertThat(get(agent, "ops", query).statusCode()).isEqualTo(200);
        assertThat(get(agent, "dev", query).statusCode()).isEqualTo(i == 1 ? 200 : 403);
      }
      var list = Call.newBuilder().setType(Call.Type.LIST_FILES);
      list.getListFilesBuilder().setPath(virtual);
      assertThat(call(agent, "dev", list).statusCode()).isEqualTo(i == 1 ? 200 : 403);
    }
  }

  @Test
  @Covers("OA02")
  void rolesThatArePrivateDoNotLeakFromGetAgentMesos9006() throws Exception {
    try (var master = new FakeMaster();
        var agent = agent(master)) {
      master.next(UpdateSlaveMessage.class);
      assertThat(roles(answer(agent, "ops", Call.Type.GET_AGENT)))
          .containsExactlyInAnyOrder("web", "db");
      var shown = answer(agent, "dev", Call.Type.GET_AGENT);
      assertThat(roles(shown)).containsExactly("web");
      assertThat(shown.toString()).doesNotContain("db");
    }
  }

  @Test
  @Covers({"U03", "U09", "OA01", "L11"})
  void whatAPrincipalMayNotDoIsForbidden() throws Exception {
    try (var master = new FakeMaster();
        var agent = agent(master)) {
      master.next(UpdateSlaveMessage.class);
      for (var path :
          List.of(
              "/flags",
              "/slave(1)/flags",
              "/monitor/statistics",
              "/containerizer/debug",
              "/metrics/snapshot",
              "/metrics",
              "/files/debug",
              "/files/read?path=/slave/log&offset=0",
              "/logging/toggle")) {
        assertThat(get(agent, "dev", path))
            .satisfies(no -> assertThat(no.statusCode()).as(path).isEqualTo(403))
            .satisfies(no -> assertThat(no.body()).as(path).isEqualTo("403 Forbidden."));
        assertThat(get(agent, "ops", path).statusCode()).as(path).isEqualTo(200);
      }
      var level = Call.newBuilder().setType(Call.Type.SET_LOGGING_LEVEL);
      level.getSetLoggingLevelBuilder().setLevel(0).getDurationBuilder().setNanoseconds(1);
      var read = Call.newBuilder().setType(Call.Type.READ_FILE);
      read.getReadFileBuilder().setPath("/slave/log").setOffset(0);
      for (var call : List.of(level, read, Call.newBuilder().setType(Call.Type.GET_FLAGS))) {
        assertThat(call(agent, "dev", call).statusCode()).isEqualTo(403);
        assertThat(call(agent, "ops", call).statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  @Covers({"L12", "U03"})
  void endpointsAreSwitchedOffAndRulesThatCannotBeReadAreNamed() throws Exception {
    try (var master = new FakeMaster();
        var agent =
            Agents.start(
                master,
                root,
                "--firewall_rules={\"disabled_endpoints\":{\"paths\":[\"/files/browse\"]}}")) {
      var off = Agents.get(agent, "/files/browse?path=/");
      assertThat(off.statusCode()).isEqualTo(403);
      assertThat(off.body()).isEqualTo("Endpoint '/files/browse' is disabled");
      assertThat(Agents.get(agent, "/version").statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> Agents.start(master, root, "--acls={\"view_flag\":[]}"))
          .hasMessageContaining("--acls")
          .hasMessageContaining("'view_flag' is no action");
      assertThatThrownBy(() -> Agents.start(master, root, "--firewall_rules=[]"))
          .hasMessageContaining("--firewall_rules");
    }
  }
}
