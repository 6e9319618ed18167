// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import com.google.protobuf.ByteString;
import io.meseta.agent.core.recovery.Write;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// The disk of an agent: writes take their time and are done in order. A crash of the agent loses
/// the batches that were not begun and may cut the first one short.
final class AgentDisk {
  private record Job(long token, List<Write> writes) {}

  private final AgentNode node;
  private final ArrayDeque<Job> jobs = new ArrayDeque<>();
  private final TreeMap<String, List<ByteString>> files = new TreeMap<>();
  private final TreeMap<String, String> links = new TreeMap<>();
  private final TreeSet<String> folders = new TreeSet<>();
  private final TreeMap<String, Long> changed = new TreeMap<>();

  /// How long the agent stays away after it was killed in the middle of its next batch of several
  /// writes; null when it is not to be killed.
  private @Nullable Duration tearNext;

  private boolean tearing;

  AgentDisk(AgentNode node) {
    this.node = node;
  }

  void submit(long token, List<Write> writes, LongConsumer done) {
    jobs.add(new Job(token, writes));
    if (jobs.size() == 1) {
      next(done);
    }
  }

  void tearNext(@Nullable Duration away) {
    tearNext = away;
  }

  private void next(LongConsumer done) {
    long delay = node.cluster.chance.nanos(Duration.ofNanos(50_000), Duration.ofMillis(5));
    if (node.cluster.diskDelayMillis > 0) {
      delay += node.cluster.chance.millis(0, node.cluster.diskDelayMillis);
      node.cluster.count(Happening.WRITES_SLOW);
    }
    int life = node.life;
    node.cluster.clock.after(
        delay,
        () -> {
          if (node.life != life || jobs.isEmpty()) {
            return;
          }
          var away = tearNext;
          if (away != null && jobs.element().writes().size() > 1) {
            tearNext = null;
            tearing = true;
            node.crash("killed while it writes");
            node.cluster.clock.after(away, node::start);
            return;
          }
          var job = jobs.poll();
          job.writes().forEach(this::carryOut);
          done.accept(job.token());
          if (!jobs.isEmpty()) {
            next(done);
          }
        });
  }

  /// The agent has crashed.
  void crashed() {
    var current = jobs.poll();
    if (current != null) {
      int all = current.writes().size();
      int done =
          tearing && all > 1
              ? 1 + node.cluster.chance.below(all - 1)
              : node.cluster.chance.below(all + 1);
      current.writes().subList(0, done).forEach(this::carryOut);
      if (done < all) {
        node.cluster.count(done == 0 ? Happening.WRITES_LOST : Happening.WRITES_TORN);
      }
    }
    jobs.forEach(job -> node.cluster.count(Happening.WRITES_LOST));
    jobs.clear();
    tearing = false;
    if (node.cluster.options.plant() == Options.Plant.FORGETFUL_DISK) {
      long since = node.cluster.clock.nanos() - Duration.ofSeconds(20).toNanos();
      files.keySet().removeIf(path -> changed.getOrDefault(path, 0L) > since);
    }
  }

  private void carryOut(Write write) {
    switch (write) {
      case Write.Put(var path, var content, _) -> {
        files.put(path, List.of(content));
        changed.put(path, node.cluster.clock.nanos());
      }
      case Write.Append(var path, var record) -> {
        var records = new ArrayList<>(files.getOrDefault(path, List.of()));
        records.add(record);
        files.put(path, records);
        changed.put(path, node.cluster.clock.nanos());
      }
      case Write.Link(var path, var target) -> links.put(path, target);
      case Write.Remove(var path) -> {
        files.remove(path);
        links.remove(path);
      }
      case Write.Folder(var path) -> folders.add(path);
      case Write.Move(var path, var target) -> folders.remove(path);
      case Write.Empty(var path) -> {} // volumes hold nothing here
    }
  }

  /// Removes a path with all below it.
  void removeTree(String path) {
    for (SortedMap<String, ?> map : List.<SortedMap<String, ?>>of(files, links, changed)) {
      map.remove(path);
      map.subMap(path + "/", path + "0").clear();
    }
    folders.remove(path);
    folders.subSet(path + "/", path + "0").clear();
  }

  /// Whether there is such a folder.
  boolean isFolder(String path) {
    return !files.subMap(path + "/", path + "0").isEmpty()
        || folders.contains(path)
        || !folders.subSet(path + "/", path + "0").isEmpty();
  }

  TreeMap<String, List<ByteString>> files() {
    return files;
  }

  TreeMap<String, String> links() {
    return links;
  }
}
