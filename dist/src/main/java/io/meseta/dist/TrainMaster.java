// SPDX-License-Identifier: Apache-2.0
package io.meseta.dist;

import io.meseta.emulate.Fleet;
import io.meseta.emulate.Pasts;
import io.meseta.emulate.Profile;
import io.meseta.libprocess.LocalNetwork;
import io.meseta.master.server.MasterFlags;
import io.meseta.master.server.MasterServer;
import io.meseta.wire.Upid;
import io.meseta.wire.internal.Archive;
import io.meseta.wire.v1.AgentID;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A master that takes over a cluster and shows all of it, so that a master that was just elected
/// finds its hottest methods profiled.
final class TrainMaster {
  private static final int AGENTS = 300;
  private static final int TASKS = 20;
  private static final int LABELS = 3;
  private static final int ROUNDS = 4;

  private TrainMaster() {}

  static void run(HttpClient http) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      var network = new LocalNetwork();
      var flags =
          MasterFlags.parse(
              List.of("--ip=127.0.0.1", "--port=0", "--registry=in_memory"), Map.of());
      var nothing = Duration.ZERO;
      var profile = Profile.of("cpus:20;mem:10240", nothing, nothing, nothing);
      try (var master = MasterServer.start(flags, network);
          var fleet = Fleet.local(profile, AGENTS, network, 1)) {
        for (int i = 0; i < AGENTS; i++) {
          past(fleet, i);
        }
        fleet.connect(new Upid("master", "127.0.0.1", master.port()));
        fleet.awaitRegistered(30);
        var base = "http://127.0.0.1:" + master.port();
        for (int i = 0; i < ROUNDS; i++) {
          fleet.finish(AGENTS);
          fleet.settle();
          read(http, HttpRequest.newBuilder(URI.create(base + "/state")));
          for (var type : List.of("application/json", "application/x-protobuf")) {
            read(
                http,
                HttpRequest.newBuilder(URI.create(base + "/api/v1"))
                    .header("Content-Type", "application/json")
                    .header("Accept", type)
                    .POST(HttpRequest.BodyPublishers.ofString("{\"type\":\"GET_STATE\"}")));
          }
        }
      }
    }
  }

  private static void read(HttpClient http, HttpRequest.Builder request) throws Exception {
    var unused = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static void past(Fleet fleet, int index) {
    var agent = AgentID.newBuilder().setValue("agent" + index).build();
    var owner = Pasts.framework("a");
    var ended = Pasts.framework("b");
    var running = new ArrayList<Task>();
    var archive = Archive.Framework.newBuilder().setFrameworkInfo(ended);
    for (int i = 0; i < TASKS; i++) {
      var name = index + "-" + i;
      running.add(Pasts.task(name, agent, owner.getId(), TaskState.TASK_RUNNING, LABELS));
      archive.addTasks(Pasts.task(name, agent, ended.getId(), TaskState.TASK_FINISHED, LABELS));
    }
    fleet.past(index, agent, List.of(owner), running, List.of(archive.build()));
  }
}
