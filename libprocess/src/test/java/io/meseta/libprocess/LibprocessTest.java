// SPDX-License-Identifier: Apache-2.0
package io.meseta.libprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.http.Answer;
import io.meseta.http.HttpEdge;
import io.meseta.http.Router;
import io.meseta.testkit.Covers;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.PingSlaveMessage;
import io.meseta.wire.internal.PongSlaveMessage;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@Covers("W01")
class LibprocessTest {
  record Got(Upid from, String name, byte[] body) {}

  private final LinkedBlockingQueue<Got> got = new LinkedBlockingQueue<>();
  private final Libprocess libprocess = new Libprocess();
  private HttpEdge edge;

  @BeforeEach
  void start() {
    var router =
        new Router()
            .on("GET", "/state", r -> Router.done(Answer.text(200, "state")))
            .on("POST", "/api/v1", r -> Router.done(Answer.text(200, "posted " + r.text())));
    var builder = HttpEdge.builder("test").listen("127.0.0.1", 0).routes(router);
    libprocess.install(builder, router);
    libprocess.receive("master", (from, name, body) -> got.add(new Got(from, name, body)));
    libprocess.receiveFamily(
        "slave-observer(", (from, name, body) -> got.add(new Got(from, name, body)));
    edge = builder.start();
  }

  @AfterEach
  void stop() {
    libprocess.close();
    edge.close();
  }

  @Test
  void whatWeSendIsWhatTheOriginalSends() throws Exception {
    var root = Path.of("../wire/src/test/resources/golden/wire");
    var ping =
        Files.readAllBytes(
            root.resolve(
                "libprocess_mesos.internal.PingSlaveMessage_from_slave-observer(N)_1.http"));
    var text = new String(ping, StandardCharsets.ISO_8859_1);
    var from = Upid.parse(header(text, "Libprocess-From")).orElseThrow();
    var to = Upid.parse("slave(1)@" + header(text, "Host")).orElseThrow();
    var body = PingSlaveMessage.newBuilder().setConnected(true).build().toByteArray();
    assertThat(Libprocess.encode(from, to, "mesos.internal.PingSlaveMessage", body))
        .isEqualTo(ping);

    var pong =
        Files.readAllBytes(
            root.resolve("libprocess_mesos.internal.PongSlaveMessage_from_slave(N)_1.http"));
    text = new String(pong, StandardCharsets.ISO_8859_1);
    to = Upid.parse("slave-observer(1)@" + header(text, "Host")).orElseThrow();
    from = Upid.parse(header(text, "Libprocess-From")).orElseThrow();
    assertThat(Libprocess.encode(from, to, "mesos.internal.PongSlaveMessage", new byte[0]))
        .isEqualTo(pong);
  }

  @Test
  void everyRecordedMessageIsReceived() throws Exception {
    try (var files = Files.list(Path.of("../wire/src/test/resources/golden/wire"))) {
      for (var file :
          (Iterable<Path>)
              files.filter(f -> f.getFileName().toString().startsWith("libprocess_"))::iterator) {
        var bytes = Files.readAllBytes(file);
        var text = new String(bytes, StandardCharsets.ISO_8859_1);
        // Whoever it was for, here it is for the master; the length of the path does not matter.
        var line = text.substring(0, text.indexOf("\r\n"));
        var path = line.split(" ")[1];
        var name = path.substring(path.indexOf('/', 1) + 1);
        var request = "POST /master/" + name + " HTTP/1.1" + text.substring(line.length());
        assertThat(head(request.getBytes(StandardCharsets.ISO_8859_1)))
            .as(file.toString())
            .startsWith("HTTP/1.1 202");
        var received = got.poll(5, TimeUnit.SECONDS);
        assertThat(received.name()).isEqualTo(name);
        assertThat(received.from().toString()).isEqualTo(header(text, "Libprocess-From"));
      }
    }
  }

  @Test
  void messagesArriveInOrderOverOneConnection() throws Exception {
    var to = new Upid("master", "127.0.0.1", edge.port());
    var from = new Upid("slave(1)", "127.0.0.1", 5051);
    for (int i = 0; i < 1000; i++) {
      libprocess.send(from, to, "n" + i, new byte[i % 50]);
    }
    for (int i = 0; i < 1000; i++) {
      var received = got.poll(5, TimeUnit.SECONDS);
      assertThat(received.name()).isEqualTo("n" + i);
      assertThat(received.body()).hasSize(i % 50);
      assertThat(received.from()).isEqualTo(from);
    }
    libprocess.send(
        from,
        new Upid("slave-observer(17)", "127.0.0.1", edge.port()),
        PongSlaveMessage.getDefaultInstance());
    assertThat(got.poll(5, TimeUnit.SECONDS).name()).isEqualTo("mesos.internal.PongSlaveMessage");
  }

  @Test
  void whatWasUnderWayOnAnAbandonedConnectionNeverArrives() throws Exception {
    try (var peer = new ServerSocket(0)) {
      var to = new Upid("slave(1)", "127.0.0.1", peer.getLocalPort());
      var from = new Upid("master", "127.0.0.1", 5050);
      var exited = new LinkedBlockingQueue<Upid>();
      libprocess.link(to, exited::add);
      try (var first = peer.accept()) {
        libprocess.send(from, to, "late", new byte[20]); // the kernel takes it
        for (int i = 0; i < 20; i++) {
          libprocess.send(from, to, "late", new byte[1 << 20]);
        }
        assertThat(first.getInputStream().read()).isEqualTo('P');
        libprocess.abandon(to);
        libprocess.send(from, to, "new", new byte[1]);
        try (var second = peer.accept()) {
          assertThat(new String(second.getInputStream().readNBytes(18), StandardCharsets.US_ASCII))
              .isEqualTo("POST /slave(1)/new");
        }
        // What was on this side already may be read; then there is a reset, not an end.
        assertThatThrownBy(() -> first.getInputStream().readAllBytes())
            .isInstanceOf(IOException.class)
            .hasMessageContaining("reset");
      }
      assertThat(exited).isEmpty();
    }
  }

  @Test
  void aQuietConnectionOfMessagesStaysOpen() throws Exception {
    var routes = new Router();
    var builder =
        HttpEdge.builder("quiet")
            .listen("127.0.0.1", 0)
            .idleTimeout(Duration.ofMillis(200))
            .routes(routes);
    libprocess.install(builder, routes);
    try (var quiet = builder.start();
        var socket = new Socket("127.0.0.1", quiet.port())) {
      socket.setSoTimeout(1000);
      socket.getOutputStream().write(message("/master/one", "a@127.0.0.1:1"));
      assertThat(got.poll(5, TimeUnit.SECONDS).name()).isEqualTo("one");
      var answer = socket.getInputStream();
      // The limit for idle connections of HTTP is over several times; no end of the stream comes.
      assertThatThrownBy(
              () -> {
                for (int b = answer.read(); b >= 0; ) {
                  b = answer.read();
                }
              })
          .isInstanceOf(SocketTimeoutException.class);
      socket.getOutputStream().write(message("/master/two", "a@127.0.0.1:1"));
      assertThat(got.poll(5, TimeUnit.SECONDS).name()).isEqualTo("two");
    }
  }

  @Test
  void statusesAreThoseOfTheOriginal() throws Exception {
    assertThat(raw(message("/nosuch/mesos.x", "a@127.0.0.1:1"))).startsWith("HTTP/1.1 404");
    assertThat(raw(message("/master/mesos.x", "nonsense"))).startsWith("HTTP/1.1 400");
    assertThat(raw(message("/master", "a@127.0.0.1:1"))).startsWith("HTTP/1.1 400");
    assertThat(raw(message("/master/a/b", "a@127.0.0.1:1"))).startsWith("HTTP/1.1 202");
    assertThat(got.poll(5, TimeUnit.SECONDS).name()).isEqualTo("a/b");
    assertThat(
            raw(
                "POST /master/old HTTP/1.0\r\nUser-Agent: libprocess/a@127.0.0.1:1\r\nContent-Length: 2\r\n\r\nhi"
                    .getBytes(StandardCharsets.US_ASCII)))
        .contains(" 202 ");
    assertThat(got.poll(5, TimeUnit.SECONDS).body()).hasSize(2);
  }

  @Test
  void ordinaryRequestsAreUnharmedHoweverTheyAreCut() throws Exception {
    assertThat(raw("GET /state HTTP/1.1\r\nHost:\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
        .contains("200 OK", "state");
    var post = "POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    for (int cut = 1; cut < post.length() - 1; cut += 7) {
      try (var socket = new Socket("127.0.0.1", edge.port())) {
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write(post.substring(0, cut).getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        Thread.sleep(15); // two packets, so that the first request comes in halves
        socket.getOutputStream().write(post.substring(cut).getBytes(StandardCharsets.US_ASCII));
        assertThat(read(socket, "posted hello"))
            .as("cut at %d", cut)
            .contains("200 OK", "posted hello");
      }
    }
    var text = new String(message("/master/cut", "a@127.0.0.1:1"), StandardCharsets.US_ASCII);
    for (int cut = 1; cut < text.length() - 1; cut += 11) {
      try (var socket = new Socket("127.0.0.1", edge.port())) {
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write(text.substring(0, cut).getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        Thread.sleep(15);
        socket.getOutputStream().write(text.substring(cut).getBytes(StandardCharsets.US_ASCII));
        assertThat(got.poll(5, TimeUnit.SECONDS)).as("cut at %d", cut).isNotNull();
      }
    }
  }

  @Test
  void aConnectionThatBeganWithRequestsMayCarryAMessage() throws Exception {
    var both =
        "GET /state HTTP/1.1\r\nHost: x\r\n\r\n"
            + new String(message("/master/late", "a@127.0.0.1:1"), StandardCharsets.US_ASCII);
    assertThat(raw(both.getBytes(StandardCharsets.US_ASCII))).contains("200 OK", "202 Accepted");
    assertThat(got.poll(5, TimeUnit.SECONDS).name()).isEqualTo("late");
  }

  @Test
  void aConnectionThatBeganWithAMessageMayCarryRequests() throws Exception {
    var message = new String(message("/master/one", "a@127.0.0.1:1"), StandardCharsets.US_ASCII);
    var again = new String(message("/master/two", "a@127.0.0.1:1"), StandardCharsets.US_ASCII);
    var get = "GET /state HTTP/1.1\r\nHost: x\r\n\r\n";
    var post = "POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    var chunked =
        "POST /api/v1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2\r\nwo\r\n3\r\nrld\r\n0\r\n\r\n";
    var all = message + get + chunked + again + get + get + message + post;
    String text;
    try (var socket = new Socket("127.0.0.1", edge.port())) {
      socket.getOutputStream().write(all.getBytes(StandardCharsets.US_ASCII));
      text = read(socket, "posted hello");
    }
    var statuses =
        Pattern.compile("HTTP/1\\.1 (\\d+)").matcher(text).results().map(m -> m.group(1)).toList();
    assertThat(statuses).containsExactly("202", "200", "200", "202", "200", "200", "202", "200");
    assertThat(text).contains("posted world");
    for (var name : List.of("one", "two", "one")) {
      assertThat(got.poll(5, TimeUnit.SECONDS).name()).isEqualTo(name);
    }
    for (int cut = message.length() - 3; cut < message.length() + post.length() - 1; cut += 5) {
      try (var socket = new Socket("127.0.0.1", edge.port())) {
        socket.setTcpNoDelay(true);
        var both = (message + post).getBytes(StandardCharsets.US_ASCII);
        socket.getOutputStream().write(both, 0, cut);
        assertThat(got.poll(cut < message.length() ? 15 : 5000, TimeUnit.MILLISECONDS) == null)
            .isEqualTo(cut < message.length());
        Thread.sleep(15); // two packets
        socket.getOutputStream().write(both, cut, both.length - cut);
        assertThat(read(socket, "posted hello"))
            .as("cut at %d", cut)
            .contains("202 Accepted", "posted hello");
      }
      got.clear();
    }
  }

  @Test
  void linksTellOnceWhenThePeerIsGone() throws Exception {
    var exits = new LinkedBlockingQueue<Upid>();
    try (var peer = new ServerSocket(0)) {
      var upid = new Upid("slave(1)", "127.0.0.1", peer.getLocalPort());
      libprocess.link(upid, exits::add);
      libprocess.send(
          new Upid("master", "127.0.0.1", edge.port()),
          upid,
          PongSlaveMessage.getDefaultInstance());
      try (var accepted = peer.accept()) {
        assertThat(read(accepted, "Host"))
            .contains("POST /slave(1)/mesos.internal.PongSlaveMessage");
      }
      assertThat(exits.poll(5, TimeUnit.SECONDS)).isEqualTo(upid);
      assertThat(exits.poll(50, TimeUnit.MILLISECONDS)).isNull();
    }
    var nobody = new Upid("x", "127.0.0.1", 1);
    libprocess.link(nobody, exits::add);
    assertThat(exits.poll(5, TimeUnit.SECONDS)).isEqualTo(nobody);
  }

  private static byte[] message(String path, String from) {
    return ("POST "
            + path
            + " HTTP/1.1\r\nUser-Agent: libprocess/"
            + from
            + "\r\nLibprocess-From: "
            + from
            + "\r\nConnection: Keep-Alive\r\nHost: \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String header(String text, String name) {
    return text.lines()
        .filter(l -> l.startsWith(name + ": "))
        .findFirst()
        .orElseThrow()
        .substring(name.length() + 2)
        .strip();
  }

  /// Sends a request and returns the answer's head.
  private String head(byte[] request) throws IOException {
    try (var socket = new Socket("127.0.0.1", edge.port())) {
      socket.getOutputStream().write(request);
      return read(socket, "\r\n\r\n");
    }
  }

  private String raw(byte[] request) throws IOException {
    try (var socket = new Socket("127.0.0.1", edge.port())) {
      socket.getOutputStream().write(request);
      return read(socket, null);
    }
  }

  /// Reads until `end` was seen or the other side, once it has begun, was silent for 300 ms.
  private static String read(Socket socket, String end) throws IOException {
    socket.setSoTimeout(30_000);
    var text = new StringBuilder();
    try {
      for (int c = socket.getInputStream().read(); c >= 0; c = socket.getInputStream().read()) {
        text.append((char) c);
        socket.setSoTimeout(end == null ? 300 : 10_000);
        if (end != null && text.indexOf(end) >= 0) {
          break;
        }
      }
    } catch (java.net.SocketTimeoutException silent) {
      // what came so far is all
    }
    return text.toString();
  }
}
