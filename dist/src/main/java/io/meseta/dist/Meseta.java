// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import io.meseta.agent.server.AgentMain;
import io.meseta.chronos.server.ChronosServer;
import io.meseta.marathon.server.MarathonServer;
import io.meseta.master.server.MasterMain;
import java.util.Arrays;

/// The entry point of every command that the launcher hands to Java.
public final class Meseta {
  static final String VERSION = "0.1.0";

  private Meseta() {}

  public static void main(String[] args) throws Exception {
    var command = args.length == 0 ? "" : args[0];
    var rest = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
    if (!command.equals("local") && System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "logback-server.xml");
    }
    switch (command) {
      case "local" -> System.exit(LocalMain.run(rest, System.getenv()));
      case "master" -> MasterMain.main(rest);
      case "agent" -> AgentMain.main(rest);
      case "marathon" -> MarathonServer.main(rest);
      case "chronos" -> System.exit(ChronosServer.run(rest, System.getenv()));
      case "sim" -> io.meseta.sim.SimMain.main(rest);
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
