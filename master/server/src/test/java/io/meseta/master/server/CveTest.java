// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The vulnerabilities that were published for the original's master, and their like, tried here.
/// After each attempt the master must still answer and an agent must still be able to register.
class CveTest {
  @TempDir Path logs;
  private MasterServer master;

  @BeforeEach
  void start() throws Exception {
    master = TestMaster.start("--log_dir=" + logs);
  }

  @AfterEach
  void alive() throws Exception {
    try (var client = new Client(master.port());
        var agent = new FakeAgent()) {
      assertThat(client.get("/health").statusCode()).isEqualTo(200);
      agent.register(Upid.parse(master.pid()).orElseThrow());
      assertThat(client.get("/state").body()).contains("\"activated_slaves\":1.0");
    } finally {
      master.close();
    }
  }

  private RawHttp.Response send(String request) throws IOException {
    return RawHttp.exchange(master.port(), request);
  }

  /// CVE-2017-7687: a path that cannot be decoded ended the process.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/%",
        "/%f",
        "/%zz",
        "/state%",
        "/%00",
        "/files/browse?path=%",
        "/files/read?path=%zz&offset=1",
        "/tasks?limit=%",
        "/%c3%28",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/state?jsonp=%",
        "//",
        "/?%=%"
      })
  void pathsThatCannotBeDecoded(String path) throws Exception {
    var response = send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(response.status()).isBetween(200, 499);
    assertThat(response.body()).doesNotContain("Exception").doesNotContain("root:");
  }

  /// CVE-2017-9790: a message without a path, or to nobody, ended the process.
  @ParameterizedTest
  @ValueSource(strings = {"/", "//", "/master", "/master/", "//x", "/nobody/mesos.internal.X", "*"})
  void messagesToNobody(String path) throws Exception {
    var response =
        send(
            "POST "
                + path
                + " HTTP/1.1\r\nHost: x\r\nUser-Agent: libprocess/slave(1)@127.0.0.1:1\r\n"
                + "Libprocess-From: slave(1)@127.0.0.1:1\r\nContent-Length: 0\r\n\r\n");
    assertThat(response.status()).isIn(202, 400, 404);
  }

  /// The sender, too, can be nonsense.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@",
        "slave(1)@",
        "slave(1)@127.0.0.1:99999",
        "slave(1)@::1:5",
        "\u00ff@\u00ff"
      })
  void messagesFromNobody(String from) throws Exception {
    var response =
        send(
            "POST /master/mesos.internal.RegisterSlaveMessage HTTP/1.1\r\nHost: x\r\nLibprocess-From: "
                + from
                + "\r\nContent-Length: 3\r\n\r\n\n\u00ff\u00ff");
    assertThat(response.status()).isBetween(200, 499);
  }

  /// CVE-2018-1330: broken JSON, and trailers behind a chunked body, ended the process.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[1",
        "{\"type\":",
        "\"",
        "{\"type\":\"\\ud800\"}",
        "{\"type\":1e999}",
        "nul"
      })
  void brokenJson(String body) throws Exception {
    for (var path : List.of("/api/v1", "/api/v1/scheduler")) {
      var response = send(json("POST", path, body));
      assertThat(response.status()).as(path).isEqualTo(400);
      assertThat(response.body()).as(path).startsWith("Failed to ");
    }
  }

  @Test
  void invalidUtf8() throws Exception {
    var response = send(json("POST", "/api/v1", "{\"type\":\"GET_\u00c3\u0028\"}"));
    assertThat(response.status()).isEqualTo(400);
  }

  @Test
  void trailersBehindChunks() throws Exception {
    var response =
        send(
            "POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Accept: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                + "15\r\n{\"type\":\"GET_HEALTH\"}\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).contains("GET_HEALTH");
  }

  /// The same behind a message, whose codec is one of its own.
  @Test
  void trailersBehindAMessage() throws Exception {
    var response =
        send(
            "POST /master/mesos.internal.PingSlaveMessage HTTP/1.1\r\nHost: x\r\n"
                + "User-Agent: libprocess/a@127.0.0.1:1\r\nLibprocess-From: a@127.0.0.1:1\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n");
    assertThat(response.status()).isIn(202, 404);
  }

  /// CVE-2018-11793: a million brackets overflowed the stack. Every way in that takes JSON.
  @ParameterizedTest
  @CsvSource({
    "POST, /api/v1, '{\"type\":'",
    "POST, /api/v1/scheduler, '{\"type\":'",
    "POST, /quota, '{\"role\":'",
    "PUT, /weights, ''",
    "POST, /maintenance/schedule, '{\"windows\":'",
    "POST, /machine/down, ''",
    "POST, /machine/up, ''",
    "POST, /reserve, 'slaveId=x&resources='",
    "POST, /unreserve, 'slaveId=x&resources='",
    "POST, /create-volumes, 'slaveId=x&volumes='",
    "POST, /destroy-volumes, 'slaveId=x&volumes='",
  })
  void aMillionBrackets(String method, String path, String before) throws Exception {
    for (var bracket : List.of("[", "{\"a\":")) {
      var response = send(json(method, path, before + bracket.repeat(1_000_000)));
      assertThat(response.status()).as(bracket).isEqualTo(400);
    }
  }

  private static String json(String method, String path, String body) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  /// A protobuf whose unknown groups are nested a hundred thousand times.
  @Test
  void deepProtobuf() throws Exception {
    var bytes = new byte[200_000];
    for (int i = 0; i < bytes.length; i += 2) {
      bytes[i] = (byte) 0xfb; // field 127, a group begins
      bytes[i + 1] = 0x07;
    }
    var body = new String(bytes, StandardCharsets.ISO_8859_1);
    for (var path : List.of("/api/v1", "/api/v1/scheduler")) {
      var response =
          send(
              "POST "
                  + path
                  + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
                  + "Accept: application/x-protobuf\r\nContent-Length: "
                  + body.length()
                  + "\r\n\r\n"
                  + body);
      assertThat(response.status()).as(path).isEqualTo(400);
    }
    var message =
        send(
            "POST /master/mesos.internal.RegisterSlaveMessage HTTP/1.1\r\nHost: x\r\n"
                + "User-Agent: libprocess/a@127.0.0.1:1\r\nLibprocess-From: a@127.0.0.1:1\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body);
    assertThat(message.status()).isIn(202, 400, 404);
  }

  /// Files are those of the master and no others, whatever the path says.
  @ParameterizedTest
  @Covers("L09")
  @ValueSource(
      strings = {
        "/etc/passwd",
        "/master/log/../../etc/passwd",
        "/master/log/..",
        "master/log/../../../etc/passwd",
        "/master/log%00/etc/passwd",
        "//etc/passwd",
        "/proc/self/environ"
      })
  void noOtherFiles(String path) throws Exception {
    Files.writeString(logs.resolve("mesos-master.INFO"), "a line\n");
    assertThat(send("GET /files/read?path=/master/log&offset=0 HTTP/1.1\r\nHost: x\r\n\r\n").body())
        .isEqualTo("{\"data\":\"a line\\n\",\"offset\":0}");
    for (var endpoint : List.of("read", "download", "browse")) {
      var response =
          send("GET /files/" + endpoint + "?path=" + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(response.status()).as(endpoint).isIn(400, 404);
      assertThat(response.body()).doesNotContain("root:").doesNotContain("PATH=");
    }
  }

  /// A link below what is shown does not lead out of it.
  @Test
  @Covers("L09")
  void linksDoNotLeadOut() throws Exception {
    Files.createSymbolicLink(logs.resolve("link"), Path.of("/etc/passwd"));
    var response =
        send("GET /files/read?path=/master/log/link&offset=0 HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(response.status()).isIn(400, 404);
  }

  /// Request smuggling: a body with two lengths is refused and the connection is closed.
  @Test
  void twoLengths() throws Exception {
    try (var socket = new Socket("127.0.0.1", master.port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              ("POST /teardown HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
                      + "0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      var text = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      assertThat(text).isEqualTo("HTTP/1.1 400");
      var rest = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(rest).as("the smuggled request is not answered").doesNotContain("HTTP/1.1 200");
    }
  }

  /// The console: no foreign frames, no foreign scripts.
  @Test
  void pagesSayWhatBrowsersMayDo() throws Exception {
    var page = send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(page.header("X-Frame-Options")).isEqualTo("DENY");
    assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(page.header("Content-Security-Policy"))
        .contains("default-src 'self'")
        .contains("frame-ancestors 'none'");
  }

  /// A callback's name cannot be a script.
  @Test
  @Covers("L12")
  void callbacksAreNames() throws Exception {
    for (var name : List.of("alert(1)//", "<script>", "a;b", "a%0d%0aX:y", "")) {
      var response = send("GET /state?jsonp=" + name + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(response.head()).doesNotContain("X:y");
      if (response.status() == 200) {
        assertThat(response.header("Content-Type")).isEqualTo("application/json");
      } else {
        assertThat(response.status()).isEqualTo(400);
      }
    }
  }
}
