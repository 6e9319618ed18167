// SPDX-License-Identifier: Apache-2.0
package io.meseta.master.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meseta.master.core.view.AgentView;
import io.meseta.model.resources.Resources;
import io.meseta.testkit.Covers;
import io.meseta.testkit.Seeds;
import io.meseta.wire.internal.PongSlaveMessage;
import io.meseta.wire.internal.ReregisterSlaveMessage;
import io.meseta.wire.internal.RunTaskMessage;
import io.meseta.wire.v1.Filters;
import io.meseta.wire.v1.FrameworkInfo;
import io.meseta.wire.v1.Offer;
import io.meseta.wire.v1.Task;
import io.meseta.wire.v1.TaskState;
import io.meseta.wire.v1.scheduler.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random schedulers and agents: whatever happens, no resource is given twice or lost.
class InvariantsTest {
  private static final int AGENTS = 3;
  private static final String RESOURCES = "cpus:4;mem:1000;ports:[1-20]";

  private final class Play {
    final Random random;
    final Stage stage = new Stage();
    final Map<String, FrameworkInfo> streams = new LinkedHashMap<>();
    final Map<Integer, Map<String, Task>> running = new LinkedHashMap<>();
    final Map<Integer, Map<String, FrameworkInfo>> known = new LinkedHashMap<>();
    int sentSeen;
    int tasks;

    Play(Random random) {
      this.random = random;
      for (int port = 1; port <= AGENTS; port++) {
        running.put(port, new LinkedHashMap<>());
        known.put(port, new LinkedHashMap<>());
        stage.register(port, RESOURCES);
      }
    }

    void step() {
      switch (random.nextInt(14)) {
        case 0 -> subscribe();
        case 1, 2, 3, 4 -> answerOffer();
        case 5, 6 -> update();
        case 7 -> stage.pass(Duration.ofMillis(random.nextInt(8000)));
        case 8 -> pong();
        case 9 -> stage.feed(new MasterEvent.AgentExited(Stage.pid(port())));
        case 10 -> reregister(port());
        case 11 -> disconnect();
        case 12 -> kill();
        default -> acknowledge();
      }
      agentsListen();
      check();
    }

    int port() {
      return 1 + random.nextInt(AGENTS);
    }

    String anyStream() {
      var all = List.copyOf(streams.keySet());
      return all.isEmpty() ? "" : all.get(random.nextInt(all.size()));
    }

    void subscribe() {
      if (streams.size() < 4) {
        var info =
            (random.nextBoolean() ? Stage.PLAIN : Stage.AWARE)
                .toBuilder()
                    .setFailoverTimeout(random.nextInt(20))
                    .setCheckpoint(random.nextBoolean())
                    .build();
        streams.put(stage.subscribe(info), info);
      } else {
        var old = anyStream();
        var id = stage.frameworkId(old);
        if (stage.snapshot().frameworks().stream().anyMatch(f -> f.info().getId().equals(id))) {
          var info = streams.remove(old).toBuilder().setId(id).build();
          streams.put(stage.subscribe(info), info);
        } else {
          streams.remove(old);
        }
      }
    }

    void answerOffer() {
      var stream = anyStream();
      if (stream.isEmpty() || stage.offers(stream).isEmpty()) {
        return;
      }
      var offers = stage.offers(stream);
      var offer = offers.get(Math.max(0, offers.size() - 1 - random.nextInt(3)));
      if (random.nextBoolean()) {
        stage.launch(
            stream,
            offer,
            Stage.task("t" + tasks++, offer, "cpus:1;mem:" + (50 + random.nextInt(100))),
            Stage.task("t" + tasks++, offer, "cpus:0.5;mem:10;ports:[3-4]"));
      } else {
        stage.call(
            stream,
            Call.newBuilder()
                .setType(Call.Type.DECLINE)
                .setDecline(
                    Call.Decline.newBuilder()
                        .addOfferIds(offer.getId())
                        .setFilters(Filters.newBuilder().setRefuseSeconds(random.nextInt(6)))));
      }
    }

    /// Agents learn of their tasks from what they were sent.
    void agentsListen() {
      for (; sentSeen < stage.sent.size(); sentSeen++) {
        var send = stage.sent.get(sentSeen);
        if (send.message() instanceof RunTaskMessage run) {
          int port = send.to().port();
          known.get(port).put(run.getFramework().getId().getValue(), run.getFramework());
          running
              .get(port)
              .put(
                  run.getTask().getTaskId().getValue(),
                  Task.newBuilder()
                      .setName("t")
                      .setTaskId(run.getTask().getTaskId())
                      .setFrameworkId(run.getFramework().getId())
                      .setAgentId(run.getTask().getAgentId())
                      .setState(TaskState.TASK_STAGING)
                      .addAllResources(run.getTask().getResourcesList())
                      .build());
        }
      }
    }

    void update() {
      int port = port();
      var tasksHere = List.copyOf(running.get(port).values());
      if (!tasksHere.isEmpty()) {
        var task = tasksHere.get(random.nextInt(tasksHere.size()));
        var state = random.nextBoolean() ? TaskState.TASK_RUNNING : TaskState.TASK_FAILED;
        stage.say(
            port,
            stage.update(
                port,
                task.getFrameworkId(),
                task.getAgentId(),
                task.getTaskId().getValue(),
                state));
        if (state == TaskState.TASK_FAILED) {
          running.get(port).remove(task.getTaskId().getValue());
        }
      }
    }

    void pong() {
      for (int port = 1; port <= AGENTS; port++) {
        if (random.nextInt(4) > 0) {
          stage.say(port, PongSlaveMessage.getDefaultInstance());
        }
      }
    }

    void reregister(int port) {
      stage.say(
          port,
          ReregisterSlaveMessage.newBuilder()
              .setSlave(
                  Stage.agentInfo(port, RESOURCES).toBuilder()
                      .setId(io.meseta.wire.v1.AgentID.newBuilder().setValue("m1-S" + (port - 1))))
              .setVersion("1.12.0")
              .addAllAgentCapabilities(Stage.capabilities())
              .addAllFrameworks(known.get(port).values())
              .addAllTasks(running.get(port).values())
              .build());
    }

    void disconnect() {
      var stream = anyStream();
      if (!stream.isEmpty()) {
        stage.feed(new MasterEvent.StreamClosed(stream));
      }
    }

    void kill() {
      var stream = anyStream();
      if (!stream.isEmpty() && random.nextInt(10) == 0) {
        stage.call(stream, Call.newBuilder().setType(Call.Type.TEARDOWN));
      }
    }

    void acknowledge() {
      var stream = anyStream();
      if (!stream.isEmpty() && !stage.updates(stream).isEmpty()) {
        var status = stage.lastUpdate(stream);
        if (status.hasUuid()) {
          stage.acknowledge(stream, status);
        }
      }
    }

    void check() {
      var snapshot = stage.snapshot();
      for (AgentView agent : snapshot.agents()) {
        var held = Resources.sum(List.of(agent.usedTotal(), agent.offeredTotal())).unallocate();
        assertThat(agent.total().contains(held))
            .as("%s holds %s of %s", agent.id(), held, agent.total())
            .isTrue();
        assertThat(snapshot.unreachable()).doesNotContainKey(agent.id());
        if (!agent.connected()) {
          assertThat(agent.offered()).isEmpty();
        }
        assertThat(stage.core.freeOf(agent.id())).isEqualTo(agent.total().minus(held));
      }
      for (var framework : snapshot.frameworks()) {
        if (!framework.connected()) {
          assertThat(framework.offers()).isEmpty();
        }
        for (Offer offer : framework.offers()) {
          assertThat(snapshot.agents())
              .anyMatch(agent -> agent.info().getId().equals(offer.getAgentId()));
        }
      }
    }

    /// Everybody comes back and answers; in the end all agents are whole again.
    void heal() {
      streams.keySet().forEach(s -> stage.feed(new MasterEvent.StreamClosed(s)));
      stage.pass(Duration.ofSeconds(30));
      for (int port = 1; port <= AGENTS; port++) {
        running.get(port).clear();
        reregister(port);
      }
      var info = Stage.PLAIN;
      var stream = stage.subscribe(info);
      stage.pass(Duration.ofSeconds(2));
      var offered = new ArrayList<Resources>();
      stage.snapshot().agents().forEach(agent -> offered.add(agent.offeredTotal()));
      assertThat(offered).hasSize(AGENTS);
      assertThat(offered)
          .allSatisfy(resources -> assertThat(resources.unallocate().cpus()).isEqualTo(4.0));
      assertThat(stage.offers(stream)).isNotEmpty();
    }
  }

  @Test
  @Covers({"A04", "M01", "M03", "M04", "S08", "S17"})
  void resourcesAreConserved() {
    Seeds.forAll(
        60,
        random -> {
          var play = new Play(random);
          for (int i = 0; i < 250; i++) {
            play.step();
          }
          play.heal();
        });
  }
}
