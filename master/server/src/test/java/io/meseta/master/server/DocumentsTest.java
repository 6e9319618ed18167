// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.master.Response;
import io.meseta.wire.v1.scheduler.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One agent, one running task and one that ended: the documents have the keys and types of the
/// recorded ones.
class DocumentsTest {
  private static MasterServer master;
  private static Client client;
  private static FakeAgent agent;
  private static Client.Scheduler scheduler;

  @BeforeAll
  static void start() throws Exception {
    master = TestMaster.start("--cluster=c");
    client = new Client(master.port());
    agent = new FakeAgent();
    var pid = Upid.parse(master.pid()).orElseThrow();
    agent.register(pid);
    var ended = client.subscribe(Client.subscribeCall(Map.of()), true);
    finish(ended, pid, "ended");
    assertThat(
            client
                .json(
                    "/api/v1",
                    "{\"type\":\"TEARDOWN\",\"teardown\":{\"framework_id\":{\"value\":\""
                        + ended.frameworkId
                        + "\"}}}")
                .statusCode())
        .isEqualTo(200);
    scheduler =
        client.subscribe(
            Client.subscribeCall(
                Map.of(
                    "checkpoint", "true",
                    "role", "\"*\"",
                    "capabilities", "[{\"type\":\"PARTITION_AWARE\"}]")),
            true);
    var unused = scheduler.await(Event.Type.SUBSCRIBED);
    var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
    var launch = SchedulerEndpointTest.launch(offer, SchedulerEndpointTest.task("golden", offer));
    // The rest of the agent is not offered again, however long the tests take.
    launch.getAcceptBuilder().getFiltersBuilder().setRefuseSeconds(100_000);
    assertThat(scheduler.call(launch).statusCode()).isEqualTo(202);
    var run = agent.awaitTask();
    var id = FrameworkID.newBuilder().setValue(scheduler.frameworkId).build();
    var unused2 = agent.update(pid, id, run.getTask().getTaskId(), TaskState.TASK_RUNNING);
    var unused3 = scheduler.await(Event.Type.UPDATE);
  }

  private static void finish(Client.Scheduler scheduler, Upid pid, String task) throws Exception {
    var unused = scheduler.await(Event.Type.SUBSCRIBED);
    var offer = scheduler.await(Event.Type.OFFERS).getOffers().getOffers(0);
    scheduler.call(SchedulerEndpointTest.launch(offer, SchedulerEndpointTest.task(task, offer)));
    var run = agent.awaitTask();
    var id = FrameworkID.newBuilder().setValue(scheduler.frameworkId).build();
    var unused2 = agent.update(pid, id, run.getTask().getTaskId(), TaskState.TASK_FINISHED);
    scheduler.call(
        SchedulerEndpointTest.acknowledge(
            scheduler.await(Event.Type.UPDATE).getUpdate().getStatus()));
  }

  @AfterAll
  static void stop() {
    client.close();
    agent.close();
    master.close();
  }

  /// Keys that a document may have or not.
  private static final List<String> OPTIONAL =
      List.of(
          "reregistered_time",
          "cluster",
          "labels",
          "principal",
          "discovery",
          "container",
          "user",
          "health_check",
          "roles",
          "offered_resources",
          "message",
          "source",
          "reason",
          "healthy",
          "data",
          "executor_id",
          "check_status",
          "domain",
          "role",
          "checkpoint",
          "kill_policy");

  private static boolean optional(String path) {
    return path.contains(".flags.")
        || path.equals(".git_sha") // the original has it too when built from a repository
        || OPTIONAL.stream()
            .anyMatch(name -> path.matches(".*\\." + name + "(\\[?\\]?\\..*|\\[\\].*|)"));
  }

  /// What is carried as it came is compared elsewhere (the wire module reproduces every recording);
  /// which resources there are is not the document's matter.
  private static boolean beside(String path) {
    return path.matches(
        ".*(resources|resources_full)\\[\\]\\..*|.*\\.container_status\\..*"
            + "|.*_info\\..*|.*statuses\\[\\]\\..*|.*\\.(ports|disk|gpus|mem|build_.*)"
            + "|.*\\.labels.*|.*(resources|resources_full)\\[\\]");
  }

  /// Lists of the same things are one list, whatever state the things are in.
  private static Map<String, Set<String>> shapes(String json) {
    var result = new TreeMap<String, Set<String>>();
    Shapes.of(json)
        .forEach((path, kinds) -> {
          var merged =
              path.replace("completed_frameworks[]", "frameworks[]")
                  .replace("completed_tasks[]", "tasks[]")
                  .replace("unreachable_tasks[]", "tasks[]");
          if (!beside(merged)) {
            result.computeIfAbsent(merged, p -> new TreeSet<>()).addAll(kinds);
          }
        });
    return result;
  }

  private static void sameShape(String ours, String golden) {
    var expected = shapes(golden);
    var actual = shapes(ours);
    var missing = new TreeSet<>(expected.keySet());
    missing.removeAll(actual.keySet());
    missing.removeIf(DocumentsTest::optional);
    missing.remove(".frameworks[].pid"); // of v0 drivers only
    assertThat(missing).as("keys that the original has").isEmpty();
    var surplus = new TreeSet<>(actual.keySet());
    surplus.removeAll(expected.keySet());
    surplus.removeIf(DocumentsTest::optional);
    assertThat(surplus).as("keys that the original has not").isEmpty();
    var types = new TreeMap<>(actual);
    types.keySet().retainAll(expected.keySet());
    types.forEach((path, kinds) -> assertThat(expected.get(path)).as(path).containsAll(kinds));
  }

  @ParameterizedTest
  @Covers({"L02", "L03", "L01"})
  @CsvSource({
    "/state, master_GET_state.http",
    "/master/state, master_GET_state.http",
    "/state/, master_GET_state.http",
    "/slaves, master_GET_slaves.http",
    "/state-summary, master_GET_state-summary.http",
    "/frameworks, master_GET_frameworks.http",
    "/tasks, master_GET_tasks.http",
    "/roles, master_GET_roles.http",
    "/version, master_GET_version.http",
  })
  void oldDocumentsHaveTheOriginalsKeys(String path, String golden) throws Exception {
    var response = client.get(path);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    sameShape(response.body(), Shapes.golden(golden));
  }

  @ParameterizedTest
  @Covers({"OM01", "OM02", "OM04", "OM05", "OM06", "OM07", "OM08"})
  @CsvSource({
    "GET_HEALTH",
    "GET_VERSION",
    "GET_MASTER",
    "GET_STATE",
    "GET_AGENTS",
    "GET_FRAMEWORKS",
    "GET_TASKS",
    "GET_EXECUTORS",
    "GET_ROLES"
  })
  void v1AnswersHaveTheOriginalsKeys(String type) throws Exception {
    var response = client.json("/api/v1", "{\"type\":\"" + type + "\"}");
    assertThat(response.statusCode()).isEqualTo(200);
    sameShape(response.body(), Shapes.golden("master_v1_" + type + ".json.http"));
    var bytes =
        client.protobuf(
            "/api/v1",
            io.meseta.wire.v1.master.Call.newBuilder()
                .setType(io.meseta.wire.v1.master.Call.Type.valueOf(type))
                .build()
                .toByteArray());
    assertThat(Response.parseFrom(bytes.body()).getType().name()).isEqualTo(type);
  }

  @Test
  @Covers({"L02", "L12"})
  void queriesSelect() throws Exception {
    assertThat(client.get("/tasks?task_id=golden").body())
        .contains("\"id\":\"golden\"")
        .doesNotContain("\"id\":\"ended\"");
    assertThat(client.get("/tasks?limit=0").body()).isEqualTo("{\"tasks\":[]}");
    // What cannot be used is as in the original, whose clients may rely on it.
    var all = client.get("/tasks").body();
    for (var query :
        List.of("limit=abc", "limit=-1", "offset=x", "limit=99999999999", "order=up")) {
      var answer = client.get("/tasks?" + query);
      assertThat(answer.statusCode()).as(query).isEqualTo(200);
      assertThat(answer.body()).as(query).isEqualTo(all);
    }
    assertThat(client.get("/tasks?offset=-1").body()).isEqualTo("{\"tasks\":[]}");
    assertThat(client.get("/slaves?limit=abc&offset=-1&order=foo").body())
        .isEqualTo(client.get("/slaves").body());
    assertThat(client.get("/frameworks?limit=abc").body())
        .isEqualTo(client.get("/frameworks").body());
    // Long pages are put together from what other documents have rendered.
    for (var page : List.of("order=asc", "order=desc", "order=asc&offset=1")) {
      assertThat(client.get("/tasks?limit=100000&" + page).body())
          .contains("\"statuses\"")
          .isEqualTo(client.get("/tasks?limit=100&" + page).body());
    }
    assertThat(client.get("/slaves?slave_id=none").body())
        .isEqualTo("{\"slaves\":[],\"recovered_slaves\":[]}");
    assertThat(client.get("/frameworks?framework_id=" + scheduler.frameworkId).body())
        .contains("golden")
        .doesNotContain("ended");
    var script = client.get("/state?jsonp=cb_1");
    assertThat(script.headers().firstValue("Content-Type")).hasValue("text/javascript");
    assertThat(script.body()).startsWith("cb_1({").endsWith("})");
    assertThat(client.get("/state?jsonp=alert(1);x").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @Covers({"L01", "L02"})
  @ValueSource(
      strings = {
        "/state",
        "/state-summary",
        "/slaves",
        "/frameworks",
        "/tasks",
        "/roles",
        "/version",
        "/flags",
        "/files/debug",
        "/help",
        "/registrar(1)/registry",
        "/metrics/snapshot"
      })
  void readOnlyEndpointsTakeAnyMethod(String path) throws Exception {
    for (var method : List.of("POST", "PUT", "DELETE")) {
      var answer = client.request(method, path, "x");
      assertThat(answer.statusCode()).as(method).isEqualTo(200);
      if (!path.equals("/metrics/snapshot")) {
        assertThat(answer.body()).as(method).isEqualTo(client.get(path).body());
      }
    }
  }

  @ParameterizedTest
  @Covers("L01")
  @CsvSource({
    "POST,/maintenance/status,'GET'",
    "PUT,/maintenance/schedule,'GET, POST'",
    "PATCH,/quota,'DELETE, GET, POST'",
    "POST,/weights,'GET, PUT'",
    "GET,/teardown,POST",
    "GET,/machine/up,POST",
    "PUT,/api/v1,POST"
  })
  void othersNameTheMethodsTheyTake(String method, String path, String allowed) throws Exception {
    var answer = client.request(method, path, "");
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains(allowed);
  }

  @Test
  @Covers({"L01", "L03"})
  void smallEndpoints() throws Exception {
    var health = client.get("/health");
    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.body()).isEmpty();
    assertThat(client.json("/health", "").statusCode()).isEqualTo(200); // however it is asked
    assertThat(client.get("/master/health").statusCode()).isEqualTo(200);
    var redirect = client.get("/redirect");
    assertThat(redirect.statusCode()).isEqualTo(307);
    assertThat(redirect.headers().firstValue("Location"))
        .hasValueSatisfying(l -> assertThat(l).matches("//[^/]+:" + master.port()));
    var missing = client.get("/nosuch");
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.body()).isEqualTo("404 Not Found.");
    assertThat(client.get("/flags").body()).contains("\"agent_ping_timeout\":\"15secs\"");
  }

  @Test
  @Covers({"MET01", "MET02", "MET03", "OM02"})
  void metricsHaveTheOriginalsNames() throws Exception {
    var ours = names(Shapes.of(client.get("/metrics/snapshot").body()).keySet());
    var theirs = names(Shapes.of(Shapes.golden("master_GET_metrics-snapshot.http")).keySet());
    var missing = new TreeSet<>(theirs);
    missing.removeAll(ours);
    missing.removeIf(name -> UNLIKE.stream().anyMatch(name::matches));
    assertThat(missing).isEmpty();
    var more = new TreeSet<>(ours);
    more.removeAll(theirs);
    more.removeIf(name -> UNLIKE.stream().anyMatch(name::matches));
    assertThat(more).isEmpty();
    var allocator = client.get("/metrics/snapshot").body();
    assertThat(allocator)
        .doesNotContain("\"allocator/mesos/allocation_runs\":0.0")
        .doesNotContain("\"allocator/mesos/allocation_run_ms/count\":0.0")
        .doesNotContain("\"allocator/mesos/resources/cpus/total\":0.0")
        .doesNotContain("\"allocator/mesos/roles/*/shares/dominant\":0.0");
    assertThat(client.get("/metrics/snapshot").body()).contains("\"master/tasks_running\":1.0");
    assertThat(client.get("/metrics").body())
        .contains("# TYPE mesos_master_tasks_running gauge\nmesos_master_tasks_running 1\n");
    var call = client.json("/api/v1", "{\"type\":\"GET_METRICS\",\"get_metrics\":{}}");
    assertThat(call.body()).contains("{\"name\":\"master/slaves_active\",\"value\":1.0}");
    assertThat(client.json("/api/v1", "{\"type\":\"GET_METRICS\"}").body())
        .isEqualTo("Failed to validate master::Call: Expecting 'get_metrics' to be present");
  }

  /// Names that are there or not by what has happened before, each with a test of its own.
  private static final List<String> UNLIKE =
      List.of(
          // Ways in which tasks have ended.
          "\\.master/task_[a-z_]+/source_[a-z]+/reason_[a-z_]+",
          // The original tells of the spread of durations from the second one on, this master from
          // the
          // first; its registry is read once.
          "\\.registrar/state_fetch_ms/(count|min|max|p\\d+)",
          // What roles hold: the task here takes no memory.
          "\\.allocator/mesos/quota/roles/[^/]*/resources/mem/consumed");

  /// Names without what is particular to a framework.
  private static Set<String> names(Set<String> all) {
    var result = new TreeSet<String>();
    for (var name : all) {
      result.add(
          name.replaceAll("master/frameworks/[^/]*/[^/]*/", "master/frameworks/F/")
              .replaceAll("(master/frameworks/F/roles/)[^/]*/", "$1R/"));
    }
    return result;
  }

  @Test
  @Covers("MET02")
  void eachFrameworkIsCounted() throws Exception {
    var body = client.get("/metrics/snapshot").body();
    var matcher =
        Pattern.compile("\"(master/frameworks/[^/]*/" + scheduler.frameworkId + "/)calls\"")
            .matcher(body);
    assertThat(matcher.find()).isTrue();
    var prefix = matcher.group(1);
    assertThat(body)
        .contains("\"" + prefix + "calls/accept\":1.0")
        .contains("\"" + prefix + "operations/launch\":1.0")
        .contains("\"" + prefix + "events/update\":1.0")
        .contains("\"" + prefix + "offers/accepted\":1.0")
        .contains("\"" + prefix + "tasks/active/task_running\":1.0")
        .contains("\"" + prefix + "tasks/terminal/task_finished\":0.0")
        .contains("\"" + prefix + "subscribed\":1.0");
    assertThat(Pattern.compile("frameworks/[^/]*/[^/]*/calls\"").matcher(body).results())
        .as("no metrics of frameworks that have ended")
        .hasSize(1);
  }

  @Test
  @Covers("OM19")
  void manyWhoAskTheSameShareTheAnswer() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers = new ArrayList<Future<String>>();
      for (int i = 0; i < 50; i++) {
        answers.add(
            threads.submit(() -> client.json("/api/v1", "{\"type\":\"GET_STATE\"}").body()));
      }
      for (var answer : answers) {
        assertThat(answer.get()).contains("\"get_tasks\"");
      }
    }
    var hits =
        Pattern.compile("master/http_cache_hits\":([0-9.]+)")
            .matcher(client.get("/metrics/snapshot").body());
    assertThat(hits.find()).isTrue();
    assertThat(Double.parseDouble(hits.group(1))).isPositive();
  }

  @Test
  @Covers("OM01")
  void operatorCallsAreCheckedAsTheOriginalDoes() throws Exception {
    var charset = client.post("/api/v1", "{}", "Content-Type", "application/json; charset=utf-8");
    assertThat(charset.statusCode()).isEqualTo(415);
    var empty = client.json("/api/v1", "{}");
    assertThat(empty.statusCode()).isEqualTo(400);
    assertThat(empty.body())
        .isEqualTo("Failed to validate master::Call: Expecting 'type' to be present");
    assertThat(client.json("/api/v1", "{\"type\":\"PRUNE\"}").statusCode()).isEqualTo(400);
    assertThat(client.get("/api/v1").statusCode()).isEqualTo(405);
  }

  @Test
  @Covers({"OM17", "L05"})
  void teardownNeedsAFramework() throws Exception {
    var form = client.post("/teardown", "frameworkId=none");
    assertThat(form.statusCode()).isEqualTo(400);
    assertThat(form.body()).isEqualTo("No framework found with specified ID");
    assertThat(client.post("/teardown", "x=y").body())
        .isEqualTo("Missing 'frameworkId' query parameter in the request body");
  }

  @Test
  @Covers("OM10")
  void theEventStreamBeginsWithTheState() throws Exception {
    var records = client.watch(2);
    var first = records.getFirst();
    var golden = // recorded while nothing ran
        Path.of("../../wire/src/test/resources/golden/wire/event_master_other_SUBSCRIBED_1.json");
    var missing = new TreeSet<>(shapes(Files.readString(golden)).keySet());
    missing.removeAll(shapes(first).keySet());
    missing.removeIf(DocumentsTest::optional);
    assertThat(missing).isEmpty();
    var state = client.json("/api/v1", "{\"type\":\"GET_STATE\"}").body();
    assertThat(first)
        .contains("\"golden\"")
        .contains(state.substring(state.indexOf("\"get_state\""), state.length() - 1))
        .endsWith("\"heartbeat_interval_seconds\":15.0}}");
    assertThat(records.get(1)).isEqualTo("{\"type\":\"HEARTBEAT\"}");
    var event = io.meseta.wire.v1.master.Event.parseFrom(client.watchProtobuf());
    var bytes =
        client.protobuf(
            "/api/v1",
            io.meseta.wire.v1.master.Call.newBuilder()
                .setType(io.meseta.wire.v1.master.Call.Type.GET_STATE)
                .build()
                .toByteArray());
    assertThat(event.getType()).isEqualTo(io.meseta.wire.v1.master.Event.Type.SUBSCRIBED);
    assertThat(event.getSubscribed().getGetState())
        .isEqualTo(Response.parseFrom(bytes.body()).getGetState());
    assertThat(event.getSubscribed().getHeartbeatIntervalSeconds()).isEqualTo(15);
  }

  /// A cluster may be larger than what may wait for a slow reader.
  @Test
  @Covers("OM10")
  void theStateIsSentHoweverLong() throws Exception {
    try (var other = TestMaster.start("--registry=in_memory", "--max_stream_bytes=100");
        var reader = new Client(other.port())) {
      var records = reader.watch(2);
      assertThat(records.getFirst().length()).isGreaterThan(100);
      assertThat(records.get(1)).isEqualTo("{\"type\":\"HEARTBEAT\"}");
    }
  }
}
