// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import io.meseta.agent.server.AgentMain;
import io.meseta.chronos.server.ChronosServer;
import io.meseta.marathon.server.MarathonServer;
import io.meseta.master.server.MasterMain;
import java.util.Arrays;
import java.util.Optional;

/// The entry point of every command that the launcher hands to Java.
public final class Meseta {
  static final String VERSION = "0.1.0";

  private Meseta() {}

  /// The log of a master or agent with `--log_dir`, which has to be known before the first line is
  /// logged; the flag itself is checked with all others.
  static Optional<String> logFile(String command, String... args) {
    if (!command.equals("master") && !command.equals("agent")) {
      return Optional.empty();
    }
    return Arrays.stream(args)
        .filter(arg -> arg.startsWith("--log_dir="))
        .map(arg -> arg.substring("--log_dir=".length()))
        .findFirst()
        .or(() -> Optional.ofNullable(System.getenv("MESOS_LOG_DIR")))
        .filter(folder -> !folder.isEmpty() && !folder.startsWith("file://"))
        .map(folder -> folder + "/mesos-" + command + ".INFO");
  }

  public static void main(String[] args) throws Exception {
    var command = args.length == 0 ? "" : args[0];
    var rest = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
    if (!command.equals("local") && System.getProperty("logback.configurationFile") == null) {
      logFile(command, rest)
          .ifPresentOrElse(
              file -> {
                System.setProperty("meseta.log", file);
                System.setProperty("logback.configurationFile", "logback-folder.xml");
              },
              () -> System.setProperty("logback.configurationFile", "logback-server.xml"));
    }
    switch (command) {
      case "local" -> System.exit(LocalMain.run(rest, System.getenv()));
      case "master" -> MasterMain.main(rest);
      case "agent" -> AgentMain.main(rest);
      case "marathon" -> MarathonServer.main(rest);
      case "chronos" -> System.exit(ChronosServer.run(rest, System.getenv()));
      case "sim" -> io.meseta.sim.SimMain.main(rest);
      case "emulate" -> System.exit(io.meseta.emulate.EmulateMain.run(rest, System.getenv()));
      case "zookeeper" -> System.exit(ZooKeeperMain.run(rest, System.getenv()));
      case "train" -> System.exit(TrainMain.run());
      case "docs" ->
          System.exit(
              FlagDocs.write(
                  java.nio.file.Path.of(System.getProperty("meseta.home", "."), "docs", "flags")));
      case "run-copies" -> io.meseta.examples.RunCopies.main(rest);
      case "version" -> System.out.println("meseta " + VERSION + " (speaks as Mesos 1.12.0)");
      default -> {
        System.err.println("meseta: unknown command '" + command + "'");
        System.exit(1);
      }
    }
  }
}
