// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// What /proc says.
final class Machine {
  private static final double TICKS_PER_SECOND = 100; // USER_HZ of Linux

  private Machine() {}

  static String describe() throws IOException {
    var model =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("unknown processor");
    return ("%s, %d processors (%s), Java %s, load %s, sorts two million numbers in %d ms,"
            + " a random read of memory takes %d ns")
        .formatted(
            LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm")),
            Runtime.getRuntime().availableProcessors(),
            model,
            Runtime.version(),
            load(),
            sortMillis(),
            readNanos());
  }

  /// What one processor does on its own just now, the best of five tries: virtual machines of the
  /// same name differ, from one hour to the next too.
  private static long sortMillis() {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      var numbers = new SplittableRandom(1).longs(2_000_000).toArray();
      long begin = System.nanoTime();
      Arrays.sort(numbers);
      best = Math.min(best, System.nanoTime() - begin);
    }
    return TimeUnit.NANOSECONDS.toMillis(best);
  }

  /// How long a read takes that no cache helps, each depending on the one before; the best of three
  /// tries. Large heaps live by it.
  private static long readNanos() {
    var memory = new int[1 << 25];
    int steps = 1 << 20;
    long best = Long.MAX_VALUE;
    int at = 0;
    for (int i = 0; i < 3; i++) {
      long begin = System.nanoTime();
      for (int step = 0; step < steps; step++) {
        at = (at * 1_664_525 + 1_013_904_223 + memory[at]) & (memory.length - 1);
      }
      best = Math.min(best, System.nanoTime() - begin);
    }
    memory[at] = 1; // so that nothing is optimised away
    return best / steps;
  }

  /// The load averages of 1, 5 and 15 minutes.
  static String load() throws IOException {
    return String.join(
        " ", Arrays.copyOf(Files.readString(Path.of("/proc/loadavg")).split(" "), 3));
  }

  /// Seconds of CPU time that all processors together were busy since boot.
  static double busySeconds() throws IOException {
    var fields = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +");
    double ticks = 0;
    for (int i = 1; i <= 8; i++) {
      if (i != 4 && i != 5) { // idle, waiting for a disk
        ticks += Double.parseDouble(fields[i]);
      }
    }
    return ticks / TICKS_PER_SECOND;
  }

  /// Seconds of CPU time that a process itself has used.
  static double cpuSeconds(long pid) throws IOException {
    var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Double.parseDouble(fields[11]) + Double.parseDouble(fields[12])) / TICKS_PER_SECOND;
  }

  /// Seconds of CPU time that this process has used: on a machine that others use too it says more
  /// than the clock.
  static double cpuSeconds() throws IOException {
    return cpuSeconds(ProcessHandle.current().pid());
  }

  /// Proportional resident memory in KiB: shared pages are divided among those who share them; 0
  /// for a process that is gone.
  static long pssKib(long pid) throws IOException {
    return field(Path.of("/proc/" + pid + "/smaps_rollup"), "Pss:");
  }

  /// Resident memory in KiB; 0 for a process that is gone.
  static long rssKib(long pid) throws IOException {
    return field(Path.of("/proc/" + pid + "/status"), "VmRSS:");
  }

  private static long field(Path file, String name) throws IOException {
    try {
      for (var line : Files.readAllLines(file)) {
        if (line.startsWith(name)) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
      return 0;
    } catch (NoSuchFileException gone) {
      return 0;
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("No such process")) {
        return 0;
      }
      throw e;
    }
  }

  static double median(double[] values) {
    var sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
