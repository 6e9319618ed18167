// SPDX-License-Identifier: Apache-2.0
package io.meseta.bench;

import io.meseta.emulate.Fleet;
import io.meseta.emulate.Pasts;
import io.meseta.emulate.Profile;
import io.meseta.libprocess.LocalNetwork;
import io.meseta.master.server.MasterFlags;
import io.meseta.master.server.MasterServer;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.Archive;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.FrameworkID;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/// A real master, with its HTTP and its loop, and emulated agents whose messages are encoded and
/// parsed as ever but touch no socket. Generators as in the original's master_benchmarks.cpp.
final class Emulated implements AutoCloseable {
  static final String BIG = "cpus:20;mem:10240";

  final MasterServer master;
  Fleet fleet;

  /// @param sockets whether every agent has a port and a connection of its own
  Emulated(int agents, Profile profile, boolean sockets) throws Exception {
    var network = new LocalNetwork();
    var flags =
        MasterFlags.parse(
            List.of(
                "--ip=127.0.0.1",
                "--port=0",
                "--registry=in_memory",
                "--no-hostname_lookup",
                "--max_queued_events=1000000",
                "--max_completed_tasks_per_framework=100000"),
            Map.of());
    master = sockets ? MasterServer.start(flags) : MasterServer.start(flags, network);
    fleet =
        sockets
            ? Fleet.sockets(profile, agents, "127.0.0.1", 1)
            : Fleet.local(profile, agents, network, 1);
  }

  static Profile still(String resources) {
    return Profile.of(resources, Duration.ZERO, Duration.ZERO, Duration.ZERO);
  }

  String address() {
    return "127.0.0.1:" + master.port();
  }

  int port() {
    return master.port();
  }

  /// Everybody registers; how long that took in seconds.
  double register() throws Exception {
    long begin = System.nanoTime();
    fleet.connect(new Upid("master", "127.0.0.1", master.port()));
    fleet.awaitRegistered(600);
    return (System.nanoTime() - begin) / 1e9;
  }

  /// Gives every agent a past: frameworks with running tasks, and such as have ended.
  void pasts(int frameworks, int tasks, int ended, int endedTasks) throws InterruptedException {
    var random = new SplittableRandom(7);
    for (int i = 0; i < fleet.size(); i++) {
      var agent = AgentID.newBuilder().setValue("agent" + i).build();
      var owners = new ArrayList<FrameworkInfo>();
      var running = new ArrayList<Task>();
      var completed = new ArrayList<Archive.Framework>();
      int id = 0;
      for (; id < frameworks; id++) {
        var framework = Pasts.framework("framework" + id);
        owners.add(framework);
        for (int j = 0; j < tasks; j++) {
          running.add(task(random, agent, framework.getId(), TaskState.TASK_RUNNING));
        }
      }
      for (; id < frameworks + ended; id++) {
        var framework = Pasts.framework("framework" + id);
        var archive = Archive.Framework.newBuilder().setFrameworkInfo(framework);
        for (int j = 0; j < endedTasks; j++) {
          archive.addTasks(task(random, agent, framework.getId(), TaskState.TASK_FINISHED));
        }
        completed.add(archive.build());
      }
      fleet.past(i, agent, owners, running, completed);
    }
    fleet.settle();
  }

  private static Task task(
      SplittableRandom random, AgentID agent, FrameworkID framework, TaskState state) {
    var id = new UUID(random.nextLong(), random.nextLong()).toString();
    return Pasts.task(id, agent, framework, state, 10);
  }

  /// The agents are gone, with their memory; the master waits for them.
  void withoutFleet() throws Exception {
    fleet.close();
    fleet = Fleet.local(still(BIG), 0, new LocalNetwork(), 1);
  }

  @Override
  public void close() {
    fleet.close();
    master.close();
  }
}
