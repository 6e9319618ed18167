// SPDX-License-Identifier: Apache-2.0
package io.meseta.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.meseta.testkit.Covers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpEdgeTest {
  private final LinkedBlockingQueue<EventStream> streams = new LinkedBlockingQueue<>();
  private final CompletableFuture<Answer> slow = new CompletableFuture<>();
  private HttpEdge edge;

  @BeforeEach
  void start() {
    var router =
        new Router()
            .alias("/master")
            .on("GET", "/state", r -> Router.done(Answer.text(200, "state")))
            .on(
                "POST",
                "/echo",
                r -> Router.done(Answer.of(200, "application/octet-stream", r.body())))
            .on(
                "GET",
                "/tail",
                r ->
                    Router.done(
                        Answer.text(200, "[" + r.tail() + "|" + r.query("q").orElse("") + "]")))
            .on("GET", "/big", r -> Router.done(Answer.text(200, "x".repeat(5000))))
            .on(
                "GET",
                "/pieces",
                r -> Router.done(Answer.of(200, "application/octet-stream", pieces())))
            .on("GET", "/slow", r -> slow)
            .onBlocking(
                "GET",
                "/boom",
                r -> {
                  throw new IOException("secret detail");
                })
            .on(
                "GET",
                "/stream",
                r -> {
                  var stream = new EventStream(100_000);
                  streams.add(stream);
                  return Router.done(Answer.stream("application/json", stream));
                })
            .before(r ->
                r.path().equals("/forbidden")
                    ? Optional.of(Answer.text(403, "no"))
                    : Optional.empty())
            .after((r, a) -> a.header("X-Test", "1"))
            .assets("/ui", "assets");
    edge =
        HttpEdge.builder("test")
            .listen("127.0.0.1", 0)
            .maxBody(10_000)
            .bodyTimeout(Duration.ofMillis(300))
            .routes(router)
            .start();
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  @Test
  @Covers("L01")
  void theLongestHandlerAnswersWithAliasesAndTrailingSlashes() throws Exception {
    assertThat(get("/state").body()).isEqualTo("state");
    assertThat(get("/master/state").body()).isEqualTo("state");
    assertThat(get("/master/state/").body()).isEqualTo("state");
    assertThat(get("/state/deeper/down").body()).isEqualTo("state");
    assertThat(get("/tail/a/b?q=1%202").body()).isEqualTo("[a/b|1 2]");
    assertThat(get("/nosuch").statusCode()).isEqualTo(404);
    assertThat(get("/nosuch").body()).isEqualTo("404 Not Found.");
    assertThat(get("/master/nosuch").statusCode()).isEqualTo(404);
    assertThat(get("/forbidden").statusCode()).isEqualTo(403);
    assertThat(get("/state").headers().firstValue("X-Test")).contains("1");
  }

  @Test
  void wrongMethodsAreToldTheRightOnes() throws Exception {
    var answer = get("/echo");
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains("POST");
    assertThat(answer.body())
        .isEqualTo("405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.");
  }

  @Test
  void whoReadsToTheEndOfTheConnectionDoesNotWaitLong() throws Exception {
    for (var request :
        List.of(
            "GET /state HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "GET /state HTTP/1.0\r\n\r\n")) {
      try (var socket = new Socket("127.0.0.1", edge.port())) {
        socket.setSoTimeout(2000); // one that stayed open would be seen as a timeout
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(answer).contains("200 OK").endsWith("state");
      }
    }
  }

  @Test
  void ourOwnMistakesShowNoDetail() throws Exception {
    var answer = get("/boom");
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("secret").doesNotContain("Exception");
  }

  @Test
  void bodiesHaveALimitInSizeAndTime() throws Exception {
    assertThat(raw("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"))
        .contains("200 OK", "abc");
    assertThat(
            raw(
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n"
                    + "x".repeat(20_000)))
        .contains("413");
    assertThat(
            raw(
                "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n"
                    + "x".repeat(20_000)
                    + "\r\n0\r\n\r\n"))
        .contains("413");
    assertThat(raw("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"))
        .contains("408", "did not arrive within");
  }

  @Test
  @Covers("L12")
  void compressedBodiesAreReadWithinTheSameLimit() throws Exception {
    var text = "{\"type\": \"GET_HEALTH\"}".repeat(300);
    for (var coding : List.of("gzip", "GZIP", "x-gzip")) {
      var answer = zipped(coding, gzip(text.getBytes(StandardCharsets.US_ASCII)));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(text);
    }
    // Few bytes on the wire may be many here.
    assertThat(zipped("gzip", gzip(new byte[20 << 20])).statusCode()).isEqualTo(413);
    var bomb = zipped("gzip", gzip(new byte[10_001]));
    assertThat(bomb.statusCode()).isEqualTo(413);
    assertThat(bomb.body()).isEqualTo("The body is longer than 10000 bytes.");
    assertThat(zipped("gzip", gzip(new byte[10_000])).body()).hasSize(10_000);
    var whole = gzip(text.getBytes(StandardCharsets.US_ASCII));
    for (var broken :
        List.of(
            text.getBytes(StandardCharsets.US_ASCII),
            "no gzip".getBytes(StandardCharsets.US_ASCII),
            Arrays.copyOf(whole, whole.length - 9),
            Arrays.copyOf(whole, 5))) {
      var answer = zipped("gzip", broken);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).startsWith("The body is not gzip, as Content-Encoding says: ");
    }
    // Nothing is nothing, and an unknown coding is left to whoever knows it, as in the original.
    assertThat(zipped("gzip", new byte[0]).statusCode()).isEqualTo(200);
    assertThat(zipped("utf-8", "abc".getBytes(StandardCharsets.US_ASCII)).body()).isEqualTo("abc");
  }

  @Test
  @Covers("L01")
  void targetsMayNameTheHost() throws Exception {
    for (var host : List.of("http://127.0.0.1:5050", "http://master.example", "HTTP://x:1")) {
      try (var socket = new Socket("127.0.0.1", edge.port())) {
        var requests =
            "GET "
                + host
                + "/tail/a%20b?q=1%202 HTTP/1.1\r\nHost: x\r\n\r\nPOST "
                + host
                + "/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET "
                + host
                + "/forbidden HTTP/1.1\r\nHost: x\r\n\r\nGET "
                + host
                + " HTTP/1.1\r\nHost: x\r\n\r\nGET "
                + host
                + "/state HTTP/1.1\r\nHost: x\r\n\r\n";
        socket.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
        var text = readUntil(socket.getInputStream(), "\r\n\r\nstate");
        assertThat(text.lines().filter(line -> line.contains("HTTP/1.1")).toList())
            .as(host)
            .containsExactly(
                "HTTP/1.1 200 OK",
                "[a b|1 2]HTTP/1.1 200 OK",
                "abcHTTP/1.1 403 Forbidden",
                "noHTTP/1.1 404 Not Found",
                "404 Not Found.HTTP/1.1 200 OK");
      }
    }
    try (var socket = new Socket("127.0.0.1", edge.port())) {
      socket
          .getOutputStream()
          .write(
              "GET http://x/../state HTTP/1.1\r\nHost: x\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(readUntil(socket.getInputStream(), "\r\n\r\n")).contains("404 Not Found");
    }
  }

  private HttpResponse<String> zipped(String coding, byte[] body) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(uri("/echo"))
              .header("Content-Encoding", coding)
              .POST(HttpRequest.BodyPublishers.ofByteArray(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    var request = new StringBuilder("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    for (int i = 0; i < 20; i++) {
      request.append("GET /tail/").append(i).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS)
        .execute(() -> slow.complete(Answer.text(200, "[slow|]")));
    var text = raw(request.toString());
    var bodies = new ArrayList<String>();
    var matcher = java.util.regex.Pattern.compile("\\[(\\w+)\\|]").matcher(text);
    while (matcher.find()) {
      bodies.add(matcher.group(1));
    }
    var expected = new ArrayList<>(List.of("slow"));
    for (int i = 0; i < 20; i++) {
      expected.add(Integer.toString(i));
    }
    assertThat(bodies).isEqualTo(expected);
  }

  @Test
  @Covers("L12")
  void longAnswersAreCompressedForThoseWhoAskForIt() throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(uri("/big")).header("Accept-Encoding", "gzip").build();
      var answer = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      assertThat(answer.headers().firstValue("Content-Encoding")).contains("gzip");
      assertThat(answer.headers().firstValue("Date")).isPresent();
      try (var unzipped = new GZIPInputStream(answer.body())) {
        assertThat(unzipped.readAllBytes()).hasSize(5000);
      }
    }
    assertThat(get("/big").headers().firstValue("Content-Encoding")).isEmpty();
    try (var client = HttpClient.newHttpClient()) {
      var refusing =
          HttpRequest.newBuilder(uri("/big")).header("Accept-Encoding", "br, gzip;q=0").build();
      var answer = client.send(refusing, HttpResponse.BodyHandlers.discarding());
      assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
    }
  }

  @Test
  void aBodyInPiecesArrivesWhole() throws Exception {
    var expected = new ByteArrayOutputStream();
    pieces().forEach(expected::writeBytes);
    try (var client = HttpClient.newHttpClient()) {
      var plain =
          client.send(
              HttpRequest.newBuilder(uri("/pieces")).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertThat(plain.headers().firstValueAsLong("Content-Length")).hasValue(expected.size());
      assertThat(plain.body()).isEqualTo(expected.toByteArray());
      var request =
          HttpRequest.newBuilder(uri("/pieces")).header("Accept-Encoding", "gzip").build();
      var zipped = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      assertThat(zipped.headers().firstValue("Content-Encoding")).contains("gzip");
      try (var unzipped = new GZIPInputStream(zipped.body())) {
        assertThat(unzipped.readAllBytes()).isEqualTo(expected.toByteArray());
      }
    }
  }

  /// Smaller and larger than what is written at a time.
  private static List<byte[]> pieces() {
    var random = new Random(3);
    var result = new ArrayList<byte[]>();
    for (int size : new int[] {1, 100_000, 0, 300_000, 31_072, 131_072, 7}) {
      var piece = new byte[size];
      random.nextBytes(piece);
      result.add(piece);
    }
    return result;
  }

  @Test
  void aVanishedReaderIsNoticedWhileNothingIsSent() throws Exception {
    try (var socket = new Socket("127.0.0.1", edge.port())) {
      socket
          .getOutputStream()
          .write("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      var stream = streams.poll(5, TimeUnit.SECONDS);
      assertThat(stream.send("hello\n".getBytes(StandardCharsets.US_ASCII))).isTrue();
      assertThat(readUntil(socket.getInputStream(), "hello\n")).contains("chunked");
      socket.close();
      stream.closed().toCompletableFuture().get(5, TimeUnit.SECONDS);
      assertThat(stream.send(new byte[1])).isFalse();
    }
  }

  @Test
  void aSlowReaderIsCutOffAtItsBound() throws Exception {
    try (var socket = new Socket("127.0.0.1", edge.port())) {
      socket.setReceiveBufferSize(4096);
      socket
          .getOutputStream()
          .write("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      var stream = streams.poll(5, TimeUnit.SECONDS);
      var piece = new byte[10_000];
      int sent = 0;
      while (stream.send(piece)) {
        sent++;
        assertThat(sent).isLessThan(10_000);
      }
      assertThat(stream.isOpen()).isFalse();
      // It still does not read: whoever keeps something for it must learn of its end all the same.
      assertThat(stream.closed().toCompletableFuture()).isCompleted();
      assertThat(isReset(socket)).isTrue();
    }
  }

  /// Whether the peer refuses what is sent to it within ten seconds.
  private static boolean isReset(Socket socket) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (System.nanoTime() < end) {
      try {
        socket.getOutputStream().write("\r\n".getBytes(StandardCharsets.US_ASCII));
      } catch (IOException reset) {
        return true;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return false;
  }

  @Test
  void pagesAreServedWithATagAndNeverFromOutside() throws Exception {
    var page = get("/ui/");
    assertThat(page.body()).contains("<h1>hi</h1>");
    assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
    var tag = page.headers().firstValue("ETag").orElseThrow();
    assertThat(raw("GET /ui/index.html HTTP/1.1\r\nHost: x\r\nIf-None-Match: " + tag + "\r\n\r\n"))
        .contains("304");
    assertThat(get("/ui/nosuch.js").statusCode()).isEqualTo(404);
    assertThat(get("/ui/%2e%2e/logback.xml").statusCode()).isBetween(400, 404);
  }

  @Test
  void aTakenPortIsNamed() {
    assertThatThrownBy(() -> HttpEdge.builder("other").listen("127.0.0.1", edge.port()).start())
        .isInstanceOf(ListenException.class)
        .hasMessage(
            "cannot listen on 127.0.0.1:" + edge.port() + ": the port is taken by another program");
  }

  @Test
  @Covers("L01")
  void whatNeverReachesAHandlerGetsALineOfText() throws Exception {
    assertThat(raw("GET /../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"))
        .contains("404 Not Found.")
        .doesNotContain("Description");
    assertThat(raw("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n"))
        .contains("413")
        .doesNotContain("Description");
    assertThat(raw("GARBAGE\r\n\r\n")).doesNotContain("Description").doesNotContain("Exception");
    assertThat(raw("GET /state HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(100_000) + "\r\n\r\n"))
        .doesNotContain("200 OK")
        .doesNotContain("Exception");
  }

  @Test
  void headGetsTheHeadersOnly() throws Exception {
    var text = raw("HEAD /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(text).contains("200 OK", "Content-Length: 5000").doesNotContain("xxx");
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + edge.port() + path);
  }

  private HttpResponse<String> get(String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  /// Sends bytes and returns what came back until the server was silent for half a second.
  private String raw(String request) throws IOException {
    try (var socket = new Socket("127.0.0.1", edge.port())) {
      socket.setSoTimeout(600);
      var out = new StringBuilder();
      try {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        var in = socket.getInputStream();
        for (int c = in.read(); c >= 0; c = in.read()) {
          out.append((char) c);
        }
      } catch (IOException silent) {
        // what came so far is the answer
      }
      return out.toString();
    }
  }

  private static String readUntil(InputStream in, String end) throws IOException {
    var text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int c = in.read();
      if (c < 0) {
        break;
      }
      text.append((char) c);
    }
    return text.toString();
  }
}
