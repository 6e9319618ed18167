// SPDX-License-Identifier: Apache-2.0
package io.meseta.marathon.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupsTest extends MarathonTest {
  @BeforeEach
  void start() throws Exception {
    start(new String[0]);
  }

  private static String app(String id, int instances) {
    return "{\"id\":\""
        + id
        + "\",\"cmd\":\"sleep 1\",\"cpus\":0.1,\"instances\":"
        + instances
        + "}";
  }

  @Test
  @Covers({"M-GRP-01", "M-GRP-13", "M-GRP-09"})
  void showsTheTree() {
    run(app("/a/b/c", 1));
    var root = get("/v2/groups").json();
    assertThat(root.get("id").stringValue()).isEqualTo("/");
    assertThat(root.at("/groups/0/id").stringValue()).isEqualTo("/a");
    assertThat(root.at("/groups/0/groups/0/id").stringValue()).isEqualTo("/a/b");
    assertThat(root.at("/groups/0/groups/0/apps/0/id").stringValue()).isEqualTo("/a/b/c");
    for (var name :
        new String[] {"apps", "groups", "pods", "dependencies", "version", "enforceRole"}) {
      assertThat(root.has(name)).as(name).isTrue();
    }
    var bare = get("/v2/groups/a/b?embed=group.groups").json();
    assertThat(bare.get("apps").isEmpty()).isTrue();
    var counts = get("/v2/groups/a/b?embed=group.apps&embed=group.apps.counts").json();
    assertThat(counts.at("/apps/0/tasksRunning").asInt()).isEqualTo(1);
    assertThat(get("/v2/groups/none").status()).isEqualTo(404);
    assertThat(get("/v2/groups/a/b/apps").json().get("*").size()).isEqualTo(1);
  }

  @Test
  @Covers({"M-GRP-02", "M-GRP-03", "M-GRP-04", "M-GRP-11"})
  void createsAndReplaces() {
    var body = "{\"id\":\"/g\",\"apps\":[" + app("x", 1) + "," + app("y", 1) + "]}";
    assertThat(post("/v2/groups", body).status()).isEqualTo(201);
    settled();
    assertThat(post("/v2/groups", body).status()).isEqualTo(409);
    assertThat(post("/v2/groups", "{\"id\":\"/g/x\"}").status()).isEqualTo(409);

    var dry = put("/v2/groups/g?dryRun=true", "{\"apps\":[" + app("x", 2) + "]}").json();
    assertThat(dry.at("/steps/0/actions/0").toString())
        .isEqualTo("{\"action\":\"StopApplication\",\"app\":\"/g/y\"}");
    assertThat(get("/v2/apps/g/y").status()).isEqualTo(200);

    var keeps = put("/v2/groups/g", "{\"dependencies\":[\"/other\"]}");
    assertThat(keeps.status()).isEqualTo(200);
    settled();
    assertThat(get("/v2/groups/g").json().get("apps").size()).isEqualTo(2);
    assertThat(put("/v2/groups/g", "{\"apps\":[" + app("x", 2) + "]}").status()).isEqualTo(200);
    settled();
    assertThat(get("/v2/apps/g/y").status()).isEqualTo(404);
    assertThat(app("/g/x").get("tasksRunning").asInt()).isEqualTo(2);
    assertThat(put("/v2/groups/g", "{\"apps\":[" + app("/foreign/z", 1) + "]}").status())
        .isEqualTo(422);
    assertThat(post("/v2/apps", app("/g", 1)).status()).isEqualTo(422);
    assertThat(post("/v2/apps", app("/g/x/below", 1)).status()).isEqualTo(422);
  }

  @Test
  @Covers({"M-GRP-05", "M-GRP-06", "M-GRP-08", "M-GRP-07"})
  void scalesRollsBackAndDeletes() {
    run(app("/s/a", 3));
    var before = get("/v2/groups/s/versions").json().get(0).stringValue();
    assertThat(put("/v2/groups/s", "{\"scaleBy\":1.5}").status()).isEqualTo(200);
    settled();
    assertThat(app("/s/a").get("tasksRunning").asInt()).isEqualTo(5);
    assertThat(put("/v2/groups/s", "{\"scaleBy\":2,\"apps\":[]}").status()).isEqualTo(422);
    assertThat(put("/v2/groups/s", "{\"version\":\"" + before + "\"}").status()).isEqualTo(200);
    settled();
    assertThat(app("/s/a").get("instances").asInt()).isEqualTo(3);

    run(app("/t/b", 1));
    assertThat(delete("/v2/groups/s").status()).isEqualTo(200);
    settled();
    assertThat(get("/v2/groups/s").status()).isEqualTo(404);
    assertThat(delete("/v2/groups/s").status()).isEqualTo(404);
    assertThat(delete("/v2/groups").status()).isEqualTo(200);
    settled();
    assertThat(get("/v2/apps").json().get("apps").isEmpty()).isTrue();
    assertThat(get("/v2/groups").json().get("groups").isEmpty()).isTrue();
  }

  @Test
  @Covers({"M-GRP-10", "M-SEC-01", "M-SEC-02"})
  void enforcesRoles() {
    run(app("/top/in/a", 0));
    assertThat(send("PATCH", server.port(), "/v2/groups/top", "{\"enforceRole\":true}").status())
        .isEqualTo(200);
    assertThat(send("PATCH", server.port(), "/v2/groups/top/in", "{\"enforceRole\":true}").status())
        .isEqualTo(422);
    assertThat(app("/top/in/a").get("role").stringValue()).isEqualTo("*");
    run(app("/top/in/b", 0));
    assertThat(app("/top/in/b").get("role").stringValue()).isEqualTo("top");
    var wrong = post("/v2/apps", "{\"id\":\"/top/c\",\"cmd\":\"sleep 1\",\"role\":\"else\"}");
    assertThat(wrong.status()).isEqualTo(422);
    assertThat(wrong.text()).contains("/role", "top");
  }
}
