// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Covers;
import io.meseta.wire.internal.RegisterSlaveMessage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
  @TempDir Path root;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"principal\":\"a\",\"secret\":\"secret of a\"}",
        "{\"credentials\":[{\"principal\":\"a\",\"secret\":\"secret of a\"}]}"
      })
  @Covers("W07")
  void theAgentProvesItselfBeforeItRegisters(String credential) throws Exception {
    var file = Files.writeString(root.resolve("credential"), credential);
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root, "--credential=" + file)) {
      assertThat(master.proven.poll(10, TimeUnit.SECONDS)).isEqualTo("a");
      master.next(RegisterSlaveMessage.class);
      assertThat(master.agent).isEqualTo(agent.self());
    }
  }

  @Test
  @Covers("W07")
  void anAgentThatIsNotBelievedEnds() throws Exception {
    var file = Files.writeString(root.resolve("credential"), "agents wrong\n");
    try (var master = new FakeMaster();
        var agent = Agents.start(master, root, "--credential=" + file)) {
      assertThat(agent.ended().get(20, TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(master.proven).isEmpty();
    }
  }

  @Test
  @Covers("U01")
  void whatCannotWorkIsSaidAtTheStart() throws Exception {
    try (var master = new FakeMaster()) {
      assertThatThrownBy(() -> Agents.start(master, root, "--authenticate_http_readonly=true"))
          .hasMessageContaining("--http_credentials");
      var two = Files.writeString(root.resolve("credential"), "a b\nc d\n");
      assertThatThrownBy(() -> Agents.start(master, root, "--credential=" + two))
          .hasMessageContaining("--credential")
          .hasMessageContaining("expected one principal, not 2");
    }
  }

  @ParameterizedTest
  @Covers("U01")
  @CsvSource({
    "readonly, GET, /state, mesos-agent-readonly",
    "readonly, GET, /slave(1)/flags, mesos-agent-readonly",
    "readonly, GET, /files/debug, mesos-agent-readonly",
    "readonly, GET, /health, ''",
    "readonly, POST, /api/v1, ''",
    "readwrite, POST, /api/v1, mesos-agent-readwrite",
    "readwrite, GET, /logging/toggle, mesos-agent-readwrite",
    "readonly, GET, /logging/toggle, ''",
    "readwrite, GET, /state, ''",
    "readwrite, POST, /api/v1/executor, ''",
  })
  void eachRealmAsksForANameWhenItIsTold(String which, String method, String path, String realm)
      throws Exception {
    var file = Files.writeString(root.resolve("credentials"), "p s\n");
    try (var master = new FakeMaster();
        var agent =
            Agents.start(
                master,
                root,
                "--http_credentials=" + file,
                "--authenticate_http_" + which + "=true");
        var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + path))
              .method(method, HttpRequest.BodyPublishers.noBody());
      var stranger = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (realm.isEmpty()) {
        assertThat(stranger.statusCode()).isNotEqualTo(401);
        return;
      }
      assertThat(stranger.statusCode()).isEqualTo(401);
      assertThat(stranger.headers().firstValue("WWW-Authenticate"))
          .contains("Basic realm=\"" + realm + "\"");
      var name = Base64.getEncoder().encodeToString("p:s".getBytes(StandardCharsets.UTF_8));
      var known =
          http.send(
              request.header("Authorization", "Basic " + name).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(known.statusCode()).isNotEqualTo(401);
    }
  }
}
