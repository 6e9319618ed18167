// SPDX-License-Identifier: Apache-2.0
package io.meseta.agent.server;

import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import io.meseta.flags.Style;
import io.meseta.http.system.Logging;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;

/// `meseta agent`, `mesos-agent`: one agent in the foreground.
///
/// SIGTERM ends it and leaves its tasks running; SIGUSR1 unregisters and kills them.
public final class AgentMain {
  public static final Style STYLE = OriginalFlags.known(Style.mesos("mesos-agent"));

  /// The name of the log in `--log_dir`, the original's.
  static final String LOG = "mesos-agent.INFO";

  private AgentMain() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /// @return the exit status
  static int run(String[] args) {
    var arguments = Arrays.asList(args);
    if (Flags.help(arguments)) {
      System.out.print(
          Flags.help(
              AgentFlags.class,
              STYLE,
              "Offers this host's resources to a master and runs its tasks."));
      return 0;
    }
    if (arguments.contains("--version")) {
      System.out.println("mesos " + Version.NUMBER);
      return 0;
    }
    AgentFlags flags;
    try {
      flags = Flags.parse(AgentFlags.class, STYLE, arguments, System.getenv(), System.err::println);
    } catch (FlagException e) {
      e.problems().forEach(System.err::println);
      System.err.println("See ./meseta agent --help");
      return 1;
    }
    Logging.configure(flags.loggingLevel(), flags.quiet());
    AgentServer server;
    try {
      server = AgentServer.start(flags);
    } catch (AgentServer.StartException | RuntimeException e) {
      System.err.println(e.getMessage());
      return 1;
    }
    Signals.onUser1(() -> server.stop("SIGUSR1"));
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
    try {
      return server.ended().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } catch (ExecutionException e) {
      return 1;
    }
  }
}
