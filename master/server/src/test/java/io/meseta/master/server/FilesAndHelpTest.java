// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesAndHelpTest {
  @TempDir Path dir;
  private final HttpClient http = HttpClient.newHttpClient();
  private MasterServer master;

  @BeforeEach
  void start() throws Exception {
    Files.writeString(dir.resolve("mesos-master.INFO"), "first line\nsecond line\n");
    master = TestMaster.start("--log_dir=" + dir);
  }

  @AfterEach
  void stop() {
    master.close();
    http.close();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  @Covers("L09")
  void theLogIsShownUnderAVirtualPath() throws Exception {
    assertThat(get("/files/debug").body())
        .isEqualTo("{\"/master/log\":\"" + dir.resolve("mesos-master.INFO") + "\"}");
    assertThat(get("/files/read?path=/master/log&offset=6&length=4").body())
        .isEqualTo("{\"data\":\"line\",\"offset\":6}");
    assertThat(get("/files/read.json?path=/master/log&offset=-1").body())
        .isEqualTo("{\"data\":\"\",\"offset\":23}");
    assertThat(get("/master/files/read?path=/master/log&jsonp=f").body()).startsWith("f({\"data\"");
    var download = get("/files/download?path=/master/log");
    assertThat(download.body()).isEqualTo("first line\nsecond line\n");
    assertThat(download.headers().firstValue("content-disposition").orElse(""))
        .contains("mesos-master.INFO");
    assertThat(get("/files/browse?path=/master/log").body()).isEqualTo("[]");
    assertThat(get("/files/read?path=/etc/passwd").statusCode()).isEqualTo(404);
    assertThat(get("/files/read?path=/master/log/../../etc/passwd").statusCode()).isNotEqualTo(200);
    assertThat(get("/files/read").body()).isEqualTo("Expecting 'path=value' in query.\n");
    assertThat(get("/files/read?path=/master/log&offset=x").statusCode()).isEqualTo(400);
  }

  @Test
  @Covers("L10")
  void aTimeoutMustBeADuration() throws Exception {
    var wrong = get("/metrics/snapshot?timeout=abc");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).startsWith("Invalid timeout 'abc': expected a duration such as");
    assertThat(get("/metrics/snapshot?timeout=5secs").statusCode()).isEqualTo(200);
  }

  @Test
  @Covers("L01")
  void everyEndpointHasHelp() throws Exception {
    var page = get("/help", "Accept", "text/html,*/*");
    assertThat(page.headers().firstValue("content-type").orElse("")).startsWith("text/html");
    assertThat(page.body())
        .contains(
            "<!doctype html>", "href=\"/help/master/state\"", "/files/browse", "/api/v1/scheduler")
        .doesNotContain("mesos.internal", "</dt><dd></dd>");
    assertThat(get("/help").body()).contains("- `GET /state`: Everything");
    assertThat(get("/help/metrics/snapshot").body())
        .contains("GET /metrics/snapshot")
        .doesNotContain("/state");
    assertThat(get("/help?format=json").body())
        .contains(
            "{\"id\":\"files\",\"endpoints\":[{\"name\":\"/browse\",\"text\":\"### USAGE ###");
    assertThat(get("/help/nosuch").statusCode()).isEqualTo(400);
    assertThat(get("/help/nosuch").body()).isEqualTo("No help available for '/nosuch'.\n");
    assertThat(get("/help/master/nosuch").body())
        .isEqualTo("No help available for '/master/nosuch'.\n");
  }

  @Test
  @Covers("L09")
  void whatCannotBeANameOrATypeIsRefused() throws Exception {
    assertThat(get("/files/read?path=/master/log/%00&offset=0").statusCode()).isEqualTo(404);
    assertThat(get("/files/browse?path=/master/log/%00").statusCode()).isEqualTo(404);
    try (var client = new Client(master.port())) {
      var health = "{\"type\":\"GET_HEALTH\"}";
      var json = "application/json";
      assertThat(client.post("/api/v1", health, "Content-Type", json, "Accept", ";").statusCode())
          .isEqualTo(406);
      assertThat(
              client
                  .post(
                      "/api/v1",
                      health,
                      "Content-Type",
                      json,
                      "Accept",
                      "text/html",
                      "Accept",
                      json)
                  .statusCode())
          .isEqualTo(200);
    }
  }
}
