// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.fetcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.meseta.testkit.Covers;
import io.meseta.wire.v1.CommandInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FetcherTest {
  @TempDir Path root;
  private Path sandbox;
  private HttpServer server;
  private final AtomicInteger served = new AtomicInteger();
  private final CountDownLatch testEnds = new CountDownLatch(1);

  @BeforeEach
  void begin() throws IOException {
    sandbox = Files.createDirectory(root.resolve("sandbox"));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/file",
        exchange -> {
          served.incrementAndGet();
          int size = Integer.parseInt(exchange.getRequestURI().getPath().replaceAll("\\D", ""));
          exchange.sendResponseHeaders(200, size);
          try (var out = exchange.getResponseBody()) {
            out.write("x".repeat(size).getBytes(StandardCharsets.US_ASCII));
          }
        });
    server.createContext(
        "/stall",
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write(new byte[10]);
          exchange.getResponseBody().flush();
          try {
            testEnds.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void end() {
    testEnds.countDown();
    server.stop(0);
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private FetcherConfig config(long cacheBytes, String home) {
    return new FetcherConfig(
        root.resolve("cache"), cacheBytes, Duration.ofMillis(700), home, "/no/hadoop", 100_000);
  }

  private Fetcher fetcher() throws IOException {
    return new Fetcher(config(1000, ""));
  }

  private static CommandInfo.URI uri(String value) {
    return CommandInfo.URI.newBuilder().setValue(value).build();
  }

  private void fetch(Fetcher fetcher, CommandInfo.URI... uris) throws FetchException {
    fetcher.fetch(Arrays.asList(uris), sandbox, Optional.empty(), "me");
  }

  @Test
  @Covers("G07")
  void bringsFilesOfEveryKind() throws Exception {
    var local = Files.writeString(root.resolve("local.txt"), "here");
    fetch(
        new Fetcher(config(1000, root.toString())),
        uri(url("/file10.bin?x=1")),
        uri(local.toString()),
        uri("file://" + local).toBuilder().setOutputFile("deep/er/copy").build(),
        uri("local.txt").toBuilder().setOutputFile("relative").setExecutable(true).build());
    assertThat(sandbox.resolve("file10.bin")).hasSize(10);
    assertThat(sandbox.resolve("local.txt")).hasContent("here");
    assertThat(sandbox.resolve("deep/er/copy")).hasContent("here");
    assertThat(sandbox.resolve("relative")).isExecutable();
    assertThat(sandbox.resolve("stderr")).content().contains("Fetched '" + local + "'");
  }

  @ParameterizedTest
  @Covers("G07")
  @CsvSource(
      delimiter = '|',
      value = {
        "relative.txt|is a relative path, and the agent has no --frameworks_home",
        "hdfs://h/x|no program for this kind of URI",
        "http://127.0.0.1:1/x|Failed to fetch 'http://127.0.0.1:1/x': connection refused",
        "http://no.invalid/x|Failed to fetch 'http://no.invalid/x': unknown host",
        "file://host/x|names a host or a relative path",
      })
  void saysWhatIsWrong(String value, String expected) {
    assertThatThrownBy(() -> fetch(fetcher(), uri(value)))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("'" + value + "'")
        .hasMessageContaining(expected);
  }

  @Test
  @Covers("G07")
  void reportsTheStatusOfTheServer() {
    assertThatThrownBy(() -> fetch(fetcher(), uri(url("/nothing"))))
        .hasMessage(
            "Failed to fetch '" + url("/nothing") + "': the server answers with HTTP status 404");
  }

  @Test
  @Covers("G07")
  void refusesOutputFilesOutsideTheSandbox() {
    for (var name : List.of("../x", "/etc/x", "a/../../x", ".")) {
      assertThatThrownBy(
              () -> fetch(fetcher(), uri(url("/file1")).toBuilder().setOutputFile(name).build()))
          .hasMessageContaining("is not a name inside the sandbox");
    }
  }

  @ParameterizedTest
  @Covers("G07")
  @CsvSource({
    "a.tar,tar cf",
    "a.tgz,tar czf",
    "a.tar.gz,tar czf",
    "a.tbz2,tar cjf",
    "a.tar.bz2,tar cjf",
    "a.txz,tar cJf",
    "a.tar.xz,tar cJf"
  })
  void extractsTarArchives(String name, String command) throws Exception {
    Files.createDirectories(root.resolve("in/dir"));
    var script = Files.writeString(root.resolve("in/dir/run.sh"), "echo");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    Files.createSymbolicLink(root.resolve("in/link"), Path.of("dir/run.sh"));
    var process =
        new ProcessBuilder((command + " ../" + name + " dir link").split(" "))
            .directory(root.resolve("in").toFile())
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
    fetch(fetcher(), uri(root.resolve(name).toString()));
    assertThat(sandbox.resolve("dir/run.sh")).hasContent("echo").isExecutable();
    assertThat(Files.readSymbolicLink(sandbox.resolve("link"))).isEqualTo(Path.of("dir/run.sh"));

    Files.createDirectory(root.resolve("plain"));
    sandbox = root.resolve("plain");
    fetch(fetcher(), uri(root.resolve(name).toString()).toBuilder().setExtract(false).build());
    assertThat(sandbox.resolve("dir")).doesNotExist();
    assertThat(sandbox.resolve(name)).exists();
  }

  @Test
  @Covers("G07")
  void extractsZipAndGzip() throws Exception {
    try (var zip =
        new java.util.zip.ZipOutputStream(Files.newOutputStream(root.resolve("a.zip")))) {
      zip.putNextEntry(new java.util.zip.ZipEntry("d/f"));
      zip.write("zipped".getBytes(StandardCharsets.US_ASCII));
    }
    try (var gzip =
        new java.util.zip.GZIPOutputStream(Files.newOutputStream(root.resolve("b.txt.gz")))) {
      gzip.write("zipped too".getBytes(StandardCharsets.US_ASCII));
    }
    fetch(
        fetcher(), uri(root.resolve("a.zip").toString()), uri(root.resolve("b.txt.gz").toString()));
    assertThat(sandbox.resolve("d/f")).hasContent("zipped");
    assertThat(sandbox.resolve("b.txt")).hasContent("zipped too");
  }

  private Path tar(TarArchiveEntry... entries) throws IOException {
    var file = root.resolve("evil.tar");
    try (var tar = new TarArchiveOutputStream(Files.newOutputStream(file))) {
      for (var entry : entries) {
        byte[] body = entry.isFile() ? new byte[] {'!'} : new byte[0];
        entry.setSize(body.length);
        tar.putArchiveEntry(entry);
        tar.write(body);
        tar.closeArchiveEntry();
      }
    }
    return file;
  }

  private static TarArchiveEntry link(String name, String to, byte kind) {
    var entry = new TarArchiveEntry(name, kind);
    entry.setLinkName(to);
    return entry;
  }

  @Test
  @Covers("G07")
  void refusesArchivesThatLeaveTheSandbox() throws Exception {
    var outside = Files.writeString(root.resolve("outside"), "untouched");
    for (var entries :
        List.of(
            List.of(new TarArchiveEntry("../outside")),
            List.of(new TarArchiveEntry(outside.toString(), true)),
            List.of(link("l", "../outside", TarConstants.LF_SYMLINK)),
            List.of(link("l", root.toString(), TarConstants.LF_SYMLINK)),
            List.of(link("l", "../outside", TarConstants.LF_LINK)),
            List.of(new TarArchiveEntry("dev", TarConstants.LF_CHR)),
            List.of(
                link("b", ".", TarConstants.LF_SYMLINK),
                link("a", "b/..", TarConstants.LF_SYMLINK),
                new TarArchiveEntry("a/outside")))) {
      var archive = tar(entries.toArray(new TarArchiveEntry[0]));
      assertThatThrownBy(() -> fetch(fetcher(), uri(archive.toString())))
          .isInstanceOf(FetchException.class)
          .hasMessageContaining("the archive");
      assertThat(outside).hasContent("untouched");
    }
  }

  @Test
  @Covers("G07")
  void boundsWhatAnArchiveUnpacksTo() throws Exception {
    try (var gzip =
        new java.util.zip.GZIPOutputStream(Files.newOutputStream(root.resolve("bomb.gz")))) {
      gzip.write(new byte[200_000]);
    }
    assertThatThrownBy(() -> fetch(fetcher(), uri(root.resolve("bomb.gz").toString())))
        .hasMessageContaining("larger than the limit of 100000 bytes");
  }

  @Test
  @Covers("G08")
  void aStalledDownloadFails() {
    assertThatThrownBy(() -> fetch(fetcher(), uri(url("/stall"))))
        .hasMessageContaining("the download stalled: nothing came for 0.7 s after 10 bytes");
  }

  private static CommandInfo.URI cached(String value) {
    return uri(value).toBuilder().setCache(true).build();
  }

  @Test
  @Covers("G08")
  void downloadsOnceForManyAndEvictsTheLongestUnused() throws Exception {
    var fetcher = fetcher();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        var own = Files.createDirectory(root.resolve("s" + i));
        threads.submit(() -> {
          fetcher.fetch(List.of(cached(url("/file400"))), own, Optional.empty(), "me");
          return null;
        });
      }
    }
    assertThat(served).hasValue(1);
    assertThat(root.resolve("s7/file400")).hasSize(400);
    assertThat(fetcher.cacheUsedBytes()).isEqualTo(400);
    assertThat(fetcher.succeeded()).isEqualTo(8);

    fetch(fetcher, cached(url("/file500")));
    fetch(fetcher, cached(url("/file400"))); // used again: the other is older now
    fetch(fetcher, cached(url("/file300")));
    assertThat(fetcher.cacheUsedBytes()).isEqualTo(700);
    assertThat(served).hasValue(3);
    fetch(fetcher, cached(url("/file400")));
    assertThat(served).hasValue(3);
    fetch(fetcher, cached(url("/file500")));
    assertThat(served).hasValue(4);
  }

  @Test
  @Covers("G08")
  void fetchesDirectlyWhatDoesNotFit() throws Exception {
    var fetcher = fetcher();
    fetch(fetcher, cached(url("/file5000")));
    assertThat(sandbox.resolve("file5000")).hasSize(5000);
    assertThat(fetcher.cacheUsedBytes()).isZero();
  }

  @Test
  @Covers("G08")
  void keepsTheFilesOfUsersApart() throws Exception {
    var fetcher = fetcher();
    fetch(fetcher, cached(url("/file10")));
    fetcher.fetch(List.of(cached(url("/file10"))), sandbox, Optional.empty(), "other");
    assertThat(served).hasValue(2);
  }
}
