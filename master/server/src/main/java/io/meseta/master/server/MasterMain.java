// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.server;

import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import io.meseta.http.ListenException;
import io.meseta.http.system.Logging;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The program `meseta-master`: runs a master in the foreground until it is told to stop or cannot
/// go on.
public final class MasterMain {
  private static final Logger log = LoggerFactory.getLogger(MasterMain.class);

  /// The name of the log in `--log_dir`, the original's.
  static final String LOG = "mesos-master.INFO";

  private MasterMain() {}

  /// Exits with 128 + N after signal N, 1 for flags or an address that cannot be used, 2 when the
  /// master could not go on (it lost its leadership, for example) and should be started again.
  public static void main(String[] args) {
    int code = run(List.of(args));
    if (code != 0) {
      System.exit(code);
    }
  }

  private static int run(List<String> args) {
    if (Flags.help(args)) {
      System.out.println(
          Flags.help(
              MasterFlags.class,
              MasterFlags.STYLE,
              "Leads a cluster: keeps its agents, offers their resources to frameworks, and"
                  + " launches what they ask for."));
      return 0;
    }
    if (args.contains("--version")) {
      System.out.println("meseta-master, speaking as mesos " + Identity.VERSION);
      return 0;
    }
    try {
      var flags = MasterFlags.parse(args, System.getenv(), System.err::println);
      Logging.configure(flags.loggingLevel(), flags.quiet());
      Flags.effective(flags).forEach((name, value) -> log.info("--{}={}", name, value));
      var server = MasterServer.start(flags);
      Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
      log.error("ending: {}", server.ended().join());
      return 2;
    } catch (FlagException e) {
      e.problems().forEach(System.err::println);
      System.err.println("See ./meseta master --help");
      return 1;
    } catch (IllegalArgumentException | ListenException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }
}
