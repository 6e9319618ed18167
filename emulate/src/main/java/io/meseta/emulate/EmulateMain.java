// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate;

import io.meseta.flags.FlagException;
import io.meseta.flags.Flags;
import io.meseta.sdk.MasterDetector;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// `meseta emulate`: agents that run nothing, to find out how large a cluster a master bears.
public final class EmulateMain {
  private EmulateMain() {}

  /// Runs until the time is up or the process is ended; the exit code.
  public static int run(String[] args, Map<String, String> environment)
      throws InterruptedException {
    if (Flags.help(List.of(args))) {
      System.out.print(
          Flags.help(
              EmulateFlags.class,
              EmulateFlags.STYLE,
              "Registers agents that take tasks and run nothing with a master."));
      return 0;
    }
    EmulateFlags flags;
    Profile profile;
    try {
      flags = Flags.parse(EmulateFlags.class, EmulateFlags.STYLE, List.of(args), environment);
      profile =
          Profile.of(
              flags.resources(),
              flags.taskTime(),
              flags.taskTimeDeviation(),
              java.time.Duration.ofSeconds(1));
    } catch (FlagException e) {
      e.problems().forEach(System.err::println);
      return 1;
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return 1;
    }
    try (var masters = MasterDetector.of(flags.master());
        var fleet = Fleet.sockets(profile, flags.agents(), flags.ip(), flags.seed())) {
      fleet.follow(masters);
      report(fleet, flags, System.out);
      return 0;
    } catch (IllegalArgumentException e) {
      System.err.println("--master=" + flags.master() + ": " + e.getMessage());
      return 1;
    }
  }

  private static void report(Fleet fleet, EmulateFlags flags, PrintStream out)
      throws InterruptedException {
    long end =
        flags.duration().map(time -> System.nanoTime() + time.toNanos()).orElse(Long.MAX_VALUE);
    long launches = 0;
    while (end == Long.MAX_VALUE || System.nanoTime() < end) {
      TimeUnit.SECONDS.sleep(1);
      long now = fleet.launchCount();
      out.printf(
          "%d of %d agents registered, %d tasks running, %d launched (%d in the last second)%n",
          fleet.registeredCount(), fleet.size(), fleet.runningCount(), now, now - launches);
      launches = now;
    }
  }
}
