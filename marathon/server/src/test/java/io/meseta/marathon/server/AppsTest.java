// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class AppsTest extends MarathonTest {
  @BeforeEach
  void start() throws Exception {
    start(new String[0]);
  }

  private static java.util.List<String> names(JsonNode object) {
    return new ArrayList<>(object.propertyNames());
  }

  @Test
  @Covers("M-APP-05")
  void refusesOtherContentTypes() {
    var body = "{\"id\":\"web\",\"cmd\":\"sleep 100\"}";
    for (var type : new String[] {"text/plain", "application/x-www-form-urlencoded"}) {
      var refused = send("POST", server.port(), "/v2/apps", body, "Content-Type", type);
      assertThat(refused.status()).as(type).isEqualTo(415);
      assertThat(refused.json().get("message").stringValue()).isEqualTo("Unsupported Media Type");
      assertThat(refused.text()).contains("Content-Type: " + type, "application/json");
    }
    assertThat(
            send(
                    "POST",
                    server.port(),
                    "/v2/apps",
                    body,
                    "Content-Type",
                    "application/json;charset=UTF-8")
                .status())
        .isEqualTo(201);
  }

  @Test
  void unknownPathsAreJsonForEveryMethod() {
    for (var method : new String[] {"GET", "PUT", "POST", "DELETE", "PATCH"}) {
      var unknown = send(method, server.port(), "/v2/nothing", "");
      assertThat(unknown.status()).as(method).isEqualTo(404);
      assertThat(unknown.json().get("message").stringValue()).isEqualTo("URI not found");
    }
  }

  @Test
  void refusesWhatNoProcessCanBeGiven() {
    for (var part :
        new String[] {
          "\"cmd\":\"sleep \\u0000 1\"",
          "\"args\":[\"a\",\"\\u0000\"]",
          "\"cmd\":\"sleep 1\",\"env\":{\"\":\"x\"}",
          "\"cmd\":\"sleep 1\",\"env\":{\"A=B\":\"x\"}",
          "\"cmd\":\"sleep 1\",\"env\":{\"A\":\"\\u0000\"}",
          "\"cmd\":\"sleep 1\",\"instances\":2147483647",
          "\"cmd\":\"sleep 1\",\"instances\":99999999999",
          "\"cmd\":\"sleep 1\",\"healthChecks\":[{\"protocol\":\"TCP\",\"intervalSeconds\":0}]"
        }) {
      var refused = post("/v2/apps", "{\"id\":\"web\"," + part + "}");
      assertThat(refused.status()).as(part + " " + refused.text()).isEqualTo(422);
    }
  }

  @Test
  @Covers("M-STO-03")
  void refusesWhatTheStoreCannotHold() {
    var large =
        "{\"id\":\"web\",\"cmd\":\"sleep 1\",\"labels\":{\"l\":\"" + "x".repeat(900_000) + "\"}}";
    var refused = post("/v2/apps", large);
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.text()).contains("/web takes 900", "expected: at most 800000");
    assertThat(get("/v2/apps/web").status()).isEqualTo(404);
    assertThat(post("/v2/apps", large.replace("x".repeat(200_000), "")).status()).isEqualTo(201);
  }

  @Test
  @Covers({
    "M-APP-05",
    "M-AD-03",
    "M-AD-12",
    "M-AD-13",
    "M-AD-15",
    "M-AD-18",
    "M-AD-19",
    "M-AD-20",
    "M-JSN-01",
    "M-JSN-02",
    "M-JSN-03",
    "M-JSN-04",
    "M-ERR-10",
    "M-ERR-11",
    "M-ERR-12"
  })
  void createsWithDefaults() {
    var created = post("/v2/apps", "{\"id\":\"web\",\"cmd\":\"sleep 100\",\"foo\":1}");
    assertThat(created.status()).isEqualTo(201);
    assertThat(created.header("Location")).endsWith("/v2/apps/web");
    var app = created.json();
    assertThat(names(app))
        .doesNotContain("foo", "versionInfo", "args", "env", "fetch", "constraints");
    assertThat(app.get("deployments").get(0).get("id").stringValue())
        .isEqualTo(created.header("Marathon-Deployment-Id"));
    assertThat(app.get("tasksRunning").asInt()).isZero();
    assertThat(app.get("version").stringValue())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");

    var got = app("/web");
    assertThat(names(got))
        .contains(
            "id",
            "backoffFactor",
            "backoffSeconds",
            "cpus",
            "disk",
            "executor",
            "gpus",
            "instances",
            "killSelection",
            "labels",
            "maxLaunchDelaySeconds",
            "mem",
            "networks",
            "portDefinitions",
            "requirePorts",
            "role",
            "unreachableStrategy",
            "upgradeStrategy",
            "version",
            "versionInfo")
        .doesNotContain("container", "healthChecks", "secrets", "dependencies");
    assertThat(got.toString())
        .contains(
            "\"cpus\":1,",
            "\"mem\":128,",
            "\"backoffFactor\":1.15",
            "\"maxLaunchDelaySeconds\":300",
            "\"networks\":[{\"mode\":\"host\"}]",
            "\"upgradeStrategy\":{\"minimumHealthCapacity\":1,\"maximumOverCapacity\":1}",
            "\"unreachableStrategy\":{\"inactiveAfterSeconds\":0,\"expungeAfterSeconds\":0}",
            "\"role\":\"*\"");
    assertThat(got.at("/portDefinitions/0/name").stringValue()).isEqualTo("default");
    assertThat(got.at("/portDefinitions/0/port").asInt()).isBetween(10_000, 20_000);
  }

  @Test
  @Covers({
    "M-ERR-01",
    "M-ERR-02",
    "M-ERR-03",
    "M-ERR-04",
    "M-ERR-05",
    "M-ERR-06",
    "M-AD-01",
    "M-AD-02",
    "M-AD-26",
    "M-AD-21",
    "M-NET-06"
  })
  void refusesWhatIsWrongAndSaysWhere() {
    var broken = post("/v2/apps", "{");
    assertThat(broken.status()).isEqualTo(400);
    assertThat(broken.json().get("message").stringValue()).isEqualTo("Invalid JSON");
    assertThat(broken.json().get("details").stringValue())
        .isEqualTo("the text ends before an object is closed (line 1, column 2)");
    for (var wrong : new String[] {"{\"cpus\": NaN}", "{} {}", "{\"a\":1,}", "[1"}) {
      var answer = post("/v2/apps", wrong);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.json().get("details").stringValue())
          .contains("(line 1, column ")
          .doesNotContain("`", "Feature", "Source", "token");
    }
    assertThat(post("/v2/apps", "").status()).isEqualTo(400);

    refused("{\"id\":1}", "Invalid JSON", "/id", "error.expected.jsstring");
    refused("{}", "Invalid JSON", "/id", "error.path.missing");
    refused("{\"id\":\"A_b\",\"cmd\":\"ls\"}", "Invalid JSON", "/id", "error.pattern");
    refused(
        "{\"id\":\"a\",\"cmd\":\"ls\",\"instances\":-1}",
        "Invalid JSON",
        "/instances",
        "error.min");
    refused(
        "{\"id\":\"a\",\"cmd\":\"ls\",\"killSelection\":\"X\"}",
        "Invalid JSON",
        "/killSelection",
        "error.unknown.enum.literal");
    refused(
        "{\"id\":\"a\",\"cmd\":\"ls\",\"upgradeStrategy\":{\"minimumHealthCapacity\":2,"
            + "\"maximumOverCapacity\":1}}",
        "Object is not valid",
        "/upgradeStrategy/minimumHealthCapacity",
        "got 2.0");
    refused("{\"id\":\"a\",\"cmd\":\"x\"}", "Object is not valid", "/cmd", "empty");
    refused("{\"id\":\"a\"}", "Object is not valid", "/", "cmd");
    refused("{\"id\":\"a\",\"cmd\":\"ls\",\"args\":[\"x\"]}", "Object is not valid", "/", "args");
    refused("{\"id\":\"a/restart\",\"cmd\":\"ls\"}", "Object is not valid", "/id", "restart");
    refused(
        "{\"id\":\"a\",\"cmd\":\"ls\",\"healthChecks\":[{\"portIndex\":3}]}",
        "Object is not valid",
        "/healthChecks(0)/portIndex",
        "port indices");
    refused(
        "{\"id\":\"a\",\"cmd\":\"ls\",\"constraints\":[[\"hostname\",\"NEAR\"]]}",
        "Object is not valid",
        "/constraints(0)",
        "UNIQUE");
    refused(
        "{\"id\":\"a\",\"cmd\":\"ls\",\"instances\":2,"
            + "\"labels\":{\"MARATHON_SINGLE_INSTANCE_APP\":\"true\"}}",
        "Object is not valid",
        "/instances",
        "Single instance");
    refused(
        "{\"id\":\"a\",\"cmd\":\"ls\",\"env\":{\"X\":{\"secret\":\"s\"}}}",
        "Object is not valid",
        "/env",
        "secrets");
    refused(
        "{\"id\":\"a\",\"cmd\":\"ls\",\"networks\":[{\"mode\":\"host\"},{\"mode\":\"container/bridge\"}]}",
        "Object is not valid",
        "/networks",
        "single host network");
    refused("{\"id\":\"a\",\"cmd\":\"ls\",\"role\":\"x\"}", "Object is not valid", "/role", "x");

    assertThat(get("/v2/apps/none").json().get("message").stringValue())
        .isEqualTo("App '/none' does not exist");
    run("{\"id\":\"twice\",\"cmd\":\"sleep 1\"}");
    refused(
        "{\"id\":\"twice/more\",\"cmd\":\"ls\"}",
        "Object is not valid",
        "/id",
        "/twice is an application, so /twice/more cannot be below it");
    run("{\"id\":\"g/h/a\",\"cmd\":\"sleep 1\"}");
    refused(
        "{\"id\":\"g/h\",\"cmd\":\"ls\"}", "Object is not valid", "/id", "there is a group /g/h");
    var again = post("/v2/apps", "{\"id\":\"twice\",\"cmd\":\"sleep 1\"}");
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.json().get("message").stringValue())
        .isEqualTo("An app with id [/twice] already exists.");
  }

  private void refused(String app, String message, String path, String error) {
    var answer = post("/v2/apps", app);
    assertThat(answer.status()).as(app).isEqualTo(422);
    assertThat(answer.json().get("message").stringValue()).isEqualTo(message);
    boolean found = false;
    for (var detail : answer.json().get("details")) {
      found |=
          detail.get("path").stringValue().equals(path)
              && detail.get("errors").toString().contains(error);
    }
    assertThat(found).as(answer.text()).isTrue();
  }

  @Test
  @Covers({"M-APP-01", "M-APP-02", "M-APP-03", "M-APP-06", "M-APP-07", "M-ERR-08", "M-HTTP-13"})
  void listsAndFilters() {
    run("{\"id\":\"/g/a\",\"cmd\":\"sleep 1\",\"labels\":{\"tier\":\"front\",\"x\":\"1\"}}");
    run("{\"id\":\"/g/h/b\",\"cmd\":\"run it\",\"labels\":{\"tier\":\"back\"}}");
    run("{\"id\":\"/c\",\"cmd\":\"run that\"}");
    assertThat(ids(get("/v2/apps"))).containsExactly("/c", "/g/a", "/g/h/b");
    assertThat(get("/v2/apps").json().at("/apps/0/tasksRunning").asInt()).isEqualTo(1);
    assertThat(get("/v2/apps").json().at("/apps/0/deployments").isArray()).isTrue();
    assertThat(ids(get("/v2/apps?cmd=SLEEP"))).containsExactly("/g/a");
    assertThat(ids(get("/v2/apps?cmd=run&id=C"))).containsExactly("/c");
    assertThat(ids(get("/v2/apps?label=tier"))).containsExactly("/g/a", "/g/h/b");
    assertThat(ids(get("/v2/apps?label=tier==front,x"))).containsExactly("/g/a");
    assertThat(ids(get("/v2/apps?label=tier!=front"))).containsExactly("/g/h/b");
    assertThat(ids(get("/v2/apps?label=tier%20in%20(back,none)"))).containsExactly("/g/h/b");
    assertThat(ids(get("/v2/apps?label=tier%20notin%20(back)"))).containsExactly("/g/a");
    assertThat(get("/v2/apps?label=a%20in").status()).isEqualTo(422);
    var below = get("/v2/apps/g/*").json().get("*");
    assertThat(below.size()).isEqualTo(2);
    assertThat(get("/v2/apps//g/a/").json()).isEqualTo(get("/v2/apps/g/a").json());
    assertThat(get("/v2/apps/g/a").json().at("/app/tasks").size()).isEqualTo(1);
  }

  private static java.util.List<String> ids(Reply reply) {
    var ids = new ArrayList<String>();
    reply.json().get("apps").forEach(app -> ids.add(app.get("id").stringValue()));
    return ids;
  }

  @Test
  @Covers({"M-APP-08", "M-APP-09", "M-APP-11", "M-APP-12", "M-APP-24", "M-AD-25", "M-SEM-02"})
  void updates() {
    var made = put("/v2/apps/new", "{\"cmd\":\"sleep 9\",\"id\":\"/other\"}");
    assertThat(made.status()).isEqualTo(201);
    settled();
    assertThat(put("/v2/apps/new", "{\"env\":{\"A\":\"1\"}}").status()).isEqualTo(200);
    settled();
    assertThat(app("/new").at("/env/A").stringValue()).isEqualTo("1");
    assertThat(app("/new").get("cmd").stringValue()).isEqualTo("sleep 9");

    var before = taskIds("/new");
    var config = app("/new").at("/versionInfo/lastConfigChangeAt").stringValue();
    put("/v2/apps/new", "{\"instances\":2}");
    settled();
    assertThat(taskIds("/new")).hasSize(2).containsAll(before);
    assertThat(app("/new").at("/versionInfo/lastConfigChangeAt").stringValue()).isEqualTo(config);
    assertThat(app("/new").at("/versionInfo/lastScalingAt").stringValue()).isGreaterThan(config);

    var tasks = taskIds("/new");
    assertThat(put("/v2/apps/new", "{\"instances\":2}").json().has("deploymentId")).isTrue();
    settled();
    assertThat(taskIds("/new")).isEqualTo(tasks);

    put("/v2/apps/new?partialUpdate=false", "{\"cmd\":\"sleep 9\",\"instances\":2}");
    settled();
    assertThat(app("/new").has("env")).isFalse();
    assertThat(taskIds("/new")).hasSize(2).doesNotContainAnyElementsOf(tasks);

    assertThat(send("PATCH", server.port(), "/v2/apps/none", "{\"cmd\":\"ls\"}").status())
        .isEqualTo(404);
    var both =
        put(
            "/v2/apps",
            "[{\"id\":\"/p\",\"cmd\":\"sleep 1\"},{\"id\":\"/q\",\"cmd\":\"sleep 2\"}]");
    assertThat(both.status()).isEqualTo(200);
    assertThat(both.json().get("deploymentId").isString()).isTrue();
    settled();
    assertThat(app("/p").get("tasksRunning").asInt()).isEqualTo(1);
    assertThat(app("/q").get("tasksRunning").asInt()).isEqualTo(1);
  }

  @Test
  @Covers({"M-APP-10", "M-APP-19", "M-ERR-08"})
  void keepsVersionsAndRollsBack() {
    run("{\"id\":\"v\",\"cmd\":\"sleep 1\"}");
    for (int i = 2; i <= 4; i++) {
      put("/v2/apps/v", "{\"cmd\":\"sleep " + i + "\"}");
      settled();
    }
    var versions = get("/v2/apps/v/versions").json().get("versions");
    assertThat(versions.size()).isEqualTo(4);
    assertThat(versions.get(0).stringValue()).isGreaterThan(versions.get(1).stringValue());
    var first = versions.get(3).stringValue();
    assertThat(get("/v2/apps/v/versions/" + first).json().get("cmd").stringValue())
        .isEqualTo("sleep 1");
    assertThat(
            get("/v2/apps/v/versions/" + first.replace("Z", "+00:00").replace("+", "%2B")).status())
        .isEqualTo(200);
    assertThat(get("/v2/apps/v/versions/foo").status()).isEqualTo(422);
    assertThat(get("/v2/apps/v/versions/2001-01-01T00:00:00.000Z").status()).isEqualTo(404);

    assertThat(put("/v2/apps/v", "{\"version\":\"" + first + "\",\"cmd\":\"ls\"}").status())
        .isEqualTo(422);
    assertThat(put("/v2/apps/v", "{\"version\":\"" + first + "\"}").status()).isEqualTo(200);
    settled();
    assertThat(app("/v").get("cmd").stringValue()).isEqualTo("sleep 1");
    assertThat(get("/v2/apps/v/versions").json().get("versions").size()).isEqualTo(5);
  }

  @Test
  @Covers("M-APP-20")
  void forgetsOldVersions() {
    run("{\"id\":\"v\",\"cmd\":\"sleep 1\",\"instances\":0}");
    for (int i = 0; i < 55; i++) {
      assertThat(put("/v2/apps/v?force=true", "{\"cmd\":\"sleep " + i + "\"}").status())
          .isEqualTo(200);
    }
    assertThat(get("/v2/apps/v/versions").json().get("versions").size()).isEqualTo(50);
  }

  @Test
  @Covers({"M-APP-13", "M-APP-14", "M-SEM-09"})
  void restartsAndDeletes() {
    run("{\"id\":\"r\",\"cmd\":\"sleep 1\",\"instances\":2}");
    var before = taskIds("/r");
    var restart = post("/v2/apps/r/restart", "");
    assertThat(restart.status()).isEqualTo(200);
    assertThat(restart.json().has("version")).isTrue();
    settled();
    assertThat(taskIds("/r")).hasSize(2).doesNotContainAnyElementsOf(before);
    assertThat(post("/v2/apps/none/restart", "").status()).isEqualTo(404);

    assertThat(delete("/v2/apps/r").status()).isEqualTo(200);
    settled();
    assertThat(get("/v2/apps/r").status()).isEqualTo(404);
    assertThat(cluster.tasks()).isEmpty();
    assertThat(delete("/v2/apps/r").status()).isEqualTo(404);
  }

  @Test
  @Covers({"M-APP-04", "M-APP-22"})
  void embedsWhatIsAskedFor() {
    run("{\"id\":\"e\",\"cmd\":\"sleep 1\"}");
    assertThat(get("/v2/apps").json().at("/apps/0").has("tasks")).isFalse();
    var full = get("/v2/apps?embed=apps.tasks&embed=apps.taskStats&embed=nonsense").json();
    assertThat(full.at("/apps/0/tasks").size()).isEqualTo(1);
    assertThat(full.at("/apps/0/tasksStats/totalSummary/stats/counts/running").asInt())
        .isEqualTo(1);
    assertThat(full.at("/apps/0/tasksStats/withLatestConfig/stats/lifeTime").has("medianSeconds"))
        .isTrue();
    assertThat(full.at("/apps/0/tasksStats").has("withOutdatedConfig")).isFalse();
    assertThat(full.at("/apps/0/taskStats")).isEqualTo(full.at("/apps/0/tasksStats"));
  }

  @Test
  @Covers({"M-AD-06", "M-AD-07", "M-AD-08", "M-JSN-05", "M-NET-04"})
  void translatesLegacyFields() {
    post(
        "/v2/apps",
        "{\"id\":\"l\",\"instances\":0,\"uris\":[\"http://f/a.tgz\",\"http://f/b.bin\"],"
            + "\"container\":{\"type\":\"DOCKER\",\"docker\":{\"image\":\"nginx\",\"network\":\"BRIDGE\","
            + "\"portMappings\":[{\"containerPort\":80}]}}}");
    var app = app("/l");
    assertThat(app.has("uris")).isFalse();
    assertThat(app.at("/fetch/0/extract").asBoolean()).isTrue();
    assertThat(app.at("/fetch/1/extract").asBoolean()).isFalse();
    assertThat(app.at("/networks/0/mode").stringValue()).isEqualTo("container/bridge");
    assertThat(app.at("/container/docker").has("network")).isFalse();
    assertThat(app.at("/container/docker").has("portMappings")).isFalse();
    assertThat(app.at("/container/portMappings/0/containerPort").asInt()).isEqualTo(80);
    assertThat(app.at("/container/portMappings/0/hostPort").asInt()).isZero();
    assertThat(app.at("/container/portMappings/0/servicePort").asInt()).isBetween(10_000, 20_000);
    assertThat(app.has("portDefinitions")).isFalse();

    post("/v2/apps", "{\"id\":\"p\",\"instances\":0,\"cmd\":\"ls\",\"ports\":[0,10123]}");
    assertThat(app("/p").at("/portDefinitions/1/port").asInt()).isEqualTo(10123);
    assertThat(app("/p").has("ports")).isFalse();
    var both =
        post(
            "/v2/apps",
            "{\"id\":\"b\",\"cmd\":\"ls\",\"uris\":[\"x\"],\"fetch\":[{\"uri\":\"y\"}]}");
    assertThat(both.status()).isEqualTo(422);
  }

  @Test
  @Covers("M-NET-03")
  void servicePortsStayAndAreUnique() {
    post(
        "/v2/apps",
        "{\"id\":\"s\",\"instances\":0,\"cmd\":\"ls -l\",\"portDefinitions\":[{\"port\":0}]}");
    post(
        "/v2/apps",
        "{\"id\":\"t\",\"instances\":0,\"cmd\":\"ls -l\",\"portDefinitions\":[{\"port\":0},{\"port\":0}]}");
    int port = app("/s").at("/portDefinitions/0/port").asInt();
    put(
        "/v2/apps/s?partialUpdate=false",
        "{\"cmd\":\"ls -a\",\"instances\":0,\"portDefinitions\":[{\"port\":0}]}");
    assertThat(app("/s").at("/portDefinitions/0/port").asInt()).isEqualTo(port);
    assertThat(
            java.util.Set.of(
                port,
                app("/t").at("/portDefinitions/0/port").asInt(),
                app("/t").at("/portDefinitions/1/port").asInt()))
        .hasSize(3);
  }
}
