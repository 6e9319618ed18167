// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.json.Json;
import io.meseta.wire.v1.master.Call;
import io.meseta.wire.v1.master.Response;
import io.meseta.wire.v1.quota.QuotaStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Scenarios of the original's master_quota_tests that are about endpoints, by their names.
@Covers({"L06", "OM13", "U03"})
@SuppressWarnings("deprecation") // what old clients read
class QuotaEndpointScenariosTest extends EndpointScenario {
  private static final String CPUS_AND_MEM = scalar("cpus", 1, "") + "," + scalar("mem", 512, "");
  private static final String ALLOWED =
      "{\"update_quotas\":[{\"principals\":{\"values\":[\"boss\"]},\"roles\":{\"values\":[\"role1\"]}},"
          + "{\"principals\":{\"type\":\"ANY\"},\"roles\":{\"type\":\"NONE\"}}],"
          + "\"get_quotas\":[{\"principals\":{\"values\":[\"boss\"]},\"roles\":{\"values\":[\"role1\"]}},"
          + "{\"principals\":{\"type\":\"ANY\"},\"roles\":{\"type\":\"NONE\"}}]}";

  private static String scalar(String name, int value, String more) {
    return "{\"name\":\""
        + name
        + "\",\"type\":\"SCALAR\",\"scalar\":{\"value\":"
        + value
        + "}"
        + more
        + "}";
  }

  private static String request(String role, String guarantee, boolean force) {
    return "{\"role\":\"" + role + "\",\"guarantee\":[" + guarantee + "],\"force\":" + force + "}";
  }

  private static String config(String role) {
    return "{\"role\":\""
        + role
        + "\",\"guarantees\":{\"cpus\":{\"value\":1},\"mem\":{\"value\":1024}},"
        + "\"limits\":{\"cpus\":{\"value\":2},\"mem\":{\"value\":2048}}}";
  }

  private static String update(String... configs) {
    return "{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"force\":true,\"quota_configs\":["
        + String.join(",", configs)
        + "]}}";
  }

  private static String shown(String role) {
    return "\"quota\":{\"role\":\""
        + role
        + "\",\"guarantee\":{\"cpus\":1.0,\"mem\":1024.0},\"limit\":{\"cpus\":2.0,\"mem\":2048.0},"
        + "\"consumed\":{}}";
  }

  private QuotaStatus status(String who) throws Exception {
    return Json.parse(
            read(who, "/quota").getBytes(StandardCharsets.UTF_8), QuotaStatus.newBuilder())
        .build();
  }

  private int set(String who, String role) throws Exception {
    return post(who, "/quota", request(role, CPUS_AND_MEM, true));
  }

  private int remove(String who, String role) throws Exception {
    return send(who, "DELETE", "/quota/" + role, "").statusCode();
  }

  // UpdateAndGetQuota
  @Test
  void updateAndGetQuota() throws Exception {
    start("{}");
    assertThat(post(BOSS, "/api/v1", update(config("role1")))).isEqualTo(200);
    assertThat(read(BOSS, "/roles"))
        .isEqualTo(
            "{\"roles\":[{\"name\":\"role1\",\"weight\":1.0,"
                + shown("role1")
                + ",\"resources\":{},\"allocated\":{},\"offered\":{},\"reserved\":{},"
                + "\"frameworks\":[]}]}");
    var expected =
        Json.parse(
                ("{\"infos\":[{\"role\":\"role1\",\"guarantee\":["
                        + scalar("cpus", 1, "")
                        + ","
                        + scalar("mem", 1024, "")
                        + "]}],\"configs\":["
                        + config("role1")
                        + "]}")
                    .getBytes(StandardCharsets.UTF_8),
                QuotaStatus.newBuilder())
            .build();
    var answer = send(BOSS, "POST", "/api/v1", "{\"type\":\"GET_QUOTA\"}");
    var response =
        Json.parse(answer.body().getBytes(StandardCharsets.UTF_8), Response.newBuilder()).build();
    assertThat(response.getType().name()).isEqualTo(Call.Type.GET_QUOTA.name());
    assertThat(response.getGetQuota().getStatus()).isEqualTo(expected);
    assertThat(status(BOSS)).isEqualTo(expected);
  }

  // UpdateQuotaMultipleRoles: all or nothing; `*` is a role like others.
  @Test
  void updateQuotaMultipleRoles() throws Exception {
    start(
        "{\"update_quotas\":[{\"principals\":{\"values\":[\"guest\"]},\"roles\":{\"values\":[\"role1\"]}},"
            + "{\"principals\":{\"values\":[\"guest\"]},\"roles\":{\"type\":\"NONE\"}}]}");
    var both = update(config("role1"), config("*"));
    assertThat(post(GUEST, "/api/v1", both)).isEqualTo(403);
    assertThat(read(BOSS, "/roles")).isEqualTo("{\"roles\":[]}");
    assertThat(post(BOSS, "/api/v1", both)).isEqualTo(200);
    assertThat(read(BOSS, "/roles"))
        .containsSubsequence("{\"name\":\"*\"", shown("*"), "{\"name\":\"role1\"", shown("role1"));
  }

  // SetForNonExistentRole
  @Test
  void setForNonExistentRole() throws Exception {
    start("{}", "--roles=role1,role2");
    assertThat(set(BOSS, "non-existent-role")).isEqualTo(400);
    assertThat(status(BOSS).getInfosCount()).isZero();
  }

  // InvalidSetRequest
  @Test
  void invalidSetRequest() throws Exception {
    start("{}");
    for (var body :
        List.of(
            "{  invalidJson}",
            "{\"resources\":[" + scalar("cpus", 1, "") + "]}",
            "{\"role\":\"some-role\",\"unknownField\":\"unknownValue\"}",
            "{\"resources\":[\" invalidResource\" : 1]}")) {
      assertThat(post(BOSS, "/quota", body)).as(body).isEqualTo(400);
    }
  }

  // SetRequestWithInvalidData
  @Test
  void setRequestWithInvalidData() throws Exception {
    start("{}");
    for (var more :
        List.of(
            "{\"name\":\"ports\",\"type\":\"RANGES\",\"ranges\":{\"range\":[{\"begin\":31000,"
                + "\"end\":31001}]}}",
            scalar("disk", 128, ",\"role\":\"role1\""),
            scalar(
                "disk",
                128,
                ",\"role\":\"role1\",\"disk\":{\"persistence\":{\"id\":\"id1\"},\"volume\":"
                    + "{\"container_path\":\"path1\",\"mode\":\"RW\"}}"),
            scalar("gpus", 1, ",\"revocable\":{}"),
            scalar(
                "disk",
                128,
                ",\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\"role1\",\"principal\":\"boss\"}]"))) {
      var refused = send(BOSS, "POST", "/quota", request("role1", CPUS_AND_MEM + "," + more, true));
      assertThat(refused.statusCode()).as(more).isEqualTo(400);
      assertThat(refused.body()).as(more).startsWith("Failed to validate set quota request");
    }
    var twice =
        send(
            BOSS,
            "POST",
            "/quota",
            request("role1", scalar("cpus", 1, "") + "," + scalar("cpus", 1, ""), true));
    assertThat(twice.statusCode()).isEqualTo(400);
    assertThat(twice.body())
        .isEqualTo(
            "Failed to validate set quota request: QuotaInfo contains duplicate resource name"
                + " 'cpus'");
    assertThat(status(BOSS).getInfosCount()).isZero();
  }

  // SetExistingQuota
  @Test
  void setExistingQuota() throws Exception {
    start("{}");
    assertThat(set(BOSS, "role1")).isEqualTo(200);
    assertThat(set(BOSS, "role1")).isEqualTo(400);
  }

  // RemoveSingleQuota
  @Test
  void removeSingleQuota() throws Exception {
    start("{}", "--roles=role1,role2");
    assertThat(remove(BOSS, "unknown")).isEqualTo(400);
    assertThat(remove(BOSS, "role1")).isEqualTo(400);
    assertThat(set(BOSS, "role1")).isEqualTo(200);
    var metrics = "\"allocator/mesos/quota/roles/role1/resources/cpus/";
    assertThat(read(BOSS, "/metrics/snapshot"))
        .contains(metrics + "guarantee\":1.0", metrics + "limit\":1.0");
    assertThat(remove(BOSS, "role1")).isEqualTo(200);
    assertThat(read(BOSS, "/metrics/snapshot"))
        .doesNotContain(metrics + "guarantee", metrics + "limit");
  }

  // Status
  @Test
  void status() throws Exception {
    start("{}");
    var empty = send(BOSS, "GET", "/quota", "");
    assertThat(empty.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(status(BOSS).getInfosCount()).isZero();
    assertThat(set(BOSS, "role1")).isEqualTo(200);
    var one = status(BOSS);
    assertThat(one.getInfosCount()).isEqualTo(1);
    assertThat(one.getInfos(0).getGuaranteeList())
        .extracting(resource -> resource.getName() + resource.getScalar().getValue())
        .containsExactly("cpus1.0", "mem512.0");
  }

  // NoAuthenticationNoAuthorization
  @Test
  void noAuthenticationNoAuthorization() throws Exception {
    startOpen("{}");
    assertThat(set(NOBODY, "role1")).isEqualTo(200);
    assertThat(status(NOBODY).getInfosCount()).isEqualTo(1);
    assertThat(remove(NOBODY, "role1")).isEqualTo(200);
    assertThat(status(NOBODY).getInfosCount()).isZero();
  }

  // UnauthenticatedQuotaRequest
  @Test
  void unauthenticatedQuotaRequest() throws Exception {
    start("{}");
    assertThat(set(BAD, "role1")).isEqualTo(401);
    assertThat(set(NOBODY, "role1")).isEqualTo(401);
    assertThat(status(BOSS).getInfosCount()).isZero();
  }

  // AuthorizeGetUpdateQuotaRequests
  @Test
  void authorizeGetUpdateQuotaRequests() throws Exception {
    start(ALLOWED);
    assertThat(set(GUEST, "role1")).isEqualTo(403);
    assertThat(set(BOSS, "role1")).isEqualTo(200);
    assertThat(status(GUEST).getInfosCount()).isZero();
    assertThat(status(BOSS).getInfosList())
        .extracting(info -> info.getRole())
        .containsExactly("role1");
    assertThat(remove(GUEST, "role1")).isEqualTo(403);
    assertThat(remove(BOSS, "role1")).isEqualTo(200);
  }

  // AuthorizeGetUpdateQuotaRequestsWithoutPrincipal
  @Test
  void authorizeGetUpdateQuotaRequestsWithoutPrincipal() throws Exception {
    startOpen(
        "{\"get_quotas\":[{\"principals\":{\"type\":\"ANY\"},\"roles\":{\"values\":[\"role1\"]}}],"
            + "\"update_quotas\":[{\"principals\":{\"type\":\"ANY\"},\"roles\":{\"type\":\"ANY\"}}]}");
    assertThat(set(NOBODY, "role1")).isEqualTo(200);
    assertThat(status(NOBODY).getInfosList())
        .extracting(info -> info.getRole())
        .containsExactly("role1");
    assertThat(remove(NOBODY, "role1")).isEqualTo(200);
  }
}
