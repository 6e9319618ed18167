// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import com.google.protobuf.ByteString;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads what the last agent wrote, as the agent's server reads its files: what a crash cut short
/// is left out.
final class CheckpointReader {
  private final Layout layout;
  private final AgentDisk disk;
  private final TreeMap<String, List<ByteString>> files;
  private final TreeMap<String, String> links;

  CheckpointReader(Layout layout, AgentDisk disk) {
    this.layout = layout;
    this.disk = disk;
    this.files = disk.files();
    this.links = disk.links();
  }

  RecoveredState read() {
    try {
      // Reservations and volumes belong to the host, whichever agent runs on it.
      var written = file(layout.resourceState());
      var resources =
          written == null ? ResourceState.getDefaultInstance() : ResourceState.parseFrom(written);
      var agent = links.get(layout.latestAgent());
      var info = agent == null ? null : file(agent + "/slave.info");
      if (agent == null || info == null) {
        return state(Optional.empty(), resources, null, List.of());
      }
      return state(
          Optional.of(AgentInfo.parseFrom(info)),
          resources,
          file(agent + "/drain_config"),
          frameworks(agent + "/frameworks"));
    } catch (IOException e) {
      throw new Broken("a checkpoint cannot be read: " + e);
    }
  }

  private static RecoveredState state(
      Optional<AgentInfo> info,
      ResourceState resources,
      @Nullable ByteString drain,
      List<RecoveredState.Framework> frameworks)
      throws InvalidProtocolBufferException {
    return new RecoveredState(
        info,
        false,
        resources,
        drain == null ? Optional.empty() : Optional.of(DrainConfig.parseFrom(drain)),
        frameworks,
        List.of(),
        0);
  }

  private @Nullable ByteString file(String path) {
    var content = files.get(path);
    return content == null ? null : content.getFirst();
  }

  private TreeSet<String> children(String folder) {
    var result = new TreeSet<String>();
    var begin = folder + "/";
    for (var map : List.of(files, links)) {
      for (var path : map.subMap(begin, folder + "0").keySet()) {
        int end = path.indexOf('/', begin.length());
        if (end > 0) {
          result.add(path.substring(0, end));
        }
      }
    }
    return result;
  }

  private List<RecoveredState.Framework> frameworks(String folder)
      throws InvalidProtocolBufferException {
    var result = new ArrayList<RecoveredState.Framework>();
    for (var framework : children(folder)) {
      var info = file(framework + "/framework.info");
      var pid = file(framework + "/framework.pid");
      if (info != null && pid != null) {
        result.add(
            new RecoveredState.Framework(
                FrameworkInfo.parseFrom(info), pid.toStringUtf8(), runs(framework + "/executors")));
      }
    }
    return result;
  }

  private List<RecoveredState.Run> runs(String folder) throws InvalidProtocolBufferException {
    var result = new ArrayList<RecoveredState.Run>();
    for (var executor : children(folder)) {
      var run = links.get(executor + "/runs/latest");
      var info = file(executor + "/executor.info");
      if (run == null || !disk.isFolder(run)) {
        continue; // removed by age
      }
      if (info != null && !files.containsKey(run + "/executor.sentinel")) {
        result.add(
            new RecoveredState.Run(
                ExecutorInfo.parseFrom(info),
                run.substring(run.lastIndexOf('/') + 1),
                tasks(run + "/tasks"),
                false));
      }
    }
    return result;
  }

  private List<RecoveredState.TaskState> tasks(String folder)
      throws InvalidProtocolBufferException {
    var result = new ArrayList<RecoveredState.TaskState>();
    for (var task : children(folder)) {
      var info = file(task + "/task.info");
      if (info == null) {
        continue;
      }
      var record = TaskRecord.decode(info.toByteArray());
      var records = new ArrayList<StatusUpdateRecord>();
      for (var bytes : files.getOrDefault(task + "/task.updates", List.of())) {
        records.add(StatusUpdateRecord.parseFrom(bytes));
      }
      result.add(
          new RecoveredState.TaskState(
              record.task(), record.info(), record.containerId(), records));
    }
    return result;
  }
}
