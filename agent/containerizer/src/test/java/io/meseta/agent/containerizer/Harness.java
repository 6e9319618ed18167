// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer;

import io.meseta.agent.containerizer.fetcher.FetcherConfig;
import io.meseta.agent.core.container.ContainerEvent;
import io.meseta.agent.core.container.ContainerSpec;
import io.meseta.wire.v1.CommandInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A containerizer below a temporary folder whose events are taken one by one.
final class Harness implements AutoCloseable {
  final Path root;
  final boolean script;
  final BlockingQueue<ContainerEvent> events = new LinkedBlockingQueue<>();
  Containerizer containerizer;
  String workDir = "work";

  Harness(Path root, boolean script) throws IOException {
    this.root = root;
    this.script = script;
    this.containerizer = start(List.of());
  }

  private Containerizer start(List<Containerizer.Known> known) throws IOException {
    return Containerizer.start(
        new ContainerizerConfig(
            root.resolve("run"),
            root.resolve(workDir),
            true,
            List.of("posix/cpu", "posix/mem", "filesystem/posix"),
            script,
            fetcher(root)),
        known,
        events::add);
  }

  static FetcherConfig fetcher(Path root) {
    return new FetcherConfig(
        root.resolve("cache"), 1000, Duration.ofSeconds(2), "", "hadoop", 1 << 20);
  }

  /// As an agent that ends and one that takes its place.
  void restart(String... known) throws IOException {
    containerizer.close();
    events.clear();
    containerizer =
        start(List.of(known).stream().map(id -> new Containerizer.Known(id, 1, 1 << 20)).toList());
  }

  /// As an agent that ends and another one, with its own work folder, that takes its place.
  void replace(String newWorkDir, String... known) throws IOException {
    workDir = newWorkDir;
    restart(known);
  }

  Path sandbox(String id) {
    return root.resolve("sandboxes").resolve(id);
  }

  String stdout(String id) throws IOException {
    var file = sandbox(id).resolve("stdout");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  void shell(String id, String command) {
    launch(id, "", CommandInfo.newBuilder().setValue(command).build());
  }

  void launch(String id, String user, CommandInfo command) {
    containerizer.launch(
        new ContainerSpec(
            id,
            sandbox(id).toString(),
            user,
            command,
            new TreeMap<>(Map.of("PATH", "/usr/bin:/bin", "GREETING", "hello world")),
            List.of(),
            1.1,
            160 << 20));
  }

  ContainerEvent next() throws InterruptedException {
    var event = events.poll(20, TimeUnit.SECONDS);
    if (event == null) {
      throw new AssertionError("no event within 20 s");
    }
    return event;
  }

  <T extends ContainerEvent> T next(Class<T> type) throws InterruptedException {
    return type.cast(next());
  }

  /// Ends what the test, perhaps a failed one, left running.
  @Override
  public void close() throws IOException {
    containerizer.close();
    for (var line : Files.readAllLines(root.resolve("run/shims/journal"))) {
      var fields = line.split(" ");
      if (fields.length == 7
          && fields[1].equals("pid")
          && ProcessHandle.of(Long.parseLong(fields[5]))
              .flatMap(shim -> shim.info().commandLine())
              .filter(command -> command.contains(root.toString()))
              .isPresent()) {
        var unused = new ProcessBuilder("kill", "-USR1", fields[5]).start();
      }
    }
  }
}
