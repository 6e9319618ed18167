// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.meseta.flags.FlagException;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.AuthenticateMessage;
import io.meseta.wire.internal.AuthenticationCompletedMessage;
import io.meseta.wire.internal.AuthenticationErrorMessage;
import io.meseta.wire.internal.AuthenticationFailedMessage;
import io.meseta.wire.internal.AuthenticationMechanismsMessage;
import io.meseta.wire.internal.AuthenticationStartMessage;
import io.meseta.wire.internal.AuthenticationStepMessage;
import io.meseta.wire.internal.FrameworkErrorMessage;
import io.meseta.wire.internal.FrameworkRegisteredMessage;
import io.meseta.wire.internal.RegisterFrameworkMessage;
import io.meseta.wire.v1.FrameworkInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthenticationTest {
  private static final String JSON =
      "{\"credentials\":[{\"principal\":\"p1\",\"secret\":\"s1\"},"
          + "{\"principal\":\"p2\",\"secret\":\"s2\"}]}";

  @TempDir Path folder;

  private MasterServer master(String credentials, String... flags) throws Exception {
    var file = Files.writeString(folder.resolve("credentials"), credentials);
    var all = new ArrayList<>(List.of("--credentials=" + file));
    all.addAll(List.of(flags));
    return TestMaster.start(all);
  }

  static String basic(String userAndSecret) {
    return "Basic "
        + Base64.getEncoder().encodeToString(userAndSecret.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @Covers("U01")
  @CsvSource({
    "--authenticate_http_readonly, GET, /state, mesos-master-readonly",
    "--authenticate_http_readonly, GET, /master/state, mesos-master-readonly",
    "--authenticate_http_readonly, GET, /state/x.js, mesos-master-readonly",
    "--authenticate_http_readonly, GET, /metrics/snapshot, mesos-master-readonly",
    "--authenticate_http_readonly, GET, /flags, mesos-master-readonly",
    "--authenticate_http_readonly, GET, /files/browse, mesos-master-readonly",
    "--authenticate_http_readonly, POST, /api/v1, ''",
    "--authenticate_http_readonly, GET, /health, ''",
    "--authenticate_http_readonly, GET, /, ''",
    "--authenticate_http_readwrite, GET, /logging/toggle, mesos-master-readwrite",
    "--authenticate_http_readonly, GET, /logging/toggle, ''",
    "--authenticate_http_readwrite, GET, /state, ''",
    "--authenticate_http_readwrite, POST, /api/v1, mesos-master-readwrite",
    "--authenticate_http_readwrite, POST, /master/api/v1, mesos-master-readwrite",
    "--authenticate_http, POST, /teardown, mesos-master-readwrite",
    "--authenticate_http_readwrite, POST, /api/v1/scheduler, ''",
    "--authenticate_http_frameworks, POST, /api/v1/scheduler, mesos-master-scheduler",
    "--authenticate_http_frameworks, POST, /api/v1, ''",
  })
  void eachRealmAsksForANameWhenItIsTold(String flag, String method, String path, String realm)
      throws Exception {
    try (var master = master(JSON, flag);
        var client = new Client(master.port())) {
      var answer = method.equals("GET") ? client.get(path) : client.post(path, "");
      if (realm.isEmpty()) {
        assertThat(answer.statusCode()).isNotEqualTo(401);
        return;
      }
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate"))
          .contains("Basic realm=\"" + realm + "\"");
      for (var wrong : List.of("p1:s2", "p3:s1", "p1", "p1:", ":s1")) {
        var again =
            method.equals("GET")
                ? client.get(path, "Authorization", basic(wrong))
                : client.post(path, "", "Authorization", basic(wrong));
        assertThat(again.statusCode()).as(wrong).isEqualTo(401);
      }
      var known =
          method.equals("GET")
              ? client.get(path, "Authorization", basic("p2:s2"))
              : client.post(path, "", "Authorization", basic("p2:s2"));
      assertThat(known.statusCode()).isNotEqualTo(401);
    }
  }

  @Test
  @Covers({"U01", "S04"})
  void aSchedulerIsItsPrincipal() throws Exception {
    try (var master = master("p1 s1\np2  s2\n", "--authenticate_http_frameworks");
        var client = new Client(master.port())) {
      var other =
          client.post(
              "/api/v1/scheduler",
              Client.subscribeCall(Map.of("principal", "\"p2\"")),
              "Content-Type",
              "application/json",
              "Authorization",
              basic("p1:s1"));
      assertThat(other.statusCode()).isEqualTo(400);
      assertThat(other.body())
          .contains(
              "Authenticated principal 'p1' does not match principal 'p2' set in `FrameworkInfo`");
    }
  }

  @Test
  @Covers("U01")
  void whatCannotWorkIsSaidAtTheStart() throws Exception {
    assertThatThrownBy(() -> MasterFlags.parse(List.of("--authenticate_http_readwrite"), Map.of()))
        .isInstanceOf(FlagException.class)
        .hasMessageContaining("--credentials");
    assertThatThrownBy(() -> master("only-a-name")).hasMessageContaining("line 1");
    assertThatThrownBy(() -> master("{\"credentials\":3}"))
        .hasMessageContaining("--credentials")
        .hasMessageContaining("expected {\"credentials\"");
  }

  /// The client's part of the conversation, as far as the master's last answer.
  private static FakeDriver.Got prove(FakeDriver driver, Upid peer, String name, String secret)
      throws Exception {
    driver.send(AuthenticateMessage.newBuilder().setPid(peer.toString()).build());
    var mechanisms = driver.awaitFrom(AuthenticationMechanismsMessage.getDefaultInstance());
    var session = mechanisms.from();
    assertThat(session.id()).matches("crammd5-authenticator-session\\([0-9]+\\)");
    assertThat(AuthenticationMechanismsMessage.parseFrom(mechanisms.body()).getMechanismsList())
        .containsExactly("CRAM-MD5");
    driver.send(
        session,
        AuthenticationStartMessage.newBuilder()
            .setMechanism("CRAM-MD5")
            .setData(ByteString.EMPTY)
            .build());
    var challenge = driver.await(AuthenticationStepMessage.getDefaultInstance()).getData();
    assertThat(challenge.toStringUtf8()).matches("<.+@.+>");
    var mac = Mac.getInstance("HmacMD5");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacMD5"));
    driver.send(
        session,
        AuthenticationStepMessage.newBuilder()
            .setData(
                ByteString.copyFromUtf8(
                    name + " " + HexFormat.of().formatHex(mac.doFinal(challenge.toByteArray()))))
            .build());
    return driver.any();
  }

  private static RegisterFrameworkMessage register(String principal) {
    var info = FrameworkInfo.newBuilder().setUser("u").setName("n");
    if (!principal.isEmpty()) {
      info.setPrincipal(principal);
    }
    return RegisterFrameworkMessage.newBuilder().setFramework(info).build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"p1 s1", JSON})
  @Covers({"W07", "U02"})
  void aDriverProvesWhoItIs(String credentials) throws Exception {
    try (var master = master(credentials, "--authenticate_frameworks");
        var client = new Client(master.port());
        var driver = new FakeDriver("scheduler-1", master.pid())) {
      driver.send(register(""));
      assertThat(driver.await(FrameworkErrorMessage.getDefaultInstance()).getMessage())
          .isEqualTo("Framework at " + driver.pid + " is not authenticated");
      assertThat(prove(driver, driver.pid, "p1", "wrong").name())
          .isEqualTo(AuthenticationFailedMessage.getDescriptor().getFullName());
      assertThat(prove(driver, driver.pid, "nobody", "s1").name())
          .isEqualTo(AuthenticationFailedMessage.getDescriptor().getFullName());
      assertThat(prove(driver, driver.pid, "p1", "s1").name())
          .isEqualTo(AuthenticationCompletedMessage.getDescriptor().getFullName());
      driver.send(register("other"));
      assertThat(driver.await(FrameworkErrorMessage.getDefaultInstance()).getMessage())
          .isEqualTo("Framework principal 'other' does not match authenticated principal 'p1'");
      driver.send(register(""));
      driver.await(FrameworkRegisteredMessage.getDefaultInstance());
      assertThat(client.get("/frameworks").body()).contains("\"principal\":\"p1\"");
    }
  }

  @Test
  @Covers("W07")
  void anAgentMustProveItselfAndIsSilentlyIgnoredElse() throws Exception {
    try (var master = master(JSON, "--authenticate_slaves");
        var client = new Client(master.port());
        var stranger = new FakeDriver("slave(1)", master.pid());
        var session = new FakeDriver("crammd5-authenticatee(1)", master.pid());
        var agent = new FakeAgent()) {
      stranger.send(
          io.meseta.wire.internal.RegisterSlaveMessage.newBuilder()
              .setSlave(FakeAgent.info(stranger.pid.port()))
              .setVersion("1.12.0")
              .build());
      prove(session, agent.pid, "p2", "s2");
      agent.register(Upid.parse(master.pid()).orElseThrow());
      assertThat(client.get("/slaves").body())
          .contains(agent.id.getValue())
          .contains("\"port\":" + agent.pid.port())
          .doesNotContain("\"port\":" + stranger.pid.port());
    }
  }

  @Test
  @Covers("W07")
  void nonsenseInTheConversationEndsIt() throws Exception {
    try (var master = master(JSON, "--authenticate_frameworks");
        var driver = new FakeDriver("scheduler-1", master.pid())) {
      driver.send(AuthenticateMessage.newBuilder().setPid(driver.pid.toString()).build());
      var session = driver.awaitFrom(AuthenticationMechanismsMessage.getDefaultInstance()).from();
      driver.send(session, AuthenticationStartMessage.newBuilder().setMechanism("PLAIN").build());
      assertThat(driver.await(AuthenticationErrorMessage.getDefaultInstance()).getError())
          .contains("PLAIN");
      driver.send(register(""));
      assertThat(driver.await(FrameworkErrorMessage.getDefaultInstance()).getMessage())
          .contains("is not authenticated");
    }
    try (var master = TestMaster.start();
        var driver = new FakeDriver("scheduler-1", master.pid())) {
      driver.send(AuthenticateMessage.newBuilder().setPid(driver.pid.toString()).build());
      assertThat(driver.await(AuthenticationErrorMessage.getDefaultInstance()).getError())
          .isEqualTo("No authenticator loaded");
    }
  }

  /// A file that was not written yet would shut everybody out.
  @ParameterizedTest
  @Covers("U01")
  @ValueSource(strings = {"", "\n", "{\"credentials\":[]}"})
  void credentialsNameSomebody(String content) throws Exception {
    var file = Files.writeString(folder.resolve("nobody"), content);
    assertThatThrownBy(() -> TestMaster.start("--credentials=" + file))
        .hasMessage("--credentials: " + file + ": expected at least one principal and its secret");
  }
}
