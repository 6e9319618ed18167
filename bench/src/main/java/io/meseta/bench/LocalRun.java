// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `meseta local` on free ports, with nothing left by an earlier one.
record LocalRun(Path dir, Server server, int marathon, int master) implements AutoCloseable {
  static LocalRun start() throws IOException {
    var dir = Files.createTempDirectory("meseta-bench");
    int marathon = Server.freePort();
    int master = Server.freePort();
    return new LocalRun(
        dir,
        Server.start(
            dir,
            "local",
            List.of(
                "--work-dir=" + dir.resolve("data"),
                "--master-port=" + master,
                "--agent-port=" + Server.freePort(),
                "--marathon-port=" + marathon,
                "--chronos-port=" + Server.freePort(),
                "--zookeeper-port=" + Server.freePort(),
                "--resources=cpus:4;mem:4096;disk:4096;ports:[31000-32000]")),
        marathon,
        master);
  }

  String url(String path) {
    return "http://127.0.0.1:" + marathon + path;
  }

  void awaitMarathon() throws IOException, InterruptedException {
    server.awaitUrl(url("/v2/apps"), body -> body.contains("\"apps\""));
  }

  @Override
  public void close() throws IOException {
    server.close();
    Cluster.remove(dir);
  }
}
