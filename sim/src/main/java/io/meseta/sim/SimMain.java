// SPDX-License-Identifier: Apache-2.0
package io.meseta.sim;

import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// `meseta sim`: runs simulations and says how they ended.
public final class SimMain {
  private static final String USAGE =
      """
      Usage: ./meseta sim [--seed N] [--hours H] [--runs R] [--threads T] [--keep-going] [--trace]

        --seed N      begin with this seed (default: a random one, printed)
        --hours H     virtual hours of each run (default: 1)
        --runs R      how many runs, of seeds N, N+1, ... (default: 1)
        --threads T   how many runs at the same time (default: one for each processor)
        --keep-going  the other runs go on when one is broken
        --trace       print every event
        --help        print this and end
      """;

  private record Arguments(
      long seed, double hours, int runs, int threads, boolean keepGoing, boolean trace) {}

  /// A run that ended, and how much processor time it took.
  private record Ended(long seed, Simulation.Result result, double seconds) {}

  private SimMain() {}

  public static void main(String[] args) {
    int code = run(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  /// The exit code: 2 when an invariant does not hold, 1 for arguments that make no sense.
  static int run(String[] args) {
    if (List.of(args).contains("--help") || List.of(args).contains("-h")) {
      System.out.print(USAGE);
      return 0;
    }
    Arguments arguments;
    try {
      arguments = parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("meseta sim: " + e.getMessage());
      System.err.println("See ./meseta sim --help");
      return 1;
    }
    long begin = System.nanoTime();
    double virtual = 0;
    double processor = 0;
    var tally = new Tally();
    var broken = new ArrayList<Long>();
    try (var threads = Executors.newFixedThreadPool(arguments.threads())) {
      // Few more than run at once are made beforehand: results are large, and a failure ends all.
      var waiting = new ArrayDeque<Future<Ended>>();
      for (int i = 0; i < arguments.runs() || !waiting.isEmpty(); i++) {
        if (i < arguments.runs()) {
          long seed = arguments.seed() + i;
          waiting.add(threads.submit(() -> simulate(arguments, seed)));
        }
        if (waiting.size() > 2 * arguments.threads() || i >= arguments.runs() - 1) {
          var ended = waiting.remove().get();
          virtual += ended.result().virtual().toMillis() / 3.6e6;
          processor += ended.seconds();
          tally.add(ended.result().tally());
          if (!tell(arguments, ended)) {
            broken.add(ended.seed());
            if (!arguments.keepGoing()) {
              threads.shutdownNow();
              return 2;
            }
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 2;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    if (arguments.runs() > 1) {
      double seconds = (System.nanoTime() - begin) / 1e9;
      System.out.printf(
          "%d runs, %.1f virtual hours in %.1f s: %.0f in ten minutes; %.2f s of processor time for"
              + " each%n",
          arguments.runs(), virtual, seconds, virtual / seconds * 600, processor / virtual);
    }
    tally.lines().forEach(System.out::println);
    if (!broken.isEmpty()) {
      System.out.println("broken: seeds " + broken);
    }
    return broken.isEmpty() ? 0 : 2;
  }

  private static Ended simulate(Arguments arguments, long seed) {
    var threads = ManagementFactory.getThreadMXBean();
    long begin = threads.getCurrentThreadCpuTime();
    var result =
        Simulation.run(
            Options.of(seed).tracing(arguments.trace()),
            Duration.ofMillis(Math.round(arguments.hours() * 3_600_000)));
    return new Ended(
        seed, result, Math.max(1e-3, (threads.getCurrentThreadCpuTime() - begin) / 1e9));
  }

  private static boolean tell(Arguments arguments, Ended ended) {
    var result = ended.result();
    System.out.printf(
        "seed %d: %s virtual, %d events in %.1f s of processor time (%.0f/s), trace %016x: %s%n",
        ended.seed(),
        text(result.virtual()),
        result.events(),
        ended.seconds(),
        result.events() / ended.seconds(),
        result.hash(),
        result.ok() ? "ok" : "BROKEN");
    if (!result.ok()) {
      if (!arguments.trace()) {
        result.last().forEach(System.out::println);
      }
      System.out.println("broken: " + result.failure());
      System.out.println(
          "again: ./meseta sim --seed " + ended.seed() + " --hours " + arguments.hours());
    }
    return result.ok();
  }

  private static String text(Duration duration) {
    return "%d:%02d:%02d h"
        .formatted(duration.toHours(), duration.toMinutesPart(), duration.toSecondsPart());
  }

  private static Arguments parse(String[] args) {
    long seed = new SecureRandom().nextInt(Integer.MAX_VALUE);
    double hours = 1;
    int runs = 1;
    int threads = Runtime.getRuntime().availableProcessors();
    boolean trace = false;
    boolean keepGoing = false;
    for (int i = 0; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      var name = equals < 0 ? args[i] : args[i].substring(0, equals);
      if (args[i].equals("--trace")) {
        trace = true;
        continue;
      }
      if (args[i].equals("--keep-going")) {
        keepGoing = true;
        continue;
      }
      if (!List.of("--seed", "--hours", "--runs", "--threads").contains(name)) {
        throw new IllegalArgumentException("unknown option '" + args[i] + "'");
      }
      if (equals < 0 && i + 1 == args.length) {
        throw new IllegalArgumentException(name + " has no value");
      }
      var value = equals < 0 ? args[++i] : args[i].substring(equals + 1);
      try {
        switch (name) {
          case "--seed" -> seed = Long.parseLong(value);
          case "--hours" -> hours = Double.parseDouble(value);
          case "--threads" -> threads = Integer.parseInt(value);
          default -> runs = Integer.parseInt(value);
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(name + "=" + value + " (expected: a number)", e);
      }
    }
    if (!(hours > 0 && hours <= 100_000)) {
      throw new IllegalArgumentException("--hours=" + hours + " (expected: > 0, at most 100000)");
    }
    if (runs < 1) {
      throw new IllegalArgumentException("--runs=" + runs + " (expected: > 0)");
    }
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("--threads=" + threads + " (expected: 1 to 1024)");
    }
    // A trace of two runs at once could not be read.
    return new Arguments(seed, hours, runs, trace ? 1 : Math.min(threads, runs), keepGoing, trace);
  }
}
