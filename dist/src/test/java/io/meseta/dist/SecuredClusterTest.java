// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.agent.server.AgentFlags;
import io.meseta.agent.server.AgentMain;
import io.meseta.agent.server.AgentServer;
import io.meseta.flags.Flags;
import io.meseta.marathon.server.MarathonFlags;
import io.meseta.marathon.server.MarathonServer;
import io.meseta.master.server.MasterFlags;
import io.meseta.master.server.MasterServer;
import io.meseta.testkit.Covers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A master that asks everybody who they are, with an agent and a Marathon that say it.
class SecuredClusterTest {
  @TempDir Path folder;

  @Test
  @Covers({"W07", "U01", "U02", "M-SEC-03"})
  void agentsAndMarathonProveThemselves() throws Exception {
    var all = Files.writeString(folder.resolve("all"), "operator o\nagent a\nmarathon m\n");
    var agents = Files.writeString(folder.resolve("agent"), "agent a\n");
    var secret = Files.writeString(folder.resolve("secret"), "m\n");
    try (var master =
            MasterServer.start(
                MasterFlags.parse(
                    List.of(
                        "--ip=127.0.0.1",
                        "--port=0",
                        "--credentials=" + all,
                        "--authenticate_http_readonly",
                        "--authenticate_http_readwrite",
                        "--authenticate_http_frameworks",
                        "--authenticate_agents",
                        "--authenticate_frameworks"),
                    Map.of()));
        var agent =
            AgentServer.start(
                Flags.parse(
                    AgentFlags.class,
                    AgentMain.STYLE,
                    List.of(
                        "--master=127.0.0.1:" + master.port(),
                        "--ip=127.0.0.1",
                        "--port=0",
                        "--work_dir=" + folder.resolve("work"),
                        "--runtime_dir=" + folder.resolve("run"),
                        "--fetcher_cache_dir=" + folder.resolve("fetch"),
                        "--registration_backoff_factor=50ms",
                        "--credential=" + agents),
                    Map.of()));
        var marathon =
            MarathonServer.start(
                MarathonFlags.parse(
                    List.of(
                        "--master",
                        "127.0.0.1:" + master.port(),
                        "--internal_store_backend",
                        "mem",
                        "--http_address",
                        "127.0.0.1",
                        "--http_port",
                        "0",
                        "--mesos_authentication",
                        "--mesos_authentication_principal",
                        "marathon",
                        "--mesos_authentication_secret_file",
                        secret.toString()),
                    Map.of()));
        var http = HttpClient.newHttpClient()) {
      var name = Base64.getEncoder().encodeToString("operator:o".getBytes(StandardCharsets.UTF_8));
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + "/state"));
      assertThat(http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(401);
      request.header("Authorization", "Basic " + name);
      long end = System.nanoTime() + 30_000_000_000L;
      var state = "";
      while (System.nanoTime() < end
          && !(state.contains("\"principal\":\"marathon\"")
              && state.contains("\"activated_slaves\":1"))) {
        state = http.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
        Thread.onSpinWait();
      }
      assertThat(state)
          .contains("\"principal\":\"marathon\"")
          .contains("\"pid\":\"" + agent.self() + "\"");
      assertThat(marathon.ended()).isNotDone();
    }
  }
}
