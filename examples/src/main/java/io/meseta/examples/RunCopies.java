// SPDX-License-Identifier: Apache-2.0
package io.meseta.examples;

import io.meseta.sdk.Calls;
import io.meseta.sdk.Scheduler;
import io.meseta.sdk.SchedulerClient;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.MasterInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// Runs a command so many times in the cluster, prints what becomes of each copy, and ends.
///
/// `RunCopies --master=HOST:PORT [--command="sleep 1"] [--copies=3] [--cpus=0.1] [--mem=32]`
public final class RunCopies implements Scheduler {
  private final String command;
  private final double cpus;
  private final double mem;
  private final PrintStream out;
  private final ArrayDeque<String> waiting = new ArrayDeque<>();
  private final LinkedHashSet<String> running = new LinkedHashSet<>();
  private int failures;

  RunCopies(String command, int copies, double cpus, double mem, PrintStream out) {
    this.command = command;
    this.cpus = cpus;
    this.mem = mem;
    this.out = out;
    for (int i = 1; i <= copies; i++) {
      waiting.add("copy-" + i);
    }
  }

  @Override
  public void subscribed(SchedulerClient client, FrameworkID id, MasterInfo master) {
    out.println("subscribed as " + id.getValue());
    client.send(Calls.reconcileAll()); // what happened while we were away
  }

  @Override
  public void unreachable(SchedulerClient client, String where, String problem) {
    out.println("no master at " + where + ": " + problem + "; trying on (--master, Ctrl-C ends)");
  }

  @Override
  public void offers(SchedulerClient client, List<Offer> offers) {
    for (var offer : offers) {
      var tasks = new ArrayList<TaskInfo>();
      double freeCpus = scalar(offer, "cpus");
      double freeMem = scalar(offer, "mem");
      while (!waiting.isEmpty() && freeCpus >= cpus && freeMem >= mem) {
        var name = waiting.remove();
        running.add(name);
        tasks.add(task(offer, name));
        freeCpus -= cpus;
        freeMem -= mem;
      }
      client.send(
          tasks.isEmpty()
              ? Calls.decline(List.of(offer.getId()), Duration.ofSeconds(60))
              : Calls.launch(offer, tasks));
    }
  }

  @Override
  public void update(SchedulerClient client, TaskStatus status) {
    var name = status.getTaskId().getValue();
    out.println(name + " " + status.getState() + " " + status.getMessage());
    switch (status.getState()) {
      case TASK_STAGING, TASK_STARTING, TASK_RUNNING, TASK_KILLING, TASK_UNREACHABLE -> {}
      default -> {
        if (running.remove(name) && status.getState() != TaskState.TASK_FINISHED) {
          failures++;
        }
      }
    }
    if (waiting.isEmpty() && running.isEmpty()) {
      Thread.ofVirtual().start(client::teardown); // it waits, so not on this thread
    }
  }

  @Override
  public void error(SchedulerClient client, String message) {
    out.println("error: " + message);
    failures++;
  }

  private TaskInfo task(Offer offer, String name) {
    return TaskInfo.newBuilder()
        .setName(name)
        .setTaskId(TaskID.newBuilder().setValue(name))
        .setAgentId(offer.getAgentId())
        .addResources(scalar("cpus", cpus))
        .addResources(scalar("mem", mem))
        .setCommand(CommandInfo.newBuilder().setValue(command))
        .build();
  }

  private static double scalar(Offer offer, String name) {
    return offer.getResourcesList().stream()
        .filter(resource -> resource.getName().equals(name))
        .mapToDouble(resource -> resource.getScalar().getValue())
        .sum();
  }

  private static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .build();
  }

  /// The exit code: 1 when a copy failed or the options cannot be used.
  static int run(String[] args, PrintStream out, PrintStream err) {
    var options =
        new Options()
            .with("master", "127.0.0.1:5050", "The master, as host:port.")
            .with("command", "sleep 1", "What each copy runs in a shell.")
            .with("copies", "3", "How many copies.")
            .with("cpus", "0.1", "CPUs of each copy.")
            .with("mem", "32", "Memory of each copy, in MB.");
    if (List.of(args).contains("--help") || List.of(args).contains("-h")) {
      options.help("./meseta run-copies [options]", out::println);
      return 0;
    }
    options.parse(args);
    var master = options.text("master");
    var scheduler =
        new RunCopies(
            options.text("command"),
            options.count("copies", 1),
            options.number("cpus", 0.001),
            options.number("mem", 1),
            out);
    if (!options.problems().isEmpty()) {
      options.problems().forEach(err::println);
      err.println("See ./meseta run-copies --help");
      return 1;
    }
    var info =
        FrameworkInfo.newBuilder().setName("run-copies").setUser(System.getProperty("user.name"));
    try (var client = SchedulerClient.builder(master, info.build()).start(scheduler)) {
      client.awaitClosed();
    }
    return scheduler.failures == 0 ? 0 : 1;
  }

  public static void main(String[] args) {
    System.exit(run(args, System.out, System.err));
  }
}
