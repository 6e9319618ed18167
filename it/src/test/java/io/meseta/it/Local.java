// SPDX-License-Identifier: Apache-2.0
package io.meseta.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// `meseta local` on free ports.
final class Local implements AutoCloseable {
  final int masterPort = Program.freePort();
  final int agentPort = Program.freePort();
  final int marathonPort = Program.freePort();
  final int chronosPort = Program.freePort();
  final int zookeeperPort = Program.freePort();
  final Path dir;
  Program program;

  private Local(Path dir) {
    this.dir = dir;
  }

  static Local start(Path dir, String... more) throws InterruptedException {
    var local = new Local(dir);
    local.start(more);
    return local;
  }

  /// Starts it (again) on the same ports and folder.
  void start(String... more) throws InterruptedException {
    var args =
        new ArrayList<>(
            List.of(
                "--work-dir",
                dir.resolve("data").toString(),
                "--master-port",
                "" + masterPort,
                "--agent-port",
                "" + agentPort,
                "--marathon-port",
                "" + marathonPort,
                "--chronos-port",
                "" + chronosPort,
                "--zookeeper-port",
                "" + zookeeperPort));
    args.addAll(List.of(more));
    program = Program.start(dir, "local", args).awaitOutput("Ctrl-C", Duration.ofSeconds(90));
  }

  String master(String path) {
    return "http://localhost:" + masterPort + path;
  }

  String agent(String path) {
    return "http://localhost:" + agentPort + path;
  }

  String marathon(String path) {
    return "http://localhost:" + marathonPort + path;
  }

  String chronos(String path) {
    return "http://localhost:" + chronosPort + path;
  }

  /// Waits until so many instances of an app run, and returns the ids of their tasks.
  Set<String> awaitRunning(String app, int count) throws InterruptedException {
    var ids = new TreeSet<String>();
    Http.await(
        count + " running tasks of " + app,
        Duration.ofSeconds(90),
        () -> {
          ids.clear();
          for (var task : Http.json(marathon("/v2/apps/" + app + "/tasks")).get("tasks")) {
            if (task.get("state").stringValue().equals("TASK_RUNNING")) {
              ids.add(task.get("id").stringValue());
            }
          }
          return ids.size() == count;
        });
    return ids;
  }

  @Override
  public void close() {
    program.close();
  }
}
