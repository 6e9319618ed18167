// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.wire.Upid;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// What scenarios about endpoints have in common: a master that asks for names, two who have one
/// and one who has not.
abstract class EndpointScenario {
  static final String BOSS = AuthenticationTest.basic("boss:b");
  static final String GUEST = AuthenticationTest.basic("guest:g");
  static final String BAD = AuthenticationTest.basic("badPrincipal:badSecret");
  static final String NOBODY = "";
  private static final String FORM = "application/x-www-form-urlencoded";

  @TempDir Path folder;
  MasterServer master;
  Client client;
  private final List<FakeAgent> agents = new ArrayList<>();

  /// With names asked of everybody, as the original's tests have it by default.
  void start(String acls, String... more) throws Exception {
    var credentials = Files.writeString(folder.resolve("credentials"), "boss b\nguest g\n");
    var flags =
        new ArrayList<>(
            List.of(
                "--credentials=" + credentials,
                "--authenticate_http_readonly",
                "--authenticate_http_readwrite"));
    flags.addAll(List.of(more));
    startOpen(acls, flags.toArray(new String[0]));
  }

  /// Nobody is asked for a name.
  void startOpen(String acls, String... more) throws Exception {
    var rules = Files.writeString(folder.resolve("acls"), acls);
    var flags = new ArrayList<>(List.of("--acls=" + rules));
    flags.addAll(List.of(more));
    master = TestMaster.start(flags);
    client = new Client(master.port());
  }

  @AfterEach
  void stop() {
    agents.forEach(FakeAgent::close);
    client.close();
    master.close();
  }

  FakeAgent agent() throws Exception {
    var agent = new FakeAgent();
    agents.add(agent);
    agent.register(pid());
    return agent;
  }

  Upid pid() {
    return Upid.parse(master.pid()).orElseThrow();
  }

  private static String[] headers(String who, String type) {
    return who.isEmpty()
        ? new String[] {"Content-Type", type}
        : new String[] {"Content-Type", type, "Authorization", who};
  }

  HttpResponse<String> send(String who, String method, String path, String body) throws Exception {
    var type =
        body.startsWith("slaveId") || body.startsWith("resources") ? FORM : "application/json";
    return client.request(method, path, body, headers(who, type));
  }

  /// The status alone.
  int post(String who, String path, String body) throws Exception {
    return send(who, "POST", path, body).statusCode();
  }

  int get(String who, String path) throws Exception {
    return send(who, "GET", path, "").statusCode();
  }

  /// The body of what must be there.
  String read(String who, String path) throws Exception {
    var answer = send(who, "GET", path, "");
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }
}
