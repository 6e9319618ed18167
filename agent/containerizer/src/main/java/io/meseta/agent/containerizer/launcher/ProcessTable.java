// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.containerizer.launcher;

import io.meseta.agent.containerizer.shim.ProcFs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// All processes of the host at one moment: read once, asked for many containers.
public final class ProcessTable {
  private static final double TICKS_PER_SECOND = 100; // USER_HZ, fixed in the kernel's interface
  private static final long PAGE_BYTES = 4096;

  /// What the processes of one container have used.
  public record Usage(
      double userSeconds, double systemSeconds, long rssBytes, int processes, int threads) {
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0);
  }

  private final Map<Long, ProcFs.Stat> byPid = new HashMap<>();
  private final Map<Long, List<Long>> children = new HashMap<>();

  private ProcessTable() {}

  /// Reads /proc.
  public static ProcessTable read() {
    var table = new ProcessTable();
    try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (var entry : all) {
        ProcFs.stat(Long.parseLong(entry.getFileName().toString())).ifPresent(table::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read /proc", e);
    }
    return table;
  }

  private void add(ProcFs.Stat stat) {
    byPid.put(stat.pid(), stat);
    children.computeIfAbsent(stat.parent(), p -> new ArrayList<>()).add(stat.pid());
  }

  /// The sum over all processes below `shim`: those alive, and those it has waited for.
  public Usage below(long shim) {
    var root = byPid.get(shim);
    if (root == null) {
      return Usage.NONE;
    }
    long user = root.childTicksUser();
    long system = root.childTicksSystem();
    long pages = 0;
    int processes = 0;
    int threads = 0;
    var todo = new ArrayDeque<>(children.getOrDefault(shim, List.of()));
    while (!todo.isEmpty()) {
      var stat = byPid.get(todo.poll());
      if (stat == null) {
        continue;
      }
      user += stat.userTicks() + stat.childTicksUser();
      system += stat.systemTicks() + stat.childTicksSystem();
      pages += stat.rssPages();
      processes++;
      threads += stat.threads();
      todo.addAll(children.getOrDefault(stat.pid(), List.of()));
    }
    return new Usage(
        user / TICKS_PER_SECOND, system / TICKS_PER_SECOND, pages * PAGE_BYTES, processes, threads);
  }
}
