// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meseta.agent.core.recovery.Layout;
import io.meseta.agent.core.recovery.RecoveredState;
import io.meseta.agent.core.recovery.TaskRecord;
import io.meseta.wire.internal.ResourceState;
import io.meseta.wire.internal.StatusUpdateRecord;
import io.meseta.wire.v1.AgentInfo;
import io.meseta.wire.v1.DrainConfig;
import io.meseta.wire.v1.ExecutorInfo;
import io.meseta.wire.v1.FrameworkInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads what the last agent wrote. With `--strict` a file that cannot be read ends the agent,
/// unless the host was restarted: then files may be cut short, and what they described is gone
/// anyway.
final class Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

  private final Layout layout;
  private final boolean strict;
  private boolean rebooted;
  private int errors;

  private Checkpoints(Layout layout, boolean strict) {
    this.layout = layout;
    this.strict = strict;
  }

  /// @param boot of the running host
  static RecoveredState read(Layout layout, String boot, boolean strict) throws IOException {
    return new Checkpoints(layout, strict).read(boot);
  }

  private RecoveredState read(String boot) throws IOException {
    var bootFile = Path.of(layout.bootId());
    rebooted = Files.exists(bootFile) && !Files.readString(bootFile).strip().equals(boot);
    var resources = ResourceState.getDefaultInstance();
    var resourceFile = Path.of(layout.resourceState());
    if (Files.exists(resourceFile)) {
      // Never skipped: a forgotten volume is somebody's data.
      resources = ResourceState.parseFrom(Files.readAllBytes(resourceFile));
    }
    var latest = Path.of(layout.latestAgent());
    Optional<AgentInfo> info = Optional.empty();
    Optional<DrainConfig> drain = Optional.empty();
    List<RecoveredState.Framework> frameworks = List.of();
    if (Files.isDirectory(latest)) {
      var agent = latest.toRealPath();
      var infoFile = agent.resolve("slave.info");
      if (Files.exists(infoFile)) {
        info = Optional.of(AgentInfo.parseFrom(Files.readAllBytes(infoFile)));
        var drainFile = agent.resolve("drain_config");
        if (Files.exists(drainFile)) {
          drain = Optional.of(DrainConfig.parseFrom(Files.readAllBytes(drainFile)));
        }
        frameworks = frameworks(agent.resolve("frameworks"));
      }
    }
    return new RecoveredState(
        info, rebooted, resources, drain, frameworks, oldAgents(info), errors);
  }

  private List<String> oldAgents(Optional<AgentInfo> info) throws IOException {
    var result = new ArrayList<String>();
    var keep = info.map(i -> i.getId().getValue()).orElse("");
    for (var folder : List.of(layout.agents(), layout.metaAgents())) {
      for (var child : folders(Path.of(folder))) {
        if (!child.getFileName().toString().equals(keep)) {
          result.add(child.toString());
        }
      }
    }
    return result;
  }

  private List<RecoveredState.Framework> frameworks(Path folder) throws IOException {
    var result = new ArrayList<RecoveredState.Framework>();
    for (var framework : folders(folder)) {
      read(
              framework,
              () -> {
                var info =
                    FrameworkInfo.parseFrom(
                        Files.readAllBytes(framework.resolve("framework.info")));
                var pid = Files.readString(framework.resolve("framework.pid"));
                return new RecoveredState.Framework(
                    info, pid, runs(framework.resolve("executors")));
              })
          .ifPresent(result::add);
    }
    return result;
  }

  private List<RecoveredState.Run> runs(Path folder) throws IOException {
    var result = new ArrayList<RecoveredState.Run>();
    for (var executor : folders(folder)) {
      var latest = executor.resolve("runs/latest");
      if (!Files.isDirectory(latest)) {
        continue; // removed by age
      }
      var run = latest.toRealPath();
      if (Files.exists(run.resolve("executor.sentinel"))) {
        continue;
      }
      read(
              executor,
              () -> {
                var info =
                    ExecutorInfo.parseFrom(Files.readAllBytes(executor.resolve("executor.info")));
                return new RecoveredState.Run(
                    info, run.getFileName().toString(), tasks(run.resolve("tasks")), false);
              })
          .ifPresent(result::add);
    }
    return result;
  }

  private List<RecoveredState.TaskState> tasks(Path folder) throws IOException {
    var result = new ArrayList<RecoveredState.TaskState>();
    for (var task : folders(folder)) {
      read(
              task,
              () -> {
                var record = TaskRecord.decode(Files.readAllBytes(task.resolve("task.info")));
                var records = new ArrayList<StatusUpdateRecord>();
                var updates = task.resolve("task.updates");
                if (Files.exists(updates)) {
                  for (var bytes : Disk.recover(updates)) {
                    records.add(StatusUpdateRecord.parseFrom(bytes));
                  }
                }
                return new RecoveredState.TaskState(
                    record.task(), record.info(), record.containerId(), records);
              })
          .ifPresent(result::add);
    }
    return result;
  }

  @FunctionalInterface
  private interface Reader<T> {
    T read() throws IOException;
  }

  private <T> Optional<T> read(Path what, Reader<T> reader) throws IOException {
    try {
      return Optional.of(reader.read());
    } catch (InvalidProtocolBufferException | java.nio.file.NoSuchFileException e) {
      if (strict && !rebooted) {
        throw new IOException(
            "cannot read the checkpoint "
                + what
                + ": "
                + e.getMessage()
                + " (with --no-strict it is skipped)",
            e);
      }
      errors++;
      LOG.warn("skipping the checkpoint {}: {}", what, e.getMessage());
      return Optional.empty();
    }
  }

  private static List<Path> folders(Path folder) throws IOException {
    var result = new ArrayList<Path>();
    if (Files.isDirectory(folder)) {
      try (var children = Files.newDirectoryStream(folder)) {
        for (var child : children) {
          if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
            result.add(child);
          }
        }
      }
    }
    result.sort(null);
    return result;
  }
}
