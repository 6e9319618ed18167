// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.master.core.MasterEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the file of `--whitelist` and reads it again as the original does, every five seconds: it
/// may be on any file system, some of which tell nobody of changes. While it cannot be read the
/// last content counts; before it could ever be read, all agents are offered.
final class Whitelist implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Whitelist.class);
  private static final int SECONDS = 5;

  private final Path file;
  private final Consumer<MasterEvent> events;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("whitelist").daemon().factory());
  private Optional<Set<String>> last = Optional.empty();
  private boolean failed;

  Whitelist(Path file, Consumer<MasterEvent> events) {
    this.file = file;
    this.events = events;
    read();
    var unused = timer.scheduleWithFixedDelay(this::read, SECONDS, SECONDS, TimeUnit.SECONDS);
  }

  private void read() {
    try {
      var names = new LinkedHashSet<String>();
      Files.readAllLines(file).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .forEach(names::add);
      failed = false;
      if (last.isEmpty() || !last.get().equals(names)) {
        last = Optional.of(names);
        log.info("agents on {} hosts are offered: {}", names.size(), file);
        events.accept(new MasterEvent.Whitelist(last));
      }
    } catch (IOException e) {
      if (!failed) {
        log.warn("--whitelist={} cannot be read: {}", file, e.toString());
      }
      failed = true;
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
