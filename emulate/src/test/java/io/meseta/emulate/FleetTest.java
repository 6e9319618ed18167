// SPDX-License-Identifier: Apache-2.0
package io.meseta.emulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.libprocess.LocalNetwork;
import io.meseta.master.server.MasterFlags;
import io.meseta.master.server.MasterServer;
import io.meseta.sdk.Calls;
import io.meseta.sdk.Scheduler;
import io.meseta.sdk.SchedulerClient;
import io.meseta.wire.Upid;
import io.meseta.wire.v1.CommandInfo;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Resource;
import io.meseta.wire.v1.TaskID;
import io.meseta.wire.v1.TaskInfo;
import io.meseta.wire.v1.TaskStatus;
import io.meseta.wire.v1.Value;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FleetTest {
  private static final Profile SHORT =
      Profile.of("cpus:2;mem:1024", Duration.ofMillis(50), Duration.ZERO, Duration.ZERO);
  private static final Profile ENDLESS =
      Profile.of("cpus:2;mem:1024", Duration.ZERO, Duration.ZERO, Duration.ZERO);

  private static MasterFlags flags() throws Exception {
    return MasterFlags.parse(
        List.of("--ip=127.0.0.1", "--port=0", "--registry=in_memory", "--no-hostname_lookup"),
        Map.of());
  }

  private static Upid upid(MasterServer master) {
    return new Upid("master", "127.0.0.1", master.port());
  }

  private static String get(MasterServer master, String path)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void registersInsideTheProcess() throws Exception {
    var network = new LocalNetwork();
    try (var master = MasterServer.start(flags(), network);
        var fleet = Fleet.local(SHORT, 50, network, 1)) {
      fleet.connect(upid(master));
      fleet.awaitRegistered(20);
      assertThat(get(master, "/metrics/snapshot")).contains("\"master/slaves_active\":50");
    }
  }

  @Test
  void registersOverSockets() throws Exception {
    try (var master = MasterServer.start(flags());
        var fleet = Fleet.sockets(SHORT, 5, "127.0.0.1", 1)) {
      fleet.connect(upid(master));
      fleet.awaitRegistered(20);
      assertThat(get(master, "/metrics/snapshot")).contains("\"master/slaves_active\":5");
    }
  }

  @Test
  void tasksRunAndFinish() throws Exception {
    var network = new LocalNetwork();
    try (var master = MasterServer.start(flags(), network);
        var fleet = Fleet.local(SHORT, 3, network, 1);
        var framework = new OneTask(master)) {
      fleet.connect(upid(master));
      assertThat(framework.next()).isEqualTo("TASK_RUNNING");
      assertThat(framework.next()).isEqualTo("TASK_FINISHED");
      assertThat(fleet.launchCount()).isEqualTo(1);
      assertThat(fleet.runningCount()).isZero();
    }
  }

  @Test
  void tasksAreKilledAndOthersToldToTheNextMaster() throws Exception {
    var network = new LocalNetwork();
    try (var fleet = Fleet.local(ENDLESS, 1, network, 1)) {
      try (var master = MasterServer.start(flags(), network);
          var framework = new OneTask(master)) {
        fleet.connect(upid(master));
        assertThat(framework.next()).isEqualTo("TASK_RUNNING");
        try (var second = MasterServer.start(flags(), network)) {
          fleet.connect(upid(second));
          fleet.awaitRegistered(20);
          assertThat(get(second, "/tasks")).contains("\"state\":\"TASK_RUNNING\"");
        }
        fleet.connect(upid(master));
        fleet.awaitRegistered(20);
        framework.kill();
        assertThat(framework.next()).isEqualTo("TASK_KILLED");
      }
    }
  }

  /// A framework with one task.
  private static final class OneTask implements Scheduler, AutoCloseable {
    private final LinkedBlockingQueue<String> states = new LinkedBlockingQueue<>();
    private final SchedulerClient client;
    private boolean launched;

    OneTask(MasterServer master) {
      client =
          SchedulerClient.builder(
                  "127.0.0.1:" + master.port(),
                  FrameworkInfo.newBuilder().setName("one").setUser("nobody").build())
              .start(this);
    }

    String next() throws InterruptedException {
      return String.valueOf(states.poll(20, TimeUnit.SECONDS));
    }

    void kill() {
      client.send(Calls.kill(TaskID.newBuilder().setValue("t").build()));
    }

    @Override
    public void offers(SchedulerClient from, List<Offer> offers) {
      if (launched) {
        return;
      }
      launched = true;
      client.send(
          Calls.launch(
              offers.getFirst(),
              List.of(
                  TaskInfo.newBuilder()
                      .setName("t")
                      .setTaskId(TaskID.newBuilder().setValue("t"))
                      .setAgentId(offers.getFirst().getAgentId())
                      .addResources(
                          Resource.newBuilder()
                              .setName("cpus")
                              .setType(Value.Type.SCALAR)
                              .setScalar(Value.Scalar.newBuilder().setValue(1)))
                      .setCommand(CommandInfo.newBuilder().setValue("true"))
                      .build())));
    }

    @Override
    public void update(SchedulerClient from, TaskStatus status) {
      states.add(status.getState().name());
    }

    @Override
    public void close() {
      client.teardown();
    }
  }
}
