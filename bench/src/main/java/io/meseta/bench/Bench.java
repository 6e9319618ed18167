// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// Runs the benchmark that the first argument names.
public final class Bench {
  /// What a benchmark is.
  interface Benchmark {
    void run(Arguments arguments) throws Exception;
  }

  private record Entry(String help, Benchmark benchmark) {}

  private static final Map<String, Entry> ALL = all();

  private Bench() {}

  private static Map<String, Entry> all() {
    var all = new LinkedHashMap<String, Entry>();
    all.put(
        "tasks",
        new Entry(
            "no-op tasks per second on one agent: --tasks=3000 --runs=3 --window=256"
                + " --command=true --checkpoint=both",
            Tasks::run));
    all.put(
        "memory",
        new Entry(
            "resident memory of master and agent per running task: --tasks=500", Memory::run));
    all.put(
        "start",
        new Entry("from `meseta local` to the first healthy application: --runs=5", Start::run));
    all.put(
        "idle",
        new Entry("memory and CPU time of `meseta local` at rest: --seconds=60", Idle::run));
    all.put(
        "messages",
        new Entry("messages between peers per second: --messages=300000", Messages::run));
    all.put("json", new Entry("JSON of a typical message, written and read", JsonSpeed::run));
    all.put(
        "failover",
        new Entry(
            "emulated agents register again with a fresh master: --agents=20000 --frameworks=1"
                + " --tasks=5 --ended=0 --ended_tasks=10 --sockets=0 --rehearsed=0 --runs=3",
            Failover::run));
    all.put(
        "state",
        new Entry(
            "/state and GET_STATE with ten running and ten completed tasks an agent:"
                + " --agents=10000 --runs=5",
            StateQuery::run));
    all.put(
        "polling",
        new Entry(
            "clients polling /state, and /health meanwhile: --agents=100 --clients=20"
                + " --requests=50 --changing=1",
            Responsiveness::run));
    all.put(
        "allocation",
        new Entry(
            "a cycle of the allocator, everything refused: --agents=10000 --frameworks=1000"
                + " --rounds=50",
            AllocationCycle::run));
    all.put(
        "quota",
        new Entry(
            "a cycle of the allocator that satisfies the guarantees of many roles: --roles=3000"
                + " --runs=4",
            QuotaCycle::run));
    all.put(
        "freed",
        new Entry(
            "from the end of a task to the offer of what it held: --agents=10000 --times=500",
            FreedOffer::run));
    all.put(
        "herd",
        new Entry(
            "emulated agents register all at once, and /health meanwhile: --agents=10000 --runs=3",
            Herd::run));
    all.put(
        "footprint",
        new Entry(
            "what agents and tasks weigh in the master's heap: --agents=10000 --tasks=10",
            Footprint::run));
    all.put(
        "launches",
        new Entry(
            "tasks of 30 s on emulated agents that hold one each: --agents=50000 --frameworks=200"
                + " --warm_up=60 --seconds=60 --sockets=0",
            Launches::run));
    all.put(
        "million",
        new Entry(
            "a million tasks on emulated agents: --agents=5000 --tasks=1000000 --frameworks=10"
                + " --at_once=50",
            Million::run));
    all.put(
        "takeovers",
        new Entry(
            "the leading of three masters is killed again and again: --agents=300 --kills=15"
                + " --every=20 --session=10",
            Takeovers::run));
    all.put(
        "reconcile",
        new Entry("unknown tasks reconciled: --tasks=100000 --runs=5", Reconcile::run));
    return all;
  }

  public static void main(String[] args) throws Exception {
    if (args.length == 0 || args[0].equals("--help") || args[0].equals("help")) {
      System.out.println("Usage: ./meseta bench NAME [--option=value ...]\n");
      ALL.forEach((name, entry) -> System.out.printf("  %-11s %s%n", name, entry.help()));
      return;
    }
    var entry = ALL.get(args[0]);
    if (entry == null) {
      System.err.println(
          "bench: '" + args[0] + "' (expected: " + String.join(", ", ALL.keySet()) + ")");
      System.exit(1);
    }
    var options = Arrays.asList(args).subList(1, args.length);
    if (options.contains("--help")) {
      System.out.println("Usage: ./meseta bench " + args[0] + " [--option=value ...]\n");
      System.out.println("  " + entry.help());
      return;
    }
    try {
      var arguments = new Arguments(options, entry.help());
      System.out.println(Machine.describe());
      entry.benchmark().run(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(1);
    }
    System.exit(0);
  }
}
