// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Starts agents below a temporary folder and asks them things.
final class Agents {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Agents() {}

  static List<String> arguments(FakeMaster master, Path root, String... more) {
    var arguments =
        new ArrayList<>(
            List.of(
                "--master=" + master.address(),
                "--work_dir=" + root.resolve("work"),
                "--runtime_dir=" + root.resolve("run"),
                "--fetcher_cache_dir=" + root.resolve("fetch"),
                "--ip=127.0.0.1",
                "--port=0",
                "--hostname=localhost",
                "--registration_backoff_factor=50ms",
                "--resources=cpus:4;mem:6000;disk:4000;ports:[32000-32500]",
                "--attributes=rack:r1"));
    for (var argument : more) {
      var name = argument.substring(0, argument.indexOf('=') + 1);
      arguments.removeIf(given -> given.startsWith(name));
      arguments.add(argument);
    }
    return arguments;
  }

  /// A port for an agent that is started again and must be found in the same place.
  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  static AgentServer start(FakeMaster master, Path root, String... more)
      throws FlagException, AgentServer.StartException {
    return AgentServer.start(
        Flags.parse(AgentFlags.class, AgentMain.STYLE, arguments(master, root, more), Map.of()));
  }

  /// Kills what a failed test left running below `root`.
  static void killAll(Path root) throws IOException, InterruptedException {
    var journal = root.resolve("run/shims/journal");
    if (!Files.isRegularFile(journal)) {
      return;
    }
    for (var line : Files.readAllLines(journal)) {
      var fields = line.split(" ");
      if (fields.length == 7
          && fields[1].equals("pid")
          && ProcessHandle.of(Long.parseLong(fields[5]))
              .flatMap(shim -> shim.info().commandLine())
              .filter(command -> command.contains(root.toString()))
              .isPresent()) {
        var unused =
            new ProcessBuilder("kill", "-USR1", fields[5])
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
      }
    }
  }

  static HttpResponse<String> get(AgentServer agent, String path)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  static HttpResponse<String> call(AgentServer agent, String json)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + agent.port() + "/api/v1"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
