// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/// A master and an agent as two processes. The agent claims resources for any number of tasks.
record Cluster(Path dir, Server master, Server agent, String address) implements AutoCloseable {
  static Cluster start() throws IOException, InterruptedException {
    var dir = Files.createTempDirectory("meseta-bench");
    int port = Server.freePort();
    int agentPort = Server.freePort();
    var master =
        Server.start(
            dir,
            "master",
            List.of(
                "--ip=127.0.0.1",
                "--port=" + port,
                "--registry=in_memory",
                "--work_dir=" + dir.resolve("master"),
                "--no-hostname_lookup"));
    master.awaitUrl("http://127.0.0.1:" + port + "/health", body -> true);
    var agent =
        Server.start(
            dir,
            "agent",
            List.of(
                "--master=127.0.0.1:" + port,
                "--ip=127.0.0.1",
                "--port=" + agentPort,
                "--work_dir=" + dir.resolve("agent"),
                "--runtime_dir=" + dir.resolve("run"),
                "--no-hostname_lookup",
                "--resources=cpus:100000;mem:10000000;disk:1000000;ports:[31000-32000]"));
    agent.awaitUrl(
        "http://127.0.0.1:" + port + "/metrics/snapshot",
        body -> body.contains("\"master/slaves_active\":1"));
    return new Cluster(dir, master, agent, "127.0.0.1:" + port);
  }

  @Override
  public void close() throws IOException {
    agent.endWithTasks();
    master.close();
    remove(dir);
  }

  static void remove(Path dir) throws IOException {
    try (var files = Files.walk(dir)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
